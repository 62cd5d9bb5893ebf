import type { AccountStep } from '../trace/account/account.ts';

/** Steps one by one, or so many that went the same way as those just before. */
export type Told =
  | { readonly kind: 'step'; readonly step: AccountStep }
  | { readonly kind: 'again'; readonly first: AccountStep; readonly steps: number };

/** Fewer steps than this are told again. */
const fewest = 3;

/** Steps with what repeats itself right away told once: another try, from another port, that goes the same way. */
export function foldRepeats(steps: readonly AccountStep[]): Told[] {
  const words = steps.map(wordsOf);
  const told: Told[] = [];
  for (let at = 0; at < steps.length; ) {
    const length = repeatEndingAt(words, at);
    const first = steps[at];
    if (first === undefined) break;
    if (length === 0) told.push({ kind: 'step', step: first });
    else told.push({ kind: 'again', first, steps: length });
    at += Math.max(1, length);
  }
  return told;
}

/** How many steps from `at` on are the same as as many before; 0: none. */
function repeatEndingAt(words: readonly string[], at: number): number {
  for (let length = Math.min(at, words.length - at); length >= fewest; length--) {
    const isSame = words.slice(at, at + length).every((word, index) => word === words[at - length + index]);
    if (isSame) return length;
  }
  return 0;
}

/** What a step says but for numbers, such as ports, and for that it is said once more. */
function wordsOf({ at, text }: AccountStep): string {
  return `${at}: ${text.replace(' once more', '').replace(/\d+(\.\d+)*/g, '#')}`;
}
