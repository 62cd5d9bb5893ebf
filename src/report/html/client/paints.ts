import type { Run } from './run.ts';

/** The look of an outcome: a class of the style sheet, and whether it is hatched. */
export interface Paint {
  readonly fill: string;
  readonly hatched: boolean;
}

/** As many answers have a colour each; where there are more, all right ones look alike. */
const colours = 6;

/** A look for each outcome: a colour for each answer, hatched where it was stale; failures have their own. */
export function paintsOf(run: Run): Paint[] {
  const { outcomes } = run.data;
  const answers = [...new Set(outcomes.flatMap(({ verdict, text }) => (verdict === 'failed' ? [] : [text])))];
  const few = answers.length <= colours;
  return outcomes.map(({ verdict, text }) => {
    if (verdict === 'failed') return { fill: 'failed', hatched: false };
    const hatched = verdict === 'stale';
    return { fill: few ? `answer${answers.indexOf(text)}` : hatched ? 'answer0' : 'answer1', hatched };
  });
}

/** What the looks mean, each once. */
export function legendOf(run: Run): { readonly paint: Paint; readonly text: string }[] {
  const paints = paintsOf(run);
  const seen = new Map<string, { paint: Paint; text: string }>();
  for (const [index, { verdict, text }] of run.data.outcomes.entries()) {
    const paint = paints[index];
    if (paint === undefined) continue;
    const key = `${paint.fill} ${paint.hatched}`;
    const answer = inShort(text);
    const words = { right: answer, stale: `${answer}, no longer true`, failed: `failed (${text})` }[verdict];
    const known = seen.get(key);
    if (known === undefined) seen.set(key, { paint, text: words });
    else if (verdict === 'failed') seen.set(key, { paint, text: 'failed' });
    else seen.set(key, { paint, text: verdict === 'stale' ? 'an answer no longer true' : 'a right answer' });
  }
  return [...seen.values()];
}

/** Of many addresses the first ones: `10.0.0.1, 10.0.0.2 and 38 more`. */
function inShort(addresses: string): string {
  const all = addresses.split(', ');
  const shown = 2;
  return all.length <= shown + 1 ? addresses : `${all.slice(0, shown).join(', ')} and ${all.length - shown} more`;
}
