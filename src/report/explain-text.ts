import { type Micros, millisecond, second } from '../engine/time.ts';
import type { NamedLookup, Story } from '../study/explain.ts';
import type { FinishedRun } from '../study/run.ts';
import type { AccountStep, Evidence } from '../trace/account/account.ts';
import { counted, instant, listed } from '../trace/words.ts';
import { adviceOn } from './advice.ts';
import { foldRepeats } from './repeats.ts';
import { runHead } from './run-head.ts';
import { coloured, cut, hanging, inBlocks, plain, type Style, type Styler } from './terminal.ts';

/** Why lookups came out as they did, for a terminal of 80 columns. */
export function explainText(
  run: FinishedRun,
  stories: readonly Story[],
  { colour }: { readonly colour: boolean },
): string {
  const style = colour ? coloured : plain;
  const blocks = [runHead(run, style), ...stories.map((story) => storyLines(story, style))];
  if (stories.length === 0) blocks.push(['No lookup of the run is of that kind.']);
  return inBlocks(blocks);
}

function storyLines(story: Story, style: Styler): string[] {
  const { account, lookups } = story;
  const shown = account.steps.filter(isShown);
  const earlier = shown.filter((step) => step.earlier);
  const own = shown.filter((step) => !step.earlier);
  const { start } = account.lookup;
  const told = lookups.length > 1 ? [`Told by ${story.told === lookups[0] ? 'the first, ' : ''}${story.told.id}:`] : [];
  return [
    ...hanging('', headingOf(story)).map((line) => style('bold', line)),
    ...told,
    '',
    ...(earlier.length === 0
      ? []
      : ['What had filled the caches on its way:', ...stepLines(earlier, exactly, style), '']),
    ...hanging('', `${account.outcome}:`),
    ...stepLines(own, (t) => sinceStart(t - start), style),
    '',
    ...hanging('Why: ', account.conclusion, `${style('bold', 'Why:')} `),
    ...helpLines(story, style),
  ];
}

/** What to do about it: of that cause, in any cluster. */
function helpLines({ why, account }: Story, style: Styler): string[] {
  if (account.lookup.verdict === 'right') return [];
  const lead = 'What helps: ';
  return adviceOn([why]).flatMap((text, i) =>
    i === 0 ? hanging(lead, text, `${style('bold', lead.trimEnd())} `) : hanging(' '.repeat(lead.length), text),
  );
}

function headingOf({ kind, cause: code, lookups, why }: Story): string {
  const [first] = lookups;
  const last = lookups.at(-1);
  const cause = why.holders[0]?.expired === true ? `${code}, after its time` : code;
  if (first === undefined || last === undefined) return '';
  if (kind === 'asked' || kind === 'slow') {
    const { verdict } = first.lookup;
    return `${first.id} ${verdicts[verdict]}${verdict === 'right' ? '' : ` (${cause})`}`;
  }
  if (kind === 'unexpected') return `${first.id} was answered, though not as the scenario expects`;
  if (lookups.length === 1) return `${first.id} ${verdicts[kind]} (${cause}) at ${instant(first.lookup.start)}`;
  const count = counted(lookups.length, 'lookup');
  const [from, to] = [instant(first.lookup.start), instant(last.lookup.start)];
  const when = from === to ? ` at ${from}` : `, ${from} to ${to}`;
  return `${count} ${verdicts[kind]} (${cause})${when}: ${whose(lookups)}`;
}

const verdicts = { failed: 'failed', stale: 'got an old answer', right: 'was answered' } as const;

/** `32 of app-redis and 31 of batch-redis` */
function whose(lookups: readonly NamedLookup[]): string {
  const counts = new Map<string, number>();
  for (const { lookup } of lookups) counts.set(lookup.workload, (counts.get(lookup.workload) ?? 0) + 1);
  if (counts.size === 1) return [...counts.keys()].join('');
  return listed([...counts].map(([workload, count]) => `${count} of ${workload}`));
}

/** Of questions beside the point only what the resolver made of them. */
function isShown({ aside, layer, tone }: AccountStep): boolean {
  return !aside || (layer === 'resolver' && tone !== 'plain') || (layer === 'kernel' && tone === 'bad');
}

const timeWidth = 10;
const mostForPlace = 16;

function stepLines(steps: readonly AccountStep[], clock: (t: Micros) => string, style: Styler): string[] {
  const placeWidth = Math.min(mostForPlace, Math.max(...steps.map(({ at }) => at.length)));
  const shown = new Set<string>();
  let time = '';
  let place = '';
  return foldRepeats(steps).flatMap((told) => {
    const step = told.kind === 'step' ? told.step : againStep(told);
    const [now, here] = [clock(step.t), step.at];
    const moment = (now === time ? '' : now).padStart(timeWidth);
    const lead = `${moment}  ${(here === place ? '' : cut(here, mostForPlace)).padEnd(placeWidth)}  `;
    [time, place] = [now, here];
    const tone = tones[step.tone];
    const text = hanging(lead, step.text).map((line) => {
      return tone === undefined ? line : line.slice(0, lead.length) + style(tone, line.slice(lead.length));
    });
    // What was shown once is not shown again: the same rule sends every query its way.
    const news = step.evidence.filter((one) => one.kind === 'packet' || !shown.has(keyOf(one)));
    for (const one of news) shown.add(keyOf(one));
    return [...text, ...news.flatMap((one) => evidenceLines(one, step, style))];
  });
}

function againStep({ first, steps }: { readonly first: AccountStep; readonly steps: number }): AccountStep {
  const text = `The same once more: ${steps} steps that go the same way to the same end.`;
  return { ...first, text, tone: 'plain', evidence: [] };
}

function keyOf(evidence: Evidence): string {
  switch (evidence.kind) {
    case 'line':
      return `${evidence.file}:${evidence.line}`;
    case 'cache-entry':
      return evidence.setting;
    default:
      return evidence.line;
  }
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
      // A rule of nft's says by itself which table it stands in.
      if (evidence.line.startsWith('rule ')) return print('nft', evidence.line);
      return print('iptables', `${evidence.table === '' ? '' : `-t ${evidence.table} `}${evidence.line}`);
    case 'conntrack':
      return print('conntrack', evidence.line.replace(/ mark=0 use=1$/, ''));
    case 'ipvs':
      return print('ipvsadm', evidence.line);
    case 'line':
      return print(`${evidence.file.slice(evidence.file.lastIndexOf('/') + 1)}:${evidence.line}`, evidence.text);
    case 'cache-entry':
      return [];
  }
}

/** `+0.03 ms`, `+5.002 s`. */
function sinceStart(span: Micros): string {
  return span >= second ? `+${(span / second).toFixed(3)} s` : `+${(span / millisecond).toFixed(2)} ms`;
}

/** `31.602 s` */
function exactly(t: Micros): string {
  return `${(t / second).toFixed(3)} s`;
}
