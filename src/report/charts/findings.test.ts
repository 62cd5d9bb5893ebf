import { expect, test } from 'vitest';
import { second } from '../../engine/time.ts';
import type { WorkloadAnalysis } from '../../trace/analysis.ts';
import type { JudgedLookup } from '../../trace/lookup.ts';
import { summarise } from '../../trace/summary.ts';
import { howLong, outcomeInAll } from '../outcome.ts';
import { laneFinding, mostTelling, titleOf } from './findings.ts';

/** One lookup a second from 0 s, taking 10 ms: `r` right, `s` stale since 1 s, `x` failed. */
function workload(name: string, verdicts: string): WorkloadAnalysis {
  const lookups = [...verdicts].map((letter, index): JudgedLookup => {
    const verdict = letter === 's' ? 'stale' : letter === 'x' ? 'failed' : 'right';
    return {
      workload: name,
      host: name,
      trace: index + 1,
      name: 'db.example.com.',
      answeredName: 'db.example.com.',
      start: index * second,
      end: index * second + 10_000,
      result: verdict === 'failed' ? 'EAI_AGAIN' : 'OK',
      addresses: verdict === 'failed' ? [] : ['10.0.0.1'],
      verdict,
      staleSince: verdict === 'stale' ? second : undefined,
    };
  });
  const summary = summarise(name, lookups, lookups.length * second);
  return { summary, lookups, healed: [], waiting: { since: [], trouble: '' }, flows: [] };
}

function told(...workloads: WorkloadAnalysis[]) {
  const why = ({ verdict, trace }: JudgedLookup) => {
    const short = verdict === 'failed' ? 'nobody answered' : 'a cache';
    return { cause: verdict, sentence: short, short, holders: [], hops: [], strand: trace };
  };
  const analysis = { workloads, why, until: 10 * second };
  return {
    title: titleOf(analysis),
    telling: mostTelling(analysis)?.verdict,
    all: outcomeInAll(analysis),
    lanes: workloads.map((one) => laneFinding(one, analysis)?.text),
    howLong: workloads.map(howLong),
  };
}

test('failures are told before old answers', () => {
  expect(told(workload('app', 'rssxxxxrrr'))).toEqual({
    title: 'app: 4 of 10 lookups failed, 3 s to 6 s: nobody answered; app was on 10.0.0.1 for 6 s after the change',
    telling: 'failed',
    all: '4 of 10 lookups failed, 2 got an address that was no longer true, from 1 s to 7 s.',
    lanes: ['4 of 10 lookups failed, 3 s to 6 s: nobody answered; old address for 6 s: a cache'],
    howLong: ['no answer for 4 s; old answer for 6 s'],
  });
});

test('old answers that are more, and for longer than any outage, come first: that is what happened', () => {
  expect(told(workload('app', 'rssssssrrr'), workload('other', 'rrxrrrrrrr'))).toEqual({
    title: 'app was on 10.0.0.1 for 6 s after the change: a cache; other: 1 of 10 lookups failed',
    telling: 'stale',
    all: '6 of 20 lookups got an address that was no longer true, 1 failed, from 1 s to 7 s.',
    lanes: ['old address for 6 s: a cache', '1 of 10 lookups failed at 2 s: nobody answered'],
    howLong: ['old answer for 6 s', 'no answer for 1 s'],
  });
});
