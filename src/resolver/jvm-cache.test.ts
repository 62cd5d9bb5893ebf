import { expect, test } from 'vitest';
import { ColumnStore } from '../engine/columns.ts';
import { type Process, sleep } from '../engine/process.ts';
import { Recorder } from '../engine/recorder.ts';
import { Simulation } from '../engine/simulation.ts';
import { second } from '../engine/time.ts';
import { JvmCache } from './jvm-cache.ts';
import type { LookupResult, Resolver } from './lookup.ts';
import { cacheHit } from './records.ts';

const ok = (address: string): LookupResult => ({ result: 'OK', addresses: [address], printed: '', errno: 0 });
const notKnown: LookupResult = { result: 'EAI_NONAME', addresses: [], printed: 'Name or service not known', errno: 22 };

/** Looks up at the given seconds; libc answers in turn, the last answer again and again. */
function run(
  java: { release: string; ttl?: number; negativeTtl?: number; staleTtl?: number },
  answers: readonly LookupResult[],
  at: readonly number[],
) {
  const store = new ColumnStore();
  const simulation = new Simulation('1', new Recorder(store));
  let asked = 0;
  const libc: Resolver = {
    *lookup(): Process<LookupResult> {
      yield* sleep(0);
      return answers[Math.min(asked++, answers.length - 1)] ?? notKnown;
    },
    rewriteResolvConf: () => {},
  };
  const cache = new JvmCache(simulation, 'app', 'app', libc, { kind: 'jvm', ...java });
  const got: string[] = [];
  simulation.spawn(
    (function* (): Process {
      for (const t of at) {
        yield* sleep(t * second - simulation.now);
        const trace = simulation.recorder.trace(0);
        const { result, addresses, printed } = yield* cache.lookup({ name: 'a.test', family: 'any' }, trace);
        got.push(
          `${t} ${result === 'OK' ? addresses.join(' ') : printed.replace('java.net.UnknownHostException: ', '')}`,
        );
      }
    })(),
  );
  simulation.run(1000 * second);
  const hits = [...store.rows(cacheHit)].map(({ t, cause, filledBy, runsOut }) => [
    t / second,
    cause,
    filledBy,
    runsOut / second,
  ]);
  return { got, asked, hits };
}

test('addresses stay 30 s whatever their TTL says (java17-01)', () => {
  const { got, asked, hits } = run({ release: '17' }, [ok('10.0.0.1'), ok('10.0.0.2')], [0, 10, 30, 31]);
  expect(got).toEqual(['0 10.0.0.1', '10 10.0.0.1', '30 10.0.0.1', '31 10.0.0.2']);
  expect(asked).toBe(2);
  expect(hits).toEqual([
    [10, 'fresh', 1, 30],
    [30, 'fresh', 1, 30],
  ]);
});

test('failures stay 10 s and are told by the name alone (java17-02)', () => {
  const { got, hits } = run({ release: '17' }, [notKnown], [0, 9, 10.5]);
  expect(got).toEqual(['0 a.test: Name or service not known', '9 a.test', '10.5 a.test: Name or service not known']);
  expect(hits).toEqual([[9, 'negative', 1, 10]]);
});

test('stale addresses are handed out while new look-ups fail, one try a period (java25-02)', () => {
  const { got, asked } = run({ release: '25', ttl: 3, staleTtl: 20 }, [ok('10.0.0.1'), notKnown], [0, 4, 5, 9, 40]);
  expect(got).toEqual(['0 10.0.0.1', '4 10.0.0.1', '5 10.0.0.1', '9 10.0.0.1', '40 a.test: Name or service not known']);
  expect(asked).toBe(4);
});

test('Java 17 knows no stale addresses', () => {
  const { got } = run({ release: '17', ttl: 3, staleTtl: 20 }, [ok('10.0.0.1'), notKnown], [0, 4]);
  expect(got).toEqual(['0 10.0.0.1', '4 a.test: Name or service not known']);
});

test('-1 keeps for ever, 0 not at all', () => {
  expect(run({ release: '17', ttl: -1 }, [ok('10.0.0.1'), ok('10.0.0.2')], [0, 900]).asked).toBe(1);
  expect(run({ release: '17', ttl: 0 }, [ok('10.0.0.1'), ok('10.0.0.2')], [0, 1]).got).toEqual([
    '0 10.0.0.1',
    '1 10.0.0.2',
  ]);
});

/** So many threads ask at once; libc takes 1 s. What each got, when, and how often libc was asked. */
function stampede(java: { release: string; ttl?: number; staleTtl?: number }, threads: number, at: number) {
  const simulation = new Simulation('1', new Recorder(new ColumnStore()));
  const asked: number[] = [];
  const libc: Resolver = {
    *lookup(): Process<LookupResult> {
      asked.push(simulation.now / second);
      yield* sleep(second);
      return ok(`10.0.0.${asked.length}`);
    },
    rewriteResolvConf: () => {},
  };
  const cache = new JvmCache(simulation, 'app', 'app', libc, { kind: 'jvm', ...java });
  const got: string[] = [];
  const thread = function* (start: number): Process {
    yield* sleep(start * second);
    const { addresses } = yield* cache.lookup({ name: 'a.test', family: 'any' }, simulation.recorder.trace(0));
    got.push(`${simulation.now / second} ${addresses.join(' ')}`);
  };
  simulation.spawn(thread(0));
  for (let i = 0; i < threads; i++) simulation.spawn(thread(at));
  simulation.run(1000 * second);
  return { asked, got };
}

test('an expired name is looked up by one thread, and the others wait for it', () => {
  expect(stampede({ release: '17' }, 3, 40)).toEqual({
    asked: [0, 40],
    got: ['1 10.0.0.1', '41 10.0.0.2', '41 10.0.0.2', '41 10.0.0.2'],
  });
});

test('without a cache they look it up one after the other', () => {
  expect(stampede({ release: '17', ttl: 0 }, 3, 40).asked).toEqual([0, 40, 41, 42]);
});

test('with stale addresses the others need not wait', () => {
  expect(stampede({ release: '21', staleTtl: 60 }, 3, 40)).toEqual({
    asked: [0, 40],
    got: ['1 10.0.0.1', '40 10.0.0.1', '40 10.0.0.1', '41 10.0.0.2'],
  });
});
