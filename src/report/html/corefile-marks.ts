import { parseCorefile, type ServerBlock } from '../../coredns/corefile/parser.ts';
import { cacheRecord } from '../../coredns/plugins/cache/records.ts';
import { attemptRecord, healthRecord } from '../../coredns/plugins/forward/records.ts';
import { coreDnsPlugin, coreDnsRequest } from '../../coredns/records.ts';
import type { TraceId } from '../../engine/recorder.ts';
import type { Micros } from '../../engine/time.ts';
import type { FinishedRun } from '../../study/run.ts';
import { corefilesOf, corefilesRead } from '../../trace/quote.ts';
import { packSteps } from './packing.ts';
import type { CorefileData } from './page-data.ts';

/** Something that a line of a Corefile did. */
interface Act {
  readonly process: string;
  readonly t: Micros;
  readonly place: string;
  readonly what: string;
}

/** How a mark reads after a number, where its code does not. */
const markWords: ReadonlyMap<string, string> = new Map([
  ['request', 'queries'],
  ['hit', 'hits'],
  ['miss', 'misses'],
  ['error', 'errors'],
  ['probe', 'probes'],
]);

/** More instants than this are thinned out. */
const mostTimes = 2000;

/** The Corefiles that CoreDNS ran with, and how often which line of them acted. */
export function markedCorefiles(run: FinishedRun): CorefileData[] {
  const files = filesOf(run);
  const acts = actsOf(run);
  return files.map(({ file, text, readings }) => {
    const counted = new Map<string, { readonly line: number; readonly what: string; readonly times: Micros[] }>();
    const prefix = `${file}:`;
    for (const { process, t, place, what } of acts) {
      if (!place.startsWith(prefix) || !readings.some((reading) => wasReadBy(process, t, reading))) continue;
      const key = `${place} ${what}`;
      const line = Number(place.slice(file.length + 1));
      const known = counted.get(key);
      if (known === undefined) counted.set(key, { line, what, times: [t] });
      else known.times.push(t);
    }
    const acted = [...counted.values()].sort((a, b) => a.line - b.line || (a.what < b.what ? -1 : 1));
    return {
      file: file.slice(file.lastIndexOf('/') + 1),
      readBy: readings.map(({ process, from, until }) => ({
        process,
        from,
        until: Number.isFinite(until) ? until : null,
      })),
      lines: text.trimEnd().split(/\r?\n/),
      acted: acted.map(({ line, what: code, times }) => {
        const what = markWords.get(code) ?? code.replaceAll('-', ' ');
        const every = Math.ceil(times.length / mostTimes);
        const kept = times.filter((_, index) => index % every === 0);
        return { line, what, total: times.length, every, times: packSteps(kept) };
      }),
    };
  });
}

interface Reading {
  readonly process: string;
  readonly from: Micros;
  until: Micros;
}

interface File {
  readonly file: string;
  readonly text: string;
  readonly readings: Reading[];
}

function wasReadBy(process: string, t: Micros, reading: Reading): boolean {
  return reading.process === process && t >= reading.from && t < reading.until;
}

/** One for all processes that read the same text, whenever. */
function filesOf({ world, store }: FinishedRun): File[] {
  const files: File[] = [];
  const current = new Map<string, { readonly text: string; readonly reading: Reading }>();
  for (const { process, from, text } of corefilesRead(world, store)) {
    const before = current.get(process);
    if (before?.text === text) continue;
    if (before !== undefined) before.reading.until = from;
    const file = corefilesOf(world).find(({ name }) => name === process)?.corefile.file ?? 'Corefile';
    const known = files.find((one) => one.text === text && one.file === file);
    const same = known ?? { file, text, readings: [] };
    if (known === undefined) files.push(same);
    const reading = { process, from, until: Number.POSITIVE_INFINITY };
    same.readings.push(reading);
    current.set(process, { text, reading });
  }
  return files;
}

function* rowsThatAct(run: FinishedRun): Generator<Act & { readonly directive: string; readonly trace: TraceId }> {
  const { store } = run;
  for (const { at, t, trace, place, cause, plugin, result } of store.rows(coreDnsPlugin)) {
    yield { process: at, t, trace, place, directive: plugin, what: result === '' ? cause : result };
  }
  for (const { at, t, trace, outcome, place } of store.rows(cacheRecord)) {
    if (outcome === 'stored' && place !== '') yield { process: at, t, trace, place, directive: '', what: 'set a TTL' };
    yield { process: at, t, trace, place: '', directive: 'cache', what: outcome };
  }
  for (const { at, t, trace, outcome } of store.rows(attemptRecord)) {
    yield { process: at, t, trace, place: '', directive: 'forward', what: outcome };
  }
  for (const { at, t, trace, state } of store.rows(healthRecord)) {
    if (state !== 'probing') yield { process: at, t, trace, place: '', directive: 'forward', what: 'probe' };
  }
}

function actsOf(run: FinishedRun): Act[] {
  const acts: Act[] = [];
  const blockOf = new Map<TraceId, string>();
  for (const { at, t, trace, place } of run.store.rows(coreDnsRequest)) {
    if (place === '') continue;
    blockOf.set(trace, place);
    acts.push({ process: at, t, place, what: 'request' });
  }
  const blocks = new Map<string, readonly ServerBlock[]>();
  for (const { process, text } of corefilesRead(run.world, run.store))
    blocks.set(process, blocksOf(run, process, text));
  for (const { directive, trace, ...act } of rowsThatAct(run)) {
    const own = blocks.get(act.process) ?? [];
    const place = act.place === '' ? lineOf(directive, own, blockOf.get(trace)) : act.place;
    if (place !== '') acts.push({ ...act, place });
  }
  return acts.sort((a, b) => a.t - b.t);
}

function blocksOf({ world }: FinishedRun, process: string, text: string): readonly ServerBlock[] {
  const description = corefilesOf(world).find(({ name }) => name === process);
  const { files = {}, environment = {}, corefile } = description ?? {};
  const directory = { read: (path: string) => files[path.replace(/^\.\//, '')], names: () => Object.keys(files) };
  const source = { file: corefile?.file ?? '', text };
  return parseCorefile(source, { directives: undefined, files: directory, environment }, []).blocks;
}

/** Where a directive stands in the block that took a query; with no query, in the first block that has it. */
function lineOf(directive: string, blocks: readonly ServerBlock[], key: string | undefined): string {
  const block = blocks.find(({ keys, directives }) => {
    return directives.has(directive) && (key === undefined || keys.some((word) => `${word.file}:${word.line}` === key));
  });
  const [word] = block?.directives.get(directive) ?? [];
  return word === undefined ? '' : `${word.file}:${word.line}`;
}
