import { describe, expect, it } from 'vitest';
import { type Asked, type Seen, startLab } from '../../../test/support/lab.ts';
import { second } from '../../engine/time.ts';
import type { ScriptedState } from '../description.ts';
import { serverQuery } from '../records.ts';
import { startServer } from '../start.ts';
import type { OptionValue } from './profile.ts';

const address = '10.9.0.10';
const upstream = '10.9.0.21';

/** Asks a recursor before a scripted server that is changed at 4 s. */
function ask(
  software: string,
  answers: ScriptedState['answers'],
  questions: readonly (readonly [at: number, name: string, asked?: Partial<Asked>])[],
  options: Readonly<Record<string, OptionValue>> = {},
  state: Partial<ScriptedState> = {},
  change: Partial<ScriptedState> = {},
) {
  const lab = startLab([address, upstream]);
  const common = { host: 'lab', port: 53 } as const;
  const scripted = { role: 'scripted', name: 'server', address: upstream, ...common } as const;
  const server = startServer(lab.simulation, lab.host, { ...scripted, state: { ...state, answers } });
  const recursor = { role: 'recursor', name: 'recursor', address, ...common } as const;
  startServer(lab.simulation, lab.host, { ...recursor, software, options, upstreams: { '.': [upstream] } });
  lab.simulation.at(4 * second, () => server.set(change));
  const seen: Seen[] = [];
  for (const [at, name, asked] of questions) {
    lab.ask(at, address, { name, timeout: 5, ...asked }, (reply) => seen.push(reply));
  }
  lab.simulation.run(60 * second);
  const queries = [...lab.store.rows(serverQuery)].filter(({ server: at, name }) => at === 'server' && name !== '.');
  return { seen, queries: queries.map(({ name, type }) => `${name} ${type}`) };
}

const soa = (ttl: number, minimum: number) => `demo ${ttl} IN SOA ns.demo. host.demo. 1 7200 900 1209600 ${minimum}`;
const ttls = (records: readonly string[]) => records.map((record) => Number(record.split(' ')[1]));
const answered = (seen: readonly Seen[]) => seen.map((reply) => ('rcode' in reply ? ttls(reply.answer) : []));
const wires = (seen: readonly Seen[]) => seen.map((reply) => ('rcode' in reply ? reply.wire : 0));

const mail = {
  'mx.demo MX': { answer: ['mx.demo 60 IN MX 10 h.mx.demo.'], additional: ['h.mx.demo 4 IN A 192.0.2.9'] },
  'h.mx.demo A': ['h.mx.demo 17 IN A 192.0.2.9'],
};

// Recording `recursor-q-mx-addresses`; query.c: minimal answers to UDP queries of 512 octets.
describe('addresses beside an MX record', () => {
  it('BIND leaves them out for UDP clients that take 512 octets, and when they have run out', () => {
    const type = 'MX';
    const { seen } = ask('bind', mail, [
      [0.3, 'mx.demo', { type }],
      [1.8, 'mx.demo', { type, edns: 512 }],
      [2.2, 'mx.demo', { type, edns: 513 }],
      [2.6, 'mx.demo', { type, edns: 512, proto: 'tcp' }],
      [6.3, 'mx.demo', { type }],
    ]);
    expect(wires(seen)).toEqual([59, 54, 70, 70, 43]);
  });

  it('BIND leaves them out, too, where max-udp-size is 512', () => {
    const questions = [[0.3, 'mx.demo', { type: 'MX', edns: 1232 }]] as const;
    expect(wires(ask('bind', mail, questions, { 'max-udp-size': 512 }).seen)).toEqual([54]);
  });

  // An answer is trusted more than what comes beside another, and is not replaced by it.
  it.each<[software: string, queries: number, last: number]>([
    ['bind', 2, 43],
    ['unbound', 3, 43],
  ])('%s tells none beyond the life of those that it had', (software, count, last) => {
    const type = 'MX';
    const { seen, queries } = ask(software, { ...mail, 'h.mx.demo A': ['h.mx.demo 2 IN A 192.0.2.9'] }, [
      [0.3, 'h.mx.demo'],
      [1.3, 'mx.demo', { type }],
      [3.6, 'mx.demo', { type }],
    ]);
    expect(queries).toHaveLength(count);
    expect(wires(seen)[2]).toBe(last);
  });

  it('unbound asks anew when they have run out, but an equal set is not renewed', () => {
    const { seen, queries } = ask('unbound', mail, [
      [0.3, 'mx.demo', { type: 'MX' }],
      [9.3, 'mx.demo', { type: 'MX' }],
      [12.6, 'mx.demo', { type: 'MX' }],
      [15.1, 'mx.demo', { type: 'MX' }],
    ]);
    expect(answered(seen)).toEqual([[60], [51], [48], [45]]);
    expect(queries).toHaveLength(3);
  });

  it('unbound with minimal-responses off adds only what came with the set', () => {
    const service = { 's.demo SRV': ['s.demo 9 IN SRV 1 2 80 h.demo.'], 'h.demo A': ['h.demo 9 IN A 192.0.2.9'] };
    const questions = [
      [0.3, 'h.demo'],
      [0.6, 's.demo', { type: 'SRV' }],
    ] as const;
    const { seen } = ask('unbound', service, questions, { 'minimal-responses': false });
    expect(seen.map((reply) => ('rcode' in reply ? reply.additional : []))).toEqual([[], []]);
  });
});

// Recordings `recursor-q-zero` and `recursor-q-zero-denials`.
describe('TTLs of 0', () => {
  const zero = {
    'e.demo A': { authority: [soa(0, 0)] },
    'w.demo A': ['w.demo 0 IN CNAME a.demo.'],
    'a.demo A': ['a.demo 9 IN A 192.0.2.1'],
  };

  it('BIND keeps denials until the second ends', () => {
    const { queries } = ask(
      'bind',
      zero,
      [0.1, 0.5, 0.9, 1.2].map((at) => [at, 'e.demo']),
    );
    expect(queries).toEqual(['e.demo. A', 'e.demo. A']);
  });

  it('unbound keeps aliases until the second ends, and asks for denials each time', () => {
    const { queries } = ask('unbound', zero, [
      [0.1, 'w.demo'],
      [0.5, 'w.demo'],
      [1.2, 'w.demo'],
      [2.1, 'e.demo'],
      [2.5, 'e.demo'],
    ]);
    expect(queries).toEqual(['w.demo. A', 'a.demo. A', 'w.demo. A', 'e.demo. A', 'e.demo. A']);
  });
});

// Recordings `recursor-q-denials-without-opt` and `recursor-q-denied-aliases`; packet_ttl of lib/cache/entry_pkt.c.
describe('Knot keeps denials as whole replies', () => {
  const denials = {
    'n.demo A': { rcode: 'nxdomain', authority: [soa(60, 30)] },
    'w.demo A': { rcode: 'nxdomain', answer: ['w.demo 3 IN CNAME n.demo.'], authority: [soa(60, 30)] },
  };

  it.each<[opt: boolean, queries: number]>([
    [true, 2],
    [false, 1],
  ])('for the least of their TTLs, among them that of OPT: %s', (opt, count) => {
    const state = opt ? {} : { edns: false as const };
    const { queries } = ask(
      'knot',
      denials,
      [0.3, 9.3].map((at) => [at, 'n.demo']),
      {},
      state,
    );
    expect(queries).toHaveLength(count);
  });

  it('and tells of an alias in one its own TTL, below the least', () => {
    const { seen } = ask(
      'knot',
      denials,
      [0.3, 1.4, 2.5, 3.6].map((at) => [at, 'w.demo']),
    );
    expect(answered(seen)).toEqual([[5], [2], [1], [0]]);
  });
});

// lib/ns/query.c of BIND 9.18; recording `recursor-q-bind-stale-reasons`.
it.each<[timeout: number | 'off', why: string]>([
  [0, 'stale data prioritized over lookup'],
  [500, 'client timeout'],
  ['off', 'resolver failure'],
])('BIND says why an answer is old, with stale-answer-client-timeout %s', (timeout, why) => {
  const options = { 'stale-cache-enable': true, 'stale-answer-enable': true, 'stale-answer-client-timeout': timeout };
  const answers = { 'a.demo A': ['a.demo 2 IN A 192.0.2.1'] };
  const questions: [number, string, Partial<Asked>][] = [1.2, 6.3].map((at) => [
    at,
    'a.demo',
    { edns: 1232, timeout: 12 },
  ]);
  const { seen } = ask('bind', answers, questions, options, {}, { mode: 'drop' });
  // Behind the answer and OPT: the option's code and length, the info code, the text.
  expect(wires(seen)).toEqual([51, 51 + 6 + why.length]);
});

// query_prefetch of BIND's lib/ns/query.c: one at a time for a client; recording `recursor-q-bind-prefetch-chain`.
it('BIND asks ahead of time for one set of a chain', () => {
  const answers = {
    'w.demo A': ['w.demo 9 IN CNAME t.demo.'],
    'w.demo CNAME': ['w.demo 9 IN CNAME t.demo.'],
    't.demo A': ['t.demo 9 IN A 192.0.2.2'],
  };
  const { queries } = ask('bind', answers, [
    [0.3, 'w.demo'],
    [7.5, 'w.demo'],
  ]);
  expect(queries).toEqual(['w.demo. A', 't.demo. A', 'w.demo. CNAME']);
});

// Recording `recursor-q-dnsmasq-aliases`; is_outdated_cname_pointer and cache_find_non_terminal of dnsmasq's cache.c.
describe('dnsmasq and aliases', () => {
  const chain = {
    'w.demo A': ['w.demo 9 IN CNAME a.demo.', 'a.demo 2 IN A 192.0.2.1'],
    'a.demo A': ['a.demo 2 IN A 192.0.2.1'],
  };

  it('forgets one whose target was found to have run out, even when that is known again', () => {
    const { queries } = ask('dnsmasq', chain, [
      [0.3, 'w.demo'],
      [3.2, 'a.demo'],
      [3.5, 'w.demo'],
      [3.8, 'w.demo'],
    ]);
    expect(queries).toEqual(['w.demo. A', 'a.demo. A', 'w.demo. A']);
  });

  it('knows of a name by what is there under the name itself, not below it', () => {
    const below = { 'b.a.demo A': ['b.a.demo 60 IN A 192.0.2.1'], 'a.demo TXT': { rcode: 'nxdomain' } };
    const txt = { type: 'TXT' };
    const { seen } = ask('dnsmasq', { ...below, 'a.demo A': ['a.demo 60 IN A 192.0.2.1'] }, [
      [0.3, 'b.a.demo'],
      [0.6, 'a.demo', txt],
      [0.9, 'a.demo'],
      [1.2, 'a.demo', txt],
    ]);
    const rcodes = seen.map((reply) => ('rcode' in reply ? reply.rcode : 'nothing'));
    expect(rcodes).toEqual(['NOERROR', 'NXDOMAIN', 'NOERROR', 'NOERROR']);
  });

  it('lifts TTLs to the least behind the cut to the greatest', () => {
    const long = { 'a.demo A': ['a.demo 60 IN A 192.0.2.1'] };
    const options = { 'min-cache-ttl': 8, 'max-cache-ttl': 6 };
    const { seen } = ask(
      'dnsmasq',
      long,
      [0.3, 3.6].map((at) => [at, 'a.demo']),
      options,
    );
    expect(answered(seen)).toEqual([[60], [5]]);
  });
});
