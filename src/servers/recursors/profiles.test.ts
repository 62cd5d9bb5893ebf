import { describe, expect, it } from 'vitest';
import { type Asked, type Seen, startLab } from '../../../test/support/lab.ts';
import { second } from '../../engine/time.ts';
import type { ScriptedState } from '../description.ts';
import { recursorCache, serverQuery } from '../records.ts';
import { startServer } from '../start.ts';
import type { OptionValue } from './profile.ts';
import { recursorOptions, recursorSoftware } from './profiles.ts';

const address = '10.9.0.10';
const upstreams = ['10.9.0.21', '10.9.0.22'] as const;

/** Starts a recursor between two scripted servers; `one` is changed at 4 s. */
function ask(
  software: string,
  options: Readonly<Record<string, OptionValue>>,
  questions: readonly (readonly [at: number, asked: Asked])[],
  change: Partial<ScriptedState> = {},
  servers = 1,
) {
  const lab = startLab([address, ...upstreams]);
  const answers = {
    'a.demo A': ['a.demo 3 IN A 192.0.2.1'],
    'm.demo A': ['m.demo 3 IN A 192.0.2.1', 'm.demo 10 IN A 192.0.2.2'],
    'l.demo A': ['l.demo 600 IN A 192.0.2.1'],
  };
  const [one] = upstreams.slice(0, servers).map((upstream, i) => {
    const named = { name: `server-${i + 1}`, host: 'lab', address: upstream, port: 53 };
    return startServer(lab.simulation, lab.host, { role: 'scripted', ...named, state: { answers } });
  });
  const zones = { '.': upstreams.slice(0, servers) };
  const common = { role: 'recursor', name: 'recursor', host: 'lab', address, port: 53 } as const;
  startServer(lab.simulation, lab.host, { ...common, software, options, upstreams: zones });
  lab.simulation.at(4 * second, () => one?.set(change));
  const seen: Seen[] = [];
  for (const [at, asked] of questions) lab.ask(at, address, { timeout: 5, ...asked }, (reply) => seen.push(reply));
  lab.simulation.run(40 * second);
  const queries = [...lab.store.rows(serverQuery)].filter(({ server }) => server !== 'recursor');
  return { seen, queries, cache: [...lab.store.rows(recursorCache)] };
}

const answersOf = (seen: readonly Seen[]) => seen.map((reply) => ('rcode' in reply ? reply.answer : []));

describe('options by the words of each program (facts of recursors §1 to §6)', () => {
  it.each(recursorSoftware)('%s: takes every word that it lists', (software) => {
    for (const [word, takes] of recursorOptions(software)) {
      for (const kind of takes) {
        const value = kind === 'number' ? 7 : kind === 'boolean' ? true : kind.slice(1, -1);
        const { seen } = ask(software, { [word]: value }, [[1, { name: 'l.demo' }]]);
        expect(seen, `${word}: ${value}`).toHaveLength(1);
      }
    }
  });

  it.each<[software: string, options: Record<string, OptionValue>, name: string, times: number[], shown: string[]]>([
    ['dnsmasq', { 'max-ttl': 8 }, 'l.demo', [1.5, 2.5, 5.5], ['8', '8', '8']],
    ['dnsmasq', { 'max-cache-ttl': 8 }, 'l.demo', [1.5, 2.5, 14.5], ['600', '7', '600']],
    ['dnsmasq', { 'use-stale-cache': true }, 'a.demo', [1.5, 6.5, 6.8], ['3', '0', '3']],
    ['powerdns', { 'max-cache-ttl': 8 }, 'l.demo', [1.5, 2.5], ['15', '14']],
    ['knot', { 'cache.min_ttl': 20 }, 'a.demo', [1.5, 2.5], ['20', '19']],
    ['systemd-resolved', {}, 'a.demo', [1.25, 2.5], ['3', '1']],
    ['unbound', { 'serve-expired': true }, 'a.demo', [1.5, 6.5, 6.8], ['3', '30', '3']],
  ])('%s with %j shows the TTLs of %s at %j', (software, options, name, times, shown) => {
    const { seen } = ask(
      software,
      options,
      times.map((at) => [at, { name }]),
    );
    expect(answersOf(seen).map(([line]) => line?.split(' ')[1])).toEqual(shown);
  });

  it('unbound tells old answers only behind 1.8 s, each time, where a client is to wait that long', () => {
    const options = { 'serve-expired': true, 'serve-expired-client-timeout': 1800 };
    const times = [1.5, 6.5, 9.5].map((at): [number, Asked] => [at, { name: 'a.demo' }]);
    const { seen, cache } = ask('unbound', options, times, { mode: 'drop' });
    expect(seen.map((reply) => ('latency' in reply ? Math.round(reply.latency * 10) / 10 : reply))).toEqual([
      0, 1.8, 1.8,
    ]);
    expect(cache.filter(({ outcome }) => outcome === 'stale')).toHaveLength(2);
  });

  it('dnsmasq answers with the records that have not run out', () => {
    const { seen, queries } = ask('dnsmasq', {}, [
      [1.5, { name: 'm.demo' }],
      [6.5, { name: 'm.demo' }],
    ]);
    expect(answersOf(seen)[1]).toEqual(['m.demo. 5 IN A 192.0.2.2']);
    expect(queries).toHaveLength(1);
  });

  it('dnsmasq refuses what exceeds dns-forward-max, and frees a slot after 10 s', () => {
    const burst = Array.from({ length: 4 }, (_, i): [number, Asked] => [5, { name: `z${i}.demo` }]);
    const options = { 'dns-forward-max': 3 };
    const { seen } = ask('dnsmasq', options, [...burst, [16, { name: 'y.demo' }]], { mode: 'drop' });
    expect(seen.map((reply) => ('rcode' in reply ? reply.rcode : 'nothing')).sort()).toEqual([
      'REFUSED',
      'nothing',
      'nothing',
      'nothing',
      'nothing',
    ]);
  });

  it('dnsmasq asks the one that answered last once more, when another client asks what is on its way', () => {
    const times: [number, Asked][] = [
      [1.5, { name: 'l.demo' }],
      [5.5, { name: 'a.demo', timeout: 1.9 }],
      [7.5, { name: 'a.demo', timeout: 1.9 }],
      [9.5, { name: 'm.demo' }],
    ];
    const { queries } = ask('dnsmasq', {}, times, { mode: 'drop' }, 2);
    expect(queries.map(({ server, name }) => `${server} ${name}`)).toEqual([
      'server-1 l.demo.',
      'server-2 l.demo.',
      'server-1 a.demo.',
      'server-1 a.demo.',
      'server-1 m.demo.',
    ]);
  });
});

// NLnet Labs' unbound.conf(5), jostle-timeout; ISC's ARM, recursive-clients: who waits makes room for who comes.
it.each<[software: string, options: Record<string, OptionValue>, outcome: string, name: string]>([
  ['unbound', { 'num-queries-per-thread': 2, 'jostle-timeout': 50 }, 'jostled', 'y.demo.'],
  ['bind', { 'recursive-clients': 3 }, 'sent-away', 'x.demo.'],
])('%s with %j notes who made room', (software, options, outcome, name) => {
  const three = ['x.demo', 'y.demo', 'z.demo'].map((one, i) => [5 + i / 10, { name: one }] as const);
  const { cache } = ask(software, options, three, { mode: 'drop' });
  const gone = cache.filter((row) => row.outcome === 'jostled' || row.outcome === 'sent-away');
  expect(gone.map((row) => [row.outcome, row.name, row.t / second])).toEqual([[outcome, name, 5.2]]);
});
