import fc from 'fast-check';
import { expect, test } from 'vitest';
import { replyTo } from '../dns/build.ts';
import type { Message } from '../dns/message.ts';
import { ColumnStore } from '../engine/columns.ts';
import { type Process, sleep } from '../engine/process.ts';
import { Recorder } from '../engine/recorder.ts';
import { Simulation } from '../engine/simulation.ts';
import { second } from '../engine/time.ts';
import { createHost } from '../kernel/host.ts';
import { parseAddress } from '../network/address.ts';
import { createNetwork } from '../network/network.ts';
import { encode } from '../transport/decode.ts';
import { serveUdp } from '../transport/serve.ts';
import type { ResolverDescription } from './description.ts';
import { slotSeconds } from './glibc/datagrams.ts';
import { queryMade } from './records.ts';
import { createResolver } from './resolver.ts';

const says = ['answer', 'nodata', 'drop', 'NXDOMAIN', 'SERVFAIL', 'REFUSED'] as const;
type Says = (typeof says)[number];

const kinds = ['glibc', 'musl', 'go', 'c-ares', 'netty', 'nslookup', 'busybox-nslookup'] as const;

interface Case {
  readonly kind: (typeof kinds)[number];
  /** Of each server, to A and to AAAA; undefined: its port is closed. */
  readonly servers: readonly (readonly [Says, Says] | undefined)[];
  readonly suffixes: number;
  readonly ndots: number;
  readonly timeout: number;
  readonly attempts: number;
  readonly flag: string;
  readonly name: string;
}

const cases: fc.Arbitrary<Case> = fc.record({
  kind: fc.constantFrom(...kinds),
  servers: fc.array(
    fc.option(fc.tuple(fc.constantFrom(...says), fc.constantFrom(...says)), { nil: undefined, freq: 6 }),
    {
      minLength: 1,
      maxLength: 3,
    },
  ),
  suffixes: fc.integer({ min: 0, max: 3 }),
  ndots: fc.integer({ min: 0, max: 5 }),
  timeout: fc.integer({ min: 1, max: 4 }),
  attempts: fc.integer({ min: 1, max: 4 }),
  flag: fc.constantFrom('', 'rotate', 'single-request', 'single-request-reopen'),
  name: fc.constantFrom('a', 'a.b', 'www.example.com', 'www.example.com.', 'a.b.c.d.e.f'),
});

const releases: Readonly<Record<Case['kind'], string>> = {
  glibc: '2.36',
  musl: '1.2.5',
  go: '1.22',
  'c-ares': '1.34.6',
  netty: '4.1.115',
  nslookup: '9.18',
  'busybox-nslookup': '1.35',
};

function look({ kind, servers, suffixes, ndots, timeout, attempts, flag, name }: Case) {
  const store = new ColumnStore();
  const simulation = new Simulation('1', new Recorder(store));
  const addresses = servers.map((_, i) => `10.0.0.${i + 2}`);
  const host = createHost(simulation, createNetwork(simulation, []), {
    name: 'pod',
    kernel: '6.1',
    forwarding: false,
    interfaces: [{ name: 'eth0', addresses: ['10.0.0.1', ...addresses].map((address) => `${address}/24`) }],
    routes: [],
    sysctls: {},
  });
  for (const [i, own] of servers.entries()) {
    const local = { address: parseAddress(addresses[i] ?? '') ?? 0, port: 53 };
    if (own !== undefined)
      serveUdp({ simulation, sockets: host, local, owner: 'server' }, function* ({ message }) {
        yield* sleep(0);
        const reply = answerTo(message, own[message.question[0]?.type === 'A' ? 0 : 1]);
        return reply && encode(reply, { compress: true });
      });
  }
  const search = suffixes === 0 ? [] : [`search ${['x.test', 'y.test', 'z.test'].slice(0, suffixes).join(' ')}`];
  const options = `options ndots:${ndots} timeout:${timeout} attempts:${attempts} ${flag}`;
  const text = [...addresses.map((address) => `nameserver ${address}`), ...search, options, ''].join('\n');
  const description: ResolverDescription = { kind, release: releases[kind], resolvConf: { file: 'resolv.conf', text } };
  const resolver = createResolver(simulation, host, 'app', description);
  let took: number | undefined;
  simulation.spawn(
    (function* (): Process {
      yield* resolver.lookup({ name, family: 'any' }, simulation.recorder.trace(0));
      took = simulation.now / second;
    })(),
  );
  simulation.run(3600 * second);
  return { took, queries: [...store.rows(queryMade)].length };
}

function answerTo(query: Message, what: Says): Message | undefined {
  if (what === 'drop') return undefined;
  const isRcode = what !== 'answer' && what !== 'nodata';
  const reply = replyTo(query, isRcode ? what : 'NOERROR');
  const [question] = query.question;
  const flags = { ...reply.flags, ra: true };
  if (what !== 'answer' || question === undefined) return { ...reply, flags };
  const data =
    question.type === 'A'
      ? ({ type: 'A', address: '192.0.2.1' } as const)
      : ({ type: 'AAAA', address: '2001:db8::1' } as const);
  return { ...reply, flags, answer: [{ name: question.name, class: 'IN', ttl: 60, data }] };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** The most that an algorithm can send, and the longest that it can take, in seconds: facts, resolvers 1 to 4. */
function boundsOf({ kind, servers, suffixes, timeout, attempts }: Case) {
  const [names, families, count] = [suffixes + 1, 2, servers.length];
  const slots = servers.map((_, i) => slotSeconds(timeout, i, count));
  switch (kind) {
    case 'glibc':
      // A thread changes its ways twice at most, and asks the pair once more each time.
      return {
        queries: names * families * count * attempts + 2 * families,
        seconds: names * attempts * sum(slots) + 2 * Math.max(...slots),
      };
    case 'musl': {
      const interval = Math.floor((timeout * 1000) / attempts) / 1000;
      const rounds = Math.ceil(timeout / interval);
      // To SERVFAIL it answers with the query again, twice for each query in a round.
      return { queries: names * rounds * (families * count + 2 * families), seconds: names * rounds * interval };
    }
    case 'go':
      return { queries: names * families * count * attempts, seconds: names * count * attempts * timeout };
    case 'netty':
      // Each server once, for A alone; `attempts` bounds the queries of a name.
      return { queries: names * Math.min(count, attempts), seconds: names * count * timeout };
    case 'nslookup': {
      const sends = attempts + count - 1;
      // A for each name, AAAA for the one that was found.
      return { queries: (names + 1) * sends, seconds: (names + 1) * sends * timeout };
    }
    case 'busybox-nslookup': {
      const questions = families * Math.max(1, suffixes);
      // Twice to each server, and twice more to SERVFAIL; whatever the options say, 5 s a server.
      return { queries: count * questions * 4, seconds: count * 5 };
    }
    case 'c-ares':
      // Four tries, doubling, each until the next tick of a second. No search list, one family.
      return {
        queries: count * 4,
        seconds: sum([1, 2, 4, 8].map((factor) => count * (Math.min(timeout, 5) * factor + 1))),
      };
  }
}

test('no lookup sends more queries, or takes longer, than names, families, servers, attempts and time-outs allow', () => {
  fc.assert(
    fc.property(cases, (one) => {
      const { took, queries } = look(one);
      const bounds = boundsOf(one);
      expect(queries).toBeLessThanOrEqual(bounds.queries);
      expect(took ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(bounds.seconds + 0.01);
    }),
    { numRuns: 300, seed: 8 },
  );
});
