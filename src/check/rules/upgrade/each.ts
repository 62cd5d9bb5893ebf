import { propertyOf } from '../../corefile/statement.ts';
import type { BlockView, CorefileView, ForwardView } from '../../corefile/view.ts';
import type { Treatment } from '../../finding.ts';

/** A block of an example. */
export const block = (lines: string) => `. {\n${lines}  forward . 192.0.2.53\n}\n`;
export const plain = '. {\n  whoami\n}\n';

export function eachBlock({ blocks }: CorefileView, treats: (block: BlockView) => readonly Treatment[]): Treatment[] {
  return blocks.flatMap(treats);
}

export function eachForward(
  { blocks }: CorefileView,
  treats: (forward: ForwardView, block: BlockView) => readonly Treatment[],
): Treatment[] {
  return blocks.flatMap((one) => one.forwards.flatMap((forward) => treats(forward, one)));
}

export function eachStale(
  view: CorefileView,
  words: (mode: 'immediate' | 'verify') => string | undefined,
): Treatment[] {
  return eachBlock(view, ({ cache }) => {
    const at = propertyOf(cache?.statement, 'serve_stale')?.name;
    const stale = cache?.options.stale;
    const text = stale === undefined ? undefined : words(stale.mode);
    return at === undefined || text === undefined ? [] : [{ at, words: text }];
  });
}
