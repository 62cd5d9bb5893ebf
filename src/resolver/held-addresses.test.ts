import { expect, test } from 'vitest';
import { ColumnStore } from '../engine/columns.ts';
import { type Process, sleep } from '../engine/process.ts';
import { Recorder } from '../engine/recorder.ts';
import { Simulation } from '../engine/simulation.ts';
import { second } from '../engine/time.ts';
import type { HeldDescription } from './description.ts';
import { HeldAddresses } from './held-addresses.ts';
import type { LookupResult, Resolver } from './lookup.ts';

/** What the name has from each second on; nothing: it fails. */
type Truth = readonly (readonly [from: number, ...addresses: string[]])[];

/** What a program got that connects every so many seconds, and when its names were looked up. */
function run(held: HeldDescription, truth: Truth, connectEvery: number, until: number) {
  const simulation = new Simulation('1', new Recorder(new ColumnStore()));
  const asked: number[] = [];
  const inner: Resolver = {
    *lookup(): Process<LookupResult> {
      asked.push(simulation.now / second);
      yield* sleep(0);
      const [, ...addresses] = truth.findLast(([from]) => from * second <= simulation.now) ?? [0];
      return { result: addresses.length > 0 ? 'OK' : 'EAI_AGAIN', addresses, printed: '', errno: 0 };
    },
    rewriteResolvConf() {},
  };
  const resolver = new HeldAddresses(simulation, 'app', 'app', inner, held);
  const got: string[] = [];
  simulation.spawn(
    (function* (): Process {
      for (;;) {
        const { result, addresses } = yield* resolver.lookup({ name: 'redis.test', family: 'any' }, 1);
        got.push(`${simulation.now / second} ${addresses.join(' ') || result}`);
        yield* sleep(connectEvery * second);
      }
    })(),
  );
  simulation.run(until * second);
  return { asked, got };
}

test('Redisson looks up every 5 s by itself, and what it connects to follows', () => {
  const { asked, got } = run(
    { by: 'redisson' },
    [
      [0, 'a'],
      [7, 'b'],
    ],
    4,
    16,
  );
  expect(asked).toEqual([0, 5, 10, 15]);
  expect(got).toEqual(['0 a', '4 a', '8 a', '12 b', '16 b']);
});

test('Redisson keeps its address as long as it is among many, else takes the lowest', () => {
  const { got } = run(
    { by: 'redisson' },
    [
      [0, 'b'],
      [4, 'a', 'b', 'c'],
      [9, 'd', 'c'],
    ],
    6,
    12,
  );
  expect(got).toEqual(['0 b', '6 b', '12 c']);
});

test('a lookup that fails changes nothing', () => {
  expect(run({ by: 'envoy-strict-dns' }, [[0, 'a', 'b'], [3]], 10, 20).got).toEqual(['0 a b', '10 a b', '20 a b']);
});

test('one that never succeeded holds nothing', () => {
  expect(run({ by: 'redisson' }, [[0]], 10, 10)).toEqual({ asked: [0, 10], got: ['0 EAI_AGAIN', '10 EAI_AGAIN'] });
});

test('Envoy, LOGICAL_DNS: the first address alone', () => {
  const { got } = run(
    { by: 'envoy-logical-dns', every: 2 },
    [
      [0, 'a', 'b'],
      [1, 'b', 'a'],
    ],
    3,
    3,
  );
  expect(got).toEqual(['0 a', '3 b']);
});

test('gRPC asks again when it connects, 30 s after the last time at the earliest', () => {
  const { asked, got } = run(
    { by: 'grpc-go' },
    [
      [0, 'a'],
      [1, 'b'],
    ],
    10,
    50,
  );
  expect(asked).toEqual([0, 30]);
  expect(got).toEqual(['0 a', '10 a', '20 a', '30 a', '40 b', '50 b']);
});
