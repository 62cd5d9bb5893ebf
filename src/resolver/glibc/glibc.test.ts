import { expect, test } from 'vitest';
import { replyTo } from '../../dns/build.ts';
import type { Message, Rcode } from '../../dns/message.ts';
import { ColumnStore } from '../../engine/columns.ts';
import { type Process, sleep } from '../../engine/process.ts';
import { Recorder } from '../../engine/recorder.ts';
import { Simulation } from '../../engine/simulation.ts';
import { second } from '../../engine/time.ts';
import { createHost } from '../../kernel/host.ts';
import { parseAddress } from '../../network/address.ts';
import { createNetwork } from '../../network/network.ts';
import { encode } from '../../transport/decode.ts';
import { type Answer, type Incoming, serveUdp } from '../../transport/serve.ts';
import type { Lookup, LookupResult } from '../lookup.ts';
import { candidateTried, modeChanged, queryMade } from '../records.ts';
import { slotSeconds } from './datagrams.ts';
import { Glibc } from './glibc.ts';

type Behaviour = 'answer' | 'drop' | Rcode;

/** One host with the resolver and two servers; 10.0.0.9 is there too, with no port open. */
function run(options: {
  conf: string;
  release?: string;
  lookups: readonly Lookup[];
  says?: (query: Message, server: string) => Behaviour;
}) {
  const store = new ColumnStore();
  const simulation = new Simulation('1', new Recorder(store));
  const interfaces = [{ name: 'eth0', addresses: ['10.0.0.1/24', '10.0.0.2/24', '10.0.0.9/24'] }];
  const host = createHost(simulation, createNetwork(simulation, []), {
    name: 'pod',
    kernel: '6.1',
    forwarding: false,
    interfaces,
    routes: [],
    sysctls: {},
  });
  const says = options.says ?? (() => 'answer');
  for (const server of ['10.0.0.1', '10.0.0.2']) {
    const local = { address: parseAddress(server) ?? 0, port: 53 };
    serveUdp({ simulation, sockets: host, local, owner: 'server' }, (query) =>
      answer(query, says(query.message, server)),
    );
  }
  const description = {
    kind: 'glibc',
    release: options.release ?? '2.36',
    resolvConf: { file: 'resolv.conf', text: options.conf },
  } as const;
  const thread = new Glibc(simulation, host, 'app', description).thread();
  const results: { took: number; result: LookupResult }[] = [];
  simulation.spawn(
    (function* (): Process {
      for (const lookup of options.lookups) {
        const start = simulation.now;
        const result = yield* thread.lookup(lookup, simulation.recorder.trace(0));
        results.push({ took: (simulation.now - start) / second, result });
      }
    })(),
  );
  simulation.run(600 * second);
  return {
    results: results.map(
      ({ took, result }) => `${took} ${result.result === 'OK' ? result.addresses.join(' ') : result.result}`,
    ),
    queries: [...store.rows(queryMade)].map(({ t, server, name, type }) => `${t / second} ${server} ${name} ${type}`),
    sockets: [...store.rows(queryMade)].map(({ socket }) => socket),
    candidates: [...store.rows(candidateTried)].map(({ candidate, cause }) => `${candidate} ${cause}`),
    modes: [...store.rows(modeChanged)].map(({ t, cause }) => `${t / second} ${cause}`),
  };
}

function* answer({ message }: Incoming, behaviour: Behaviour): Process<Answer> {
  const { name = '', type } = message.question[0] ?? {};
  if (behaviour === 'drop') return undefined;
  yield* sleep(0);
  const reply = {
    ...replyTo(message, behaviour === 'answer' ? 'NOERROR' : behaviour),
    flags: { ...message.flags, ra: true },
  };
  const data =
    type === 'A' ? ({ type: 'A', address: '192.0.2.1' } as const) : ({ type: 'AAAA', address: '2001:db8::1' } as const);
  return encode(behaviour === 'answer' ? { ...reply, answer: [{ name, ttl: 30, class: 'IN', data }] } : reply, {
    compress: true,
  });
}

const any = (name: string): Lookup => ({ name, family: 'any' });
const v4 = (name: string): Lookup => ({ name, family: 'ipv4' });

test.each([
  [5, 1, [5]],
  [5, 2, [5, 5]],
  [5, 3, [5, 3, 6]],
  [4, 3, [4, 2, 5]],
  [2, 3, [2, 1, 2]],
  [1, 3, [1, 1, 1]],
  [0, 1, [1]],
])('timeout:%i with %i servers: slots %j', (timeout, servers, slots) => {
  expect(slots.map((_, index) => slotSeconds(timeout, index, servers))).toEqual(slots);
});

test('the search list, then the name as it is', () => {
  const { candidates, results } = run({
    conf: 'nameserver 10.0.0.1\nsearch a.test b.test\noptions ndots:5\n',
    lookups: [any('host.example.com')],
    says: ({ question: [asked] }) => (asked?.name === 'host.example.com.' ? 'answer' : 'NXDOMAIN'),
  });
  expect(candidates).toEqual([
    'host.example.com.a.test. search-list',
    'host.example.com.b.test. search-list',
    'host.example.com. last-resort',
  ]);
  expect(results).toEqual(['0 2001:db8::1 192.0.2.1']);
});

test('dots enough: the name first, and the search list all the same', () => {
  const { candidates } = run({
    conf: 'nameserver 10.0.0.1\nsearch a.test\n',
    lookups: [any('svc.ns')],
    says: () => 'NXDOMAIN',
  });
  expect(candidates).toEqual(['svc.ns. enough-dots', 'svc.ns.a.test. search-list']);
});

test('a time-out leaves the list, and the name itself is still tried', () => {
  const { candidates, results } = run({
    conf: 'nameserver 10.0.0.1\nsearch a.test b.test\noptions ndots:5 timeout:1\n',
    lookups: [any('x')],
    says: () => 'drop',
  });
  expect(candidates).toEqual(['x.a.test. search-list', 'x. last-resort']);
  expect(results).toEqual(['4 EAI_AGAIN']);
});

test('half of a pair lost for good: 15 s the first time, 5 s from then on', () => {
  const { results, modes } = run({
    conf: 'nameserver 10.0.0.1\n',
    lookups: [any('a.test'), any('a.test')],
    says: ({ question: [asked] }) => (asked?.type === 'AAAA' ? 'drop' : 'answer'),
  });
  expect(results).toEqual(['15 192.0.2.1', '5 192.0.2.1']);
  expect(modes).toEqual(['5 single-request', '10 single-request-reopen']);
});

test('nobody listens: at once, with no other candidate', () => {
  const { results, candidates } = run({
    conf: 'nameserver 10.0.0.9\nsearch a.test b.test\noptions ndots:5\n',
    lookups: [any('x')],
  });
  expect(results).toEqual(['0 EAI_AGAIN']);
  expect(candidates).toEqual(['x.a.test. search-list']);
});

test('a rejected single query closes the socket, a rejected pair does not', () => {
  const says = () => 'SERVFAIL' as const;
  const conf = 'nameserver 10.0.0.1\n';
  expect(run({ conf, lookups: [v4('a.test')], says }).sockets).toEqual([1, 2]);
  expect(run({ conf, lookups: [any('a.test')], says }).sockets).toEqual([1, 1, 1, 1]);
});

test('SERVFAIL for a candidate is remembered for both families, forgotten for IPv4 alone', () => {
  const conf = 'nameserver 10.0.0.1\nsearch a.test\noptions ndots:5\n';
  const says = ({ question: [asked] }: Message): Behaviour => (asked?.name === 'x.a.test.' ? 'SERVFAIL' : 'NXDOMAIN');
  expect(run({ conf, lookups: [any('x'), v4('x')], says }).results).toEqual(['0 EAI_AGAIN', '0 EAI_NONAME']);
});

test('one by one, a rejected A waits for an AAAA that was never sent, until the fixes of 2.34 (recording glibc-n06)', () => {
  const conf = 'nameserver 10.0.0.1\nnameserver 10.0.0.2\noptions single-request\n';
  const says = (_: Message, server: string): Behaviour => (server === '10.0.0.1' ? 'SERVFAIL' : 'answer');
  const resultsOf = (release: string) => run({ conf, lookups: [any('a.test')], says, release }).results;
  expect(resultsOf('2.31')).toEqual(['5 2001:db8::1 192.0.2.1']);
  expect(resultsOf('2.36')).toEqual(['0 2001:db8::1 192.0.2.1']);
});

test('no-aaaa and an address as the name', () => {
  const { queries, results } = run({
    conf: 'nameserver 10.0.0.1\noptions no-aaaa\n',
    lookups: [any('a.test'), any('10.1.2.3')],
  });
  expect(queries).toEqual(['0 10.0.0.1 a.test. A']);
  expect(results).toEqual(['0 192.0.2.1', '0 10.1.2.3']);
});
