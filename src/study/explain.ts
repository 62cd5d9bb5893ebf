import { grouped } from '../engine/grouped.ts';
import { type Micros, second } from '../engine/time.ts';
import { didYouMean } from '../problem/suggestion.ts';
import { parseDuration } from '../scenario/duration.ts';
import { WallClock } from '../scenario/wall-clock.ts';
import type { Account } from '../trace/account/account.ts';
import type { Explanation } from '../trace/explanation.ts';
import type { JudgedLookup } from '../trace/lookup.ts';
import { inSeconds } from '../trace/words.ts';
import type { FinishedRun } from './run.ts';

/** Which lookups of a run are to be explained. Nothing asked for: those that failed or were stale, and those that were not as expected; else the slowest. */
export interface Selection {
  /** `WORKLOAD/NUMBER`, as timeline.csv numbers them; the number alone where there is one workload. */
  readonly lookups: readonly string[];
  /** Those of one workload only. */
  readonly workload: string | undefined;
  /** Those under way at an instant, of each workload: seconds of the run, `1m5s`, or a time of the incident's own clock. */
  readonly at: string | undefined;
  readonly failures: boolean;
  readonly stale: boolean;
  /** So many of the slowest. */
  readonly slowest: number;
}

/** Lookups that came to the same for the same cause, told by one of them: the first, or the first of those that most caches had held an old answer for. */
export interface Story {
  /** Why it is told: it failed, it was stale, it is not as the scenario expects, it is among the slowest, or it was asked for by name or time. */
  readonly kind: 'failed' | 'stale' | 'unexpected' | 'slow' | 'asked';
  readonly cause: string;
  /** In order of time. */
  readonly lookups: readonly NamedLookup[];
  /** The one that is told. */
  readonly told: NamedLookup;
  readonly account: Account;
  readonly why: Explanation;
}

export interface NamedLookup {
  /** `WORKLOAD/NUMBER` */
  readonly id: string;
  readonly lookup: JudgedLookup;
}

/** What a selection comes to. `mistakes`: a sentence each; there are no stories then. */
export interface Explained {
  readonly stories: readonly Story[];
  readonly mistakes: readonly string[];
}

/** Chooses lookups of a finished run and tells why each came out as it did. */
export function explain(run: FinishedRun, selection: Selection): Explained {
  const chooser = new Chooser(run, selection);
  const mistakes = chooser.mistakes;
  if (mistakes.length > 0) return { stories: [], mistakes };
  return { stories: chooser.stories(), mistakes };
}

class Chooser {
  readonly mistakes: string[] = [];
  readonly #run: FinishedRun;
  readonly #selection: Selection;
  /** Of the workloads that are asked about, in order of time. */
  readonly #all: readonly NamedLookup[];
  readonly #byName: readonly NamedLookup[];
  readonly #at: Micros | undefined;

  constructor(run: FinishedRun, selection: Selection) {
    this.#run = run;
    this.#selection = selection;
    this.#all = this.#workloads().flatMap(named).sort(byStart);
    this.#byName = selection.lookups.flatMap((id) => this.#lookup(id));
    this.#at = selection.at === undefined ? undefined : this.#instant(selection.at);
  }

  stories(): Story[] {
    const { failures, stale, slowest } = this.#selection;
    const asked = [...this.#byName, ...(this.#at === undefined ? [] : this.#underWay(this.#at))];
    const stories = [
      ...asked.map((one) => this.#story('asked', [one])),
      ...(failures ? this.#grouped('failed') : []),
      ...(stale ? this.#grouped('stale') : []),
      ...this.#slowest(slowest).map((one) => this.#story('slow', [one])),
    ];
    if (asked.length > 0 || failures || stale || slowest > 0) return stories;
    const wrong = [...this.#grouped('failed'), ...this.#grouped('stale'), ...this.#unexpected()];
    return wrong.length > 0 ? wrong : this.#slowest(1).map((one) => this.#story('slow', [one]));
  }

  #workloads() {
    const { workloads } = this.#run.analysis;
    const { workload: name } = this.#selection;
    if (name === undefined) return workloads;
    const found = workloads.filter(({ summary }) => summary.workload === name);
    if (found.length === 0) this.mistakes.push(this.#unknown('--workload', name));
    return found;
  }

  #instant(text: string): Micros | undefined {
    const { scenario, analysis } = this.#run;
    const clock = new WallClock(scenario.definition.start);
    const at = /^\d+(\.\d+)?$/.test(text) ? Number(text) * second : (parseDuration(text) ?? clock.timeOf(text));
    const [first = '', last = ''] = [0, analysis.until].map((t) => clock.timeOfDay(t).slice(0, 8));
    const range = `from 0 s to ${inSeconds(analysis.until)}${clock.isSet ? `, ${first} to ${last} on its own clock` : ''}`;
    if (at === undefined) {
      const own = clock.isSet ? `, or of its own clock, such as ${first}` : '';
      this.mistakes.push(`--at: ${text} is no time; give one of the run, such as 65.5s or 1m5s${own}`);
    } else if (at < 0 || at > analysis.until)
      this.mistakes.push(`--at: ${text} is not in the run, which goes ${range}`);
    return at;
  }

  #unknown(option: string, name: string): string {
    const known = this.#run.analysis.workloads.map(({ summary }) => summary.workload);
    return `${option}: there is no workload ${name}; ${didYouMean(name, known, 'workloads')}`;
  }

  /** The lookup of an id; a mistake where there is none. */
  #lookup(id: string): NamedLookup[] {
    const { workloads } = this.#run.analysis;
    const [, name, number = ''] = /^(?:(.*)\/)?(\d+)$/.exec(id) ?? [];
    if (number === '') {
      this.mistakes.push(`--lookup: ${id} is not a lookup; write WORKLOAD/NUMBER, as in timeline.csv`);
      return [];
    }
    const alone = workloads.length === 1 ? workloads[0]?.summary.workload : undefined;
    const workload = name ?? this.#selection.workload ?? alone;
    if (workload === undefined) {
      this.mistakes.push(`--lookup: ${id} may be a lookup of any workload; write WORKLOAD/${id}`);
      return [];
    }
    const own = workloads.find(({ summary }) => summary.workload === workload);
    if (own === undefined) {
      this.mistakes.push(this.#unknown('--lookup', workload));
      return [];
    }
    const lookup = own.lookups[Number(number)];
    if (lookup !== undefined) return [{ id: `${workload}/${Number(number)}`, lookup }];
    const last = own.lookups.length - 1;
    const range = last < 0 ? 'it has none' : `they are numbered from 0 to ${last}`;
    this.mistakes.push(`--lookup: ${workload} has no lookup ${number}; ${range}`);
    return [];
  }

  /** Of each workload the lookup under way, or else the last before, or else its first. */
  #underWay(at: Micros): NamedLookup[] {
    return this.#workloads().flatMap((workload) => {
      const own = named(workload).sort(byStart);
      const underWay = own.find(({ lookup }) => lookup.start <= at && at <= lookup.end);
      const nearest = underWay ?? own.findLast(({ lookup }) => lookup.start <= at) ?? own[0];
      return nearest === undefined ? [] : [nearest];
    });
  }

  #slowest(count: number): NamedLookup[] {
    const took = ({ lookup }: NamedLookup): Micros => lookup.end - lookup.start;
    return [...this.#all].sort((a, b) => took(b) - took(a)).slice(0, count);
  }

  /** Lookups without anything wrong with them, but for what the scenario expects. */
  #unexpected(): Story[] {
    const shown = new Set(
      this.#run.expectations.flatMap(({ met, knownLimit, shownBy }) =>
        met || knownLimit !== undefined || shownBy?.verdict !== 'right' ? [] : [shownBy],
      ),
    );
    return this.#all.filter(({ lookup }) => shown.has(lookup)).map((one) => this.#story('unexpected', [one]));
  }

  /** Those of a verdict by their cause, what a cache handed out after its time apart; in the order in which they first appear. */
  #grouped(verdict: 'failed' | 'stale'): Story[] {
    const own = this.#all.filter(({ lookup }) => lookup.verdict === verdict);
    const groups = grouped(own, ({ lookup }) => {
      const { cause, holders } = this.#run.analysis.why(lookup);
      return `${cause} ${holders[0]?.expired ?? false}`;
    });
    return [...groups.values()].map((lookups) => this.#story(verdict, lookups));
  }

  #story(kind: Story['kind'], lookups: readonly NamedLookup[]): Story {
    const { account, why } = this.#run.analysis;
    const held = lookups.map(({ lookup }) => (kind === 'stale' ? why(lookup).holders.length : 0));
    const told = lookups[held.indexOf(Math.max(...held))];
    if (told === undefined) throw new Error('a story of no lookup');
    const own = account(told.lookup);
    return { kind, cause: own.cause, lookups, told, account: own, why: why(told.lookup) };
  }
}

function named({ summary, lookups }: FinishedRun['analysis']['workloads'][number]): NamedLookup[] {
  return lookups.map((lookup, number) => ({ id: `${summary.workload}/${number}`, lookup }));
}

function byStart(a: NamedLookup, b: NamedLookup): number {
  return a.lookup.start - b.lookup.start || a.lookup.trace - b.lookup.trace;
}
