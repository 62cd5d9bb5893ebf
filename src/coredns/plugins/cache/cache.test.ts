import { expect, test } from 'vitest';
import { query, replyTo } from '../../../dns/build.ts';
import type { Message } from '../../../dns/message.ts';
import { parseRecord } from '../../../dns/text.ts';
import { ColumnStore } from '../../../engine/columns.ts';
import { sleep } from '../../../engine/process.ts';
import { Recorder } from '../../../engine/recorder.ts';
import { Simulation } from '../../../engine/simulation.ts';
import { fromSeconds, minute } from '../../../engine/time.ts';
import { Dispenser } from '../../corefile/dispenser.ts';
import { lex } from '../../corefile/lexer.ts';
import { Metrics } from '../../metrics.ts';
import type { Handler, Outcome, Request } from '../../plugin.ts';
import { findRelease, type Release, type ReleaseName } from '../../releases.ts';
import type { Cache } from './cache.ts';
import { handle } from './handler.ts';
import { parseCache } from './parse.ts';
import { cacheRecord } from './records.ts';
import { makeCache } from './setup.ts';

function releaseNamed(name: ReleaseName): Release {
  const release = findRelease(name);
  if (release === undefined) throw new Error(`no release ${name}`);
  return release;
}

const records = (texts: readonly string[]) => texts.map(parseRecord).filter((record) => record !== undefined);

/** What the upstream does: records of the answer, a whole reply, or an outcome without one. */
type Upstream = (asked: Message) => Partial<Message> | Outcome | readonly string[];

const isOutcome = (given: ReturnType<Upstream>): given is Outcome => 'reply' in given || 'error' in given;
const isTexts = (given: ReturnType<Upstream>): given is readonly string[] => Array.isArray(given);

/** A cache alone, with an upstream that answers `delay` seconds later. */
class Bench {
  readonly store = new ColumnStore();
  readonly simulation = new Simulation('1', new Recorder(this.store));
  readonly cache: Cache;
  readonly asked: { at: number; query: Message }[] = [];
  readonly #upstream: Upstream;
  readonly #delay: number;

  constructor(corefile: string, releaseName: ReleaseName, upstream: Upstream, delay = 0) {
    const { simulation } = this;
    const release = releaseNamed(releaseName);
    const words = new Dispenser(lex({ file: 'Corefile', text: corefile }), 'Corefile');
    const options = parseCache(words, release, ['.']);
    const metrics = new Metrics();
    const spawn = simulation.spawn.bind(simulation);
    this.cache = makeCache(
      { simulation, owner: 'coredns', release, metrics, spawn, block: { view: undefined, plugins: [] } },
      options,
    );
    this.#upstream = upstream;
    this.#delay = delay;
  }

  /** Replies to queries sent at these times. */
  run(
    queries: readonly { at: number; name?: string; type?: string; do?: boolean }[],
    until = 24 * 60 * minute,
  ): Outcome[] {
    const outcomes: Outcome[] = [];
    for (const [i, { at, name = 'a.test.', type = 'A', do: dnssec = false }] of queries.entries()) {
      const edns = dnssec ? { edns: { udpSize: 1232, do: true, version: 0, options: [] } } : {};
      const message = query(i, { name, type }, edns);
      this.simulation.at(fromSeconds(at), () => {
        this.simulation.spawn(this.#ask(message, outcomes, i));
      });
    }
    this.simulation.run(until);
    return outcomes;
  }

  *#ask(message: Message, outcomes: Outcome[], index: number) {
    const end = { address: 0, port: 53 };
    const request: Request = {
      message,
      original: { edns: message.edns },
      protocol: 'udp',
      client: end,
      local: end,
      zone: '.',
      view: '',
      server: 'dns://:53',
      trace: this.simulation.recorder.trace(0),
    };
    outcomes[index] = yield* handle(this.cache, request, this.#next);
  }

  readonly #next: Handler = (request) => this.#answer(request);

  *#answer({ message }: Request) {
    const at = this.simulation.now / 1e6;
    this.asked.push({ at, query: message });
    yield* sleep(fromSeconds(this.#delay));
    const given = this.#upstream(message);
    if (isOutcome(given)) return given;
    const content: Partial<Message> = isTexts(given) ? { answer: records(given) } : given;
    const outcome: Outcome = { rcode: 'NOERROR', reply: { ...replyTo(message), ...content } };
    return outcome;
  }
}

const ttls = (outcomes: readonly Outcome[]) => outcomes.map(({ reply }) => reply?.answer[0]?.ttl);
const soa = (ttl: number) => records([`test. ${ttl} IN SOA ns.test. host.test. 1 7200 900 1209600 60`]);

test.each([
  [1800, 300, 3600, 1800],
  [299, 300, 3600, 300],
  [299, 0, 3600, 299],
  [3601, 300, 3600, 3600],
])('golden ttl-clamp: %i between %i and %i is %i', (own, min, max, expected) => {
  const bench = new Bench(`cache {\n success 1000 ${max} ${min}\n}`, '1.14.7', () => [`a.test. ${own} IN A 192.0.2.1`]);
  expect(ttls(bench.run([{ at: 0 }]))).toEqual([expected]);
});

test.each([300, 5, 1, 0])('where the minimum is above the maximum, the maximum wins: %i', (own) => {
  const bench = new Bench('cache {\n success 1000 5 60\n}', '1.14.7', () => [`a.test. ${own} IN A 192.0.2.1`]);
  expect(ttls(bench.run([{ at: 0 }]))).toEqual([5]);
});

test('golden ttl-zero', () => {
  const zero = () => ['a.test. 0 IN A 192.0.2.1'];
  const bare = new Bench('cache', '1.6.7', zero);
  expect(ttls(bare.run([{ at: 0 }]))).toEqual([5]);
  const noMinimum = new Bench('cache {\n success 1000 3600 0\n denial 1000 3600 0\n}', '1.6.7', zero);
  noMinimum.run([{ at: 0 }]);
  expect(noMinimum.cache.positive.size).toBe(0);
});

test.each([
  [60, 10],
  [1, 5],
])('golden cache-10-min5: %i becomes %i', (own, expected) => {
  const bench = new Bench('cache 10', '1.8.6', () => [`a.test. ${own} IN A 192.0.2.1`]);
  expect(ttls(bench.run([{ at: 0 }]))).toEqual([expected]);
});

test.each(['SERVFAIL', 'NOTIMP'] as const)('golden cache-servfail-notimp: %s is kept 5 s', (rcode) => {
  const bench = new Bench('cache', '1.8.6', () => ({ rcode }));
  bench.run([{ at: 0 }, { at: 4.9 }, { at: 5.1 }]);
  expect(bench.asked.map(({ at }) => at)).toEqual([0, 5.1]);
});

test('golden cache-servfail-notimp: servfail 0s keeps none', () => {
  const bench = new Bench('cache {\n servfail 0s\n}', '1.9.4', () => ({ rcode: 'SERVFAIL' }));
  bench.run([{ at: 0 }]);
  expect(bench.cache.negative.size).toBe(0);
});

test.each([
  ['1.14.7', 2],
  ['1.15.0', 1],
] as const)('golden forward-own-servfail-not-cached: %s asks %i times', (release, times) => {
  const bench = new Bench('cache', release, () => ({ rcode: 'SERVFAIL', error: 'i/o timeout' }));
  bench.run([{ at: 0 }, { at: 1 }]);
  expect(bench.asked).toHaveLength(times);
});

test('golden dangling-cname-no-soa', () => {
  const chain = ['a.test. 60 IN CNAME t1.test.', 't1.test. 60 IN CNAME t2.test.'];
  const bench = new Bench('cache', '1.14.7', () => chain);
  bench.run([{ at: 0 }]);
  expect(bench.cache.positive.size + bench.cache.negative.size).toBe(0);
});

test('golden stale-window', () => {
  let up = true;
  const gone: Outcome = { rcode: 'SERVFAIL', error: 'gone' };
  const bench = new Bench('cache {\n serve_stale\n}', '1.11.1', () => (up ? ['a.test. 60 IN A 192.0.2.1'] : gone));
  bench.simulation.at(fromSeconds(1), () => {
    up = false;
  });
  const outcomes = bench.run([{ at: 0 }, { at: 1800 }, { at: 3600 }, { at: 4200 }]);
  expect(outcomes.map(({ reply }) => reply !== undefined)).toEqual([true, true, true, false]);
});

test('golden stale-reply-ttl', () => {
  const bench = new Bench('cache {\n serve_stale 1h immediate 30s\n}', '1.14.7', ({ id }) =>
    id === 0 ? ['a.test. 60 IN A 192.0.2.1'] : { rcode: 'SERVFAIL' },
  );
  expect(ttls(bench.run([{ at: 0 }, { at: 10 }, { at: 60 }, { at: 120 }])).slice(1)).toEqual([50, 30, 30]);
});

test('golden stale-verify-timeout', () => {
  const answers = ['192.0.2.1', '192.0.2.2'];
  const bench = new Bench(
    'cache {\n serve_stale 1h verify 50ms\n}',
    '1.14.4',
    () => [`a.test. 120 IN A ${answers.shift()}`],
    0.2,
  );
  const outcomes = bench.run([{ at: 0 }, { at: 180 }, { at: 181 }]);
  const data = outcomes.map(({ reply }) => reply?.answer[0]?.data);
  expect(data).toMatchObject([{ address: '192.0.2.1' }, { address: '192.0.2.1' }, { address: '192.0.2.2' }]);
});

test('golden stale-negative-then-positive', () => {
  const replies: (Partial<Message> | readonly string[])[] = [
    { rcode: 'NXDOMAIN', authority: soa(60) },
    ['a.test. 60 IN A 192.0.2.1'],
  ];
  const bench = new Bench('cache {\n serve_stale 10m\n}', '1.8.6', () => replies.shift() ?? []);
  const outcomes = bench.run([{ at: 0 }, { at: 1 }, { at: 300 }, { at: 301 }]);
  expect(outcomes.map(({ reply }) => reply?.rcode)).toEqual(['NXDOMAIN', 'NXDOMAIN', 'NXDOMAIN', 'NOERROR']);
  expect(bench.cache.negative.size).toBe(0);
});

test('golden keepttl', () => {
  const bench = new Bench('cache {\n keepttl\n}', '1.10.1', () => ['a.test. 60 IN A 192.0.2.1']);
  expect(ttls(bench.run([{ at: 0 }, { at: 30 }]))).toEqual([60, 60]);
});

test.each([
  ['prefetch-5', 'prefetch 1', 5, [0, 1, 4, 5], [5, 4, 1, 4], [0, 4]],
  ['prefetch-off', 'prefetch 0', 30, [0, 15, 29, 30], [30, 15, 1, 30], [0, 30]],
])('golden %s', (_, option, own, times, expected, fetches) => {
  const bench = new Bench(`cache {\n ${option}\n}`, '1.8.6', () => [`a.test. ${own} IN A 192.0.2.1`]);
  expect(ttls(bench.run(times.map((at) => ({ at }))))).toEqual(expected);
  expect(bench.asked.map(({ at }) => at)).toEqual(fetches);
});

test('golden prefetch-do-separate', () => {
  const bench = new Bench('cache {\n prefetch 1\n}', '1.10.1', () => ['a.test. 80 IN A 192.0.2.1']);
  const queries = [{ at: 0, do: true }, { at: 73, do: true }, { at: 80, do: true }, { at: 80 }];
  expect(ttls(bench.run(queries))).toEqual([80, 7, 73, 80]);
  expect(bench.asked.map(({ at }) => at)).toEqual([0, 73, 80]);
});

test.each([
  ['cache', [10000, 3600, 5], [10000, 1800, 5]],
  ['cache example.nl {\n success 10 1800 30\n}', [10, 1800, 30], [10000, 1800, 5]],
  ['cache 25 example.nl {\n success 10\n denial 10 15\n}', [10, 25, 5], [10, 15, 5]],
])('golden setup-cache: %s', (corefile, success, denial) => {
  const { options } = new Bench(corefile, '1.14.7', () => []).cache;
  const numbers = ({ capacity, max, min }: typeof options.success) => [capacity, max.seconds, min.seconds];
  expect([numbers(options.success), numbers(options.denial)]).toEqual([success, denial]);
});

test.each([
  ['cache 0 example.nl', 'cache TTL can not be zero or negative: 0'],
  ['cache -1 example.nl', 'cache TTL can not be zero or negative: -1'],
  [
    'cache example.nl {\n success\n}',
    "Corefile:2 - Error during parsing: Wrong argument count or unexpected line ending after 'success'",
  ],
  [
    'cache {\n positive 15\n}',
    "Corefile:2 - Error during parsing: Wrong argument count or unexpected line ending after 'positive'",
  ],
])('golden setup-cache refuses %s', (corefile, message) => {
  expect(() => new Bench(corefile, '1.14.7', () => [])).toThrow(message);
});

test('an entry that had run out is handed out by a line of its own, and asked for anew after that', () => {
  const bench = new Bench('cache {\n serve_stale 1h immediate\n}', '1.14.7', () => ['a.test. 10 IN A 192.0.2.1']);
  bench.run([{ at: 0 }, { at: 12.5 }]);
  const rows = [...bench.store.rows(cacheRecord)];
  expect(rows.map(({ outcome, staleBy }) => [outcome, staleBy])).toEqual([
    ['miss', ''],
    ['stored', ''],
    ['stale', 'Corefile:2'],
    ['refresh', ''],
    ['stored', ''],
  ]);
});

test('a hit tells how old it is, what set its TTL and who filled it', () => {
  const bench = new Bench('cache 30', '1.11.1', () => ['a.test. 600 IN A 192.0.2.1']);
  bench.run([{ at: 0 }, { at: 12.5 }]);
  const rows = [...bench.store.rows(cacheRecord)];
  expect(rows.map(({ outcome }) => outcome)).toEqual(['miss', 'stored', 'hit']);
  const filledBy = rows[1]?.trace;
  expect(rows[2]).toMatchObject({
    age: 12,
    ttl: 18,
    originalTtl: 30,
    recordTtl: 600,
    clamp: 'success max 30',
    place: 'Corefile:1',
    filledBy,
  });
});

test.each([
  ['1.6.7', 576],
  ['1.8.6', 588],
  ['1.11.3', 596],
  ['1.14.7', 570],
] as const)('cache-eviction: 600 names in 256 shards of 4 leave %s with %i', (release, entries) => {
  const bench = new Bench('cache 300 {\n success 1\n}', release, ({ question }) => [
    `${question[0]?.name} 300 IN A 192.0.2.1`,
  ]);
  bench.run(
    Array.from({ length: 600 }, (_, i) => ({ at: i / 100, name: `n${i}.test.` })),
    minute,
  );
  expect(bench.cache.positive.size).toBe(entries);
});
