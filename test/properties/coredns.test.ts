import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildWorld } from '../../src/cluster/build.ts';
import { parseCorefile } from '../../src/coredns/corefile/parser.ts';
import { inRelease, since } from '../../src/coredns/history.ts';
import { cacheRecord } from '../../src/coredns/plugins/cache/records.ts';
import { attemptRecord } from '../../src/coredns/plugins/forward/records.ts';
import { coreDnsReply, coreDnsRequest } from '../../src/coredns/records.ts';
import { type ReleaseName, releaseNames } from '../../src/coredns/releases.ts';
import { ColumnStore } from '../../src/engine/columns.ts';
import { Recorder } from '../../src/engine/recorder.ts';
import { Simulation } from '../../src/engine/simulation.ts';
import { minute } from '../../src/engine/time.ts';
import { replySeen } from '../../src/workload/records.ts';
import { recordingSchema } from '../conformance/coredns/recording.ts';
import { recordedWorld } from '../conformance/coredns/world.ts';

interface Block {
  readonly keys: readonly string[];
  readonly directives: Readonly<Record<string, readonly (string | readonly string[])[]>>;
}

const word = fc.oneof(
  fc.stringMatching(/^[a-z0-9.:/-]{1,8}$/),
  fc.string({ minLength: 1, maxLength: 8 }).filter((text) => !/[\\"{}\r]|^import$/.test(text)),
);
const name = fc.stringMatching(/^[a-z]{2,8}$/).filter((text) => text !== 'import');
const block: fc.Arbitrary<Block> = fc.record({
  keys: fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}(\.[a-z]{1,6})?:\d{2}$/), { minLength: 1, maxLength: 3 }),
  directives: fc.dictionary(
    name,
    fc.array(fc.oneof(word, fc.array(word, { minLength: 1, maxLength: 3 })), { maxLength: 4 }),
    {
      minKeys: 1,
      maxKeys: 4,
    },
  ),
});

/** A word as it must be written: in quotes where it would fall apart. */
const written = (text: string): string => (/^[a-z0-9.:/-]+$/.test(text) ? text : `"${text}"`);

/** A Corefile with these blocks. An argument that is a list stands for a property in the directive's own braces. */
function printed(blocks: readonly Block[], end: string): string {
  return blocks
    .map(({ keys, directives }) => {
      const lines = Object.entries(directives).map(([directive, args]) => {
        const own = args.filter((arg) => typeof arg === 'string').map(written);
        const properties = args
          .filter((arg) => typeof arg !== 'string')
          .map((words) => `    ${words.map(written).join(' ')}`);
        const body = properties.length === 0 ? [] : [' {', ...properties, '  }'];
        return `  ${[directive, ...own].join(' ')}${body.join(end)}`;
      });
      return [`${keys.join(', ')} { # a block`, ...lines, '}', ''].join(end);
    })
    .join(end);
}

test('parse after print gives back what was printed', () => {
  const context = { directives: undefined, environment: {}, files: { read: () => undefined, names: () => [] } };
  fc.assert(
    fc.property(
      fc.array(block, { minLength: 1, maxLength: 3 }),
      fc.constantFrom('\n', '\n\n', ' # c\n'),
      (blocks, end) => {
        const corefile = parseCorefile({ file: 'Corefile', text: printed(blocks, end) }, context, []);
        expect(corefile.failure).toBeUndefined();
        const words = (args: Block['directives'][string]) => {
          const own = args.filter((arg) => typeof arg === 'string');
          const properties = args.filter((arg) => typeof arg !== 'string').flat();
          return properties.length === 0 ? own : [...own, '{', ...properties, '}'];
        };
        const read = corefile.blocks.map(({ keys, directives }) => ({
          keys: keys.map(({ text }) => text),
          directives: Object.fromEntries(
            [...directives].map(([key, tokens]) => [key, tokens.slice(1).map(({ text }) => text)]),
          ),
        }));
        const meant = blocks.map(({ keys, directives }) => ({
          keys,
          directives: Object.fromEntries(Object.entries(directives).map(([key, args]) => [key, words(args)])),
        }));
        expect(read).toEqual(meant);
      },
    ),
  );
});

interface Asked {
  readonly name: string;
  readonly type: string;
  readonly proto: string;
  readonly edns: number | undefined;
  readonly rd: boolean;
}

interface Day {
  readonly release: ReleaseName;
  readonly cache: string;
  readonly others: readonly string[];
  readonly ttl: number;
  readonly count: number;
  readonly mode: string;
  readonly queries: readonly { readonly at: number; readonly query: Asked }[];
  readonly seed: string;
}

const query: fc.Arbitrary<Asked> = fc.record({
  name: fc.constantFrom('a.test', 'b.test', 'sub.a.test', 'no.other', '.'),
  type: fc.constantFrom('A', 'AAAA', 'MX', 'ANY', 'SOA'),
  proto: fc.constantFrom('udp', 'tcp'),
  edns: fc.option(fc.constantFrom(512, 700, 1232, 4096), { nil: undefined }),
  rd: fc.boolean(),
});

const day: fc.Arbitrary<Day> = fc.record({
  release: fc.constantFrom(...releaseNames),
  cache: fc.constantFrom(
    'cache',
    'cache 30',
    'cache {\n success 100 60 1\n prefetch 1\n}',
    'cache {\n serve_stale 1h\n}',
    '',
  ),
  others: fc.subarray([
    'loadbalance',
    'any',
    'errors',
    'log',
    'bufsize 1232',
    'rewrite ttl suffix .test 7',
    'acl {\n block type MX\n}',
  ]),
  ttl: fc.constantFrom(0, 3, 20, 400, 90_000),
  count: fc.constantFrom(0, 1, 12, 40, 100),
  mode: fc.constantFrom('answer', 'servfail', 'refused', 'nxdomain', 'drop', 'tc', 'closed'),
  queries: fc
    .array(fc.record({ at: fc.integer({ min: 0, max: 90 }), query }), { minLength: 1, maxLength: 12 })
    .map((all) => all.sort((a, b) => a.at - b.at)),
  seed: fc.nat(1000).map(String),
});

/** Sizes that plugins put into the client's own query, in some releases. */
function editedSize({ release, others }: Day): number {
  if (others.some((line) => line.startsWith('bufsize'))) return 1232;
  return release === '1.7.1' ? 2048 : 0;
}

/**
 * Does a datagram of so many octets end between two of the upstream's records, which are 22 octets each? What is behind
 * them is then lost without a word, in every release (size-cut-k0-silent).
 */
function cutsBetweenRecords(name: string, octets: number): boolean {
  const question = (name === '.' ? 1 : name.length + 2) + 4;
  return (octets - 12 - question) % 22 === 0;
}

/** What a CoreDNS did on such a day. */
function live({ release, cache, others, ttl, count, mode, queries, seed }: Day): ColumnStore {
  const record = Array.from({ length: count }, (_, i) => `a.test. ${ttl} IN A 192.0.2.${i}`);
  const recording = recordingSchema.parse({
    id: 'any day',
    releases: [release],
    coredns: { c1: { corefile: `. {\n bind 10.9.0.10\n ${[cache, ...others].join('\n')}\n forward . 10.9.0.21\n}\n` } },
    servers: { up: { address: '10.9.0.21', mode, limit: 'none', compress: false, answers: { '* A': record } } },
    steps: queries,
  });
  const store = new ColumnStore();
  const simulation = new Simulation(seed, new Recorder(store));
  buildWorld(recordedWorld(recording, release, seed), simulation);
  simulation.run(5 * minute);
  return store;
}

describe('whatever is asked of whatever release', { timeout: 60_000 }, () => {
  test('each query ends in one reply or one silence that is told', () => {
    fc.assert(
      fc.property(day, (one) => {
        const store = live(one);
        const asked = [...store.rows(coreDnsRequest)].map(({ trace }) => trace);
        const answered = [...store.rows(coreDnsReply)].map(({ trace }) => trace);
        expect([...answered].sort()).toEqual([...asked].sort());
        expect(new Set(answered).size).toBe(answered.length);
      }),
      { numRuns: 60 },
    );
  });

  test('no reply is larger than its client takes, or has lost records without TC', () => {
    fc.assert(
      fc.property(day, (one) => {
        const store = live(one);
        const rooms = [...store.rows(attemptRecord)].map(({ room }) => room);
        for (const { workload, wire, error, answer, flags, rcode } of store.rows(replySeen)) {
          if (error !== '') continue;
          const asked = one.queries[Number(workload.split('/')[0])]?.query;
          if (asked?.proto !== 'udp') continue;
          const limit = Math.max(512, asked.edns ?? 0, editedSize(one));
          expect(wire).toBeLessThanOrEqual(limit);
          // Newer releases hand a datagram that was cut on as TC; older ones may lose records between two of them.
          const shown = answer === '' ? 0 : answer.split('\n').length;
          const served =
            rcode === 'NOERROR' &&
            asked.type === 'A' &&
            one.mode === 'answer' &&
            inRelease(since('1.11.3'), one.release) &&
            !rooms.some((room) => cutsBetweenRecords(asked.name, room));
          if (served && shown < one.count) expect(flags).toContain('tc');
        }
      }),
      { numRuns: 60 },
    );
  });

  test('a cached TTL is never more than its source gave, unless the record says what made it so', () => {
    fc.assert(
      fc.property(day, (one) => {
        for (const { outcome, ttl, age, originalTtl, recordTtl, clamp } of live(one).rows(cacheRecord)) {
          const raised = /^(minimum|servfail|no ttl)/.test(clamp);
          if (!Number.isNaN(recordTtl) && !raised) expect(originalTtl).toBeLessThanOrEqual(recordTtl);
          if (outcome === 'hit') expect(ttl).toBe(originalTtl - age);
          if (outcome === 'stale') expect(ttl).toBe(0);
        }
      }),
      { numRuns: 60 },
    );
  });
});
