import { type Micros, millisecond, second } from '../engine/time.ts';
import type { NamedLookup, Story } from '../study/explain.ts';
import type { FinishedRun } from '../study/run.ts';
import type { AccountStep, Evidence } from '../trace/account/account.ts';
import { counted, inSeconds, instant, listed } from '../trace/words.ts';
import { coloured, columns, hanging, plain, type Style, type Styler, wrap } from './terminal.ts';

/** Why lookups came out as they did, for a terminal of 80 columns. */
export function explainText(
  run: FinishedRun,
  stories: readonly Story[],
  { colour }: { readonly colour: boolean },
): string {
  const style = colour ? coloured : plain;
  const blocks = [head(run, style), ...stories.map((story) => storyLines(story, style))];
  if (stories.length === 0) blocks.push(['No lookup of the run is of that kind.']);
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function head({ scenario, world, analysis, version }: FinishedRun, style: Styler): string[] {
  const lookups = analysis.workloads.flatMap((workload) => workload.lookups);
  const facts = `${counted(lookups.length, 'lookup')} in ${inSeconds(analysis.until)}, seed ${world.seed}, dnspath ${version}`;
  return [style('bold', scenario.name), ...wrap(scenario.definition.title, columns), style('dim', facts)];
}

function storyLines(story: Story, style: Styler): string[] {
  const { account, lookups } = story;
  const shown = account.steps.filter(isShown);
  const earlier = shown.filter((step) => step.earlier);
  const own = shown.filter((step) => !step.earlier);
  return [
    ...heading(story)
      .flatMap((text) => hanging('', text))
      .map((line) => style('bold', line)),
    ...(lookups.length > 1 ? [`Told by the first, ${account.lookup.workload}'s:`] : []),
    ...(earlier.length === 0
      ? []
      : ['', 'What had filled the caches on its way:', ...stepLines(earlier, instant, style)]),
    '',
    `${account.outcome}.`,
    ...stepLines(own, (t) => since(t - account.lookup.start), style),
    '',
    ...hanging('Why: ', account.conclusion, `${style('bold', 'Why:')} `),
  ];
}

function heading({ kind, cause, lookups }: Story): string[] {
  const [first] = lookups;
  const last = lookups.at(-1);
  if (first === undefined || last === undefined) return [];
  if (kind === 'asked' || kind === 'slow') return [`${first.id}: ${first.lookup.verdict}, ${cause}`];
  const verb = kind === 'failed' ? 'failed' : 'got an old answer';
  const when =
    lookups.length === 1
      ? `at ${instant(first.lookup.start)}`
      : `from ${instant(first.lookup.start)} to ${instant(last.lookup.start)}`;
  return [`${counted(lookups.length, 'lookup')} ${verb} (${cause}), ${when}: ${whose(lookups)}`];
}

/** `32 of app-redis (from app-redis/60) and 31 of batch-redis (from batch-redis/60)`. */
function whose(lookups: readonly NamedLookup[]): string {
  const first = new Map<string, string>();
  const counts = new Map<string, number>();
  for (const { id, lookup } of lookups) {
    if (!first.has(lookup.workload)) first.set(lookup.workload, id);
    counts.set(lookup.workload, (counts.get(lookup.workload) ?? 0) + 1);
  }
  return listed(
    [...first].map(([workload, id]) => {
      const count = counts.get(workload) ?? 0;
      return count === 1 ? id : `${count} from ${id} on`;
    }),
  );
}

/** Of questions beside the point only what the resolver made of them. */
function isShown({ aside, layer, tone }: AccountStep): boolean {
  return !aside || (layer === 'resolver' && tone !== 'plain');
}

const timeWidth = 10;
const mostForPlace = 14;

function stepLines(steps: readonly AccountStep[], clock: (t: Micros) => string, style: Styler): string[] {
  const placeWidth = Math.min(mostForPlace, Math.max(...steps.map(({ at }) => at.length)));
  let time = '';
  let place = '';
  return steps.flatMap((step) => {
    const [now, here] = [clock(step.t), step.at];
    const lead = `${(now === time ? '' : now).padStart(timeWidth)}  ${(here === place ? '' : here).padEnd(placeWidth)}  `;
    [time, place] = [now, here];
    const tone = tones[step.tone];
    const [first = '', ...rest] = hanging(lead, step.text);
    const text =
      tone === undefined
        ? [first, ...rest]
        : [lead + style(tone, first.slice(lead.length)), ...rest.map((line) => style(tone, line))];
    return [...text, ...step.evidence.flatMap((one) => evidenceLines(one, step, style))];
  });
}

const tones: Readonly<Partial<Record<AccountStep['tone'], Style>>> = { bad: 'red', good: 'green', wait: 'yellow' };

/** What a person would want to see himself; a cache entry is told in the sentence, and a kernel's packets too. */
function evidenceLines(evidence: Evidence, { layer }: AccountStep, style: Styler): string[] {
  const lead = ' '.repeat(timeWidth + 4);
  const print = (what: string, text: string) => hanging(`${lead}${what}  `, text).map((line) => style('dim', line));
  switch (evidence.kind) {
    case 'packet':
      return layer === 'kernel' ? [] : print('tcpdump', evidence.line);
    case 'rule':
      return print('iptables', `${evidence.table === '' ? '' : `-t ${evidence.table} `}${evidence.line}`);
    case 'conntrack':
      return print('conntrack', evidence.line.replace(/ mark=0 use=1$/, ''));
    case 'line':
      return print(`${evidence.file.slice(evidence.file.lastIndexOf('/') + 1)}:${evidence.line}`, evidence.text);
    case 'cache-entry':
      return [];
  }
}

/** `+0.03 ms`, `+5.00 s`. */
function since(span: Micros): string {
  return span >= second ? `+${(span / second).toFixed(2)} s` : `+${(span / millisecond).toFixed(2)} ms`;
}
