import { describe, expect, it } from 'vitest';
import { type Asked, type Seen, startLab } from '../../../test/support/lab.ts';
import { second } from '../../engine/time.ts';
import type { ScriptedState } from '../description.ts';
import { serverQuery } from '../records.ts';
import { startServer } from '../start.ts';
import type { OptionValue } from './profile.ts';

const address = '10.9.0.10';
const upstream = '10.9.0.21';

/** Asks a recursor before a scripted server; what clients saw, and what the server was asked. */
function ask(
  software: string,
  state: Partial<ScriptedState>,
  questions: readonly (readonly [at: number, name: string, asked?: Partial<Asked>])[],
  options: Readonly<Record<string, OptionValue>> = {},
) {
  const lab = startLab([address, upstream]);
  const common = { host: 'lab', port: 53 } as const;
  startServer(lab.simulation, lab.host, { role: 'scripted', name: 'server', address: upstream, ...common, state });
  const recursor = { role: 'recursor', name: 'recursor', address, ...common } as const;
  startServer(lab.simulation, lab.host, { ...recursor, software, options, upstreams: { '.': [upstream] } });
  const seen: Seen[] = [];
  for (const [at, name, asked] of questions) {
    lab.ask(at, address, { name, timeout: 5, ...asked }, (reply) => seen.push(reply));
  }
  lab.simulation.run(100 * second);
  const queries = [...lab.store.rows(serverQuery)].filter(({ server }) => server === 'server');
  return { seen, queries: queries.map(({ name }) => name).filter((name) => name !== '.') };
}

const told = (seen: readonly Seen[]) =>
  seen.map((reply) => ('rcode' in reply ? `${reply.rcode} ${reply.answer.length}` : 'nothing'));

// Recording `recursor-q-pdns-passes-over`; PowerDNS's syncres.cc: doThrottle(…, 10, 5) after a time-out, (…, 60, 3) after an error that is not SERVFAIL.
describe('PowerDNS passes over what a server did not answer', () => {
  it.each<[mode: string, times: number[], queries: number]>([
    ['drop', [1.5, 4.5, 12.5, 14.5], 2],
    ['drop', [1.5, 3.1, 3.2, 3.3, 3.4, 3.5, 3.6], 2],
    ['refused', [1.5, 4.5, 40.5, 60.5, 60.8], 2],
    ['servfail', [1.5, 4.5], 2],
  ])('%s, asked at %j', (mode, times, count) => {
    const questions = times.map((at): [number, string] => [at, 'a.demo']);
    const { queries } = ask('powerdns', { mode, answers: {} }, questions, { 'disable-packetcache': true });
    expect(queries).toHaveLength(count);
  });
});

// Recording `recursor-q-alias-fails`.
describe('an alias whose target fails', () => {
  const answers = { 'w.demo A': ['w.demo 60 IN CNAME a.demo.'], 'a.demo A': { rcode: 'servfail' } };

  it.each<[software: string, first: string, again: string, target: string]>([
    ['powerdns', 'SERVFAIL 1', 'SERVFAIL 1', 'SERVFAIL 0'],
    ['knot', 'SERVFAIL 1', 'SERVFAIL 1', 'SERVFAIL 0'],
    ['unbound', 'SERVFAIL 0', 'SERVFAIL 0', 'SERVFAIL 0'],
    ['bind', 'SERVFAIL 0', 'SERVFAIL 0', 'SERVFAIL 0'],
  ])('%s', (software, ...expected) => {
    const { seen } = ask(software, { answers }, [
      [0.3, 'w.demo'],
      [0.8, 'w.demo'],
      [1.1, 'a.demo'],
    ]);
    expect(told(seen)).toEqual(expected);
  });

  it('unbound keeps the failure of the question, and tells the alias where the target is known to fail', () => {
    const { seen, queries } = ask('unbound', { answers }, [
      [0.3, 'w.demo'],
      [0.8, 'a.demo'],
      [1.9, 'w.demo'],
      [5.5, 'w.demo'],
    ]);
    expect(told(seen)).toEqual(['SERVFAIL 0', 'SERVFAIL 0', 'SERVFAIL 0', 'SERVFAIL 1']);
    expect(queries).toEqual(['w.demo.', ...Array(10).fill('a.demo.')]);
  });

  it('BIND keeps the failure of the target, and asks for it all the same where an alias leads there', () => {
    const { queries } = ask('bind', { answers }, [
      [0.3, 'w.demo'],
      [0.8, 'a.demo'],
      [1.1, 'w.demo'],
    ]);
    expect(queries).toEqual(['w.demo.', 'a.demo.', 'a.demo.']);
  });
});

it.each<[software: string, limit: number]>([
  ['bind', 10],
  ['unbound', 0.7],
])('%s keeps that no reply came as it keeps other failures', (software, limit) => {
  const options = software === 'unbound' ? { 'outbound-msg-retry': 1 } : {};
  const after = limit + 1;
  const { seen } = ask(
    software,
    { mode: 'drop', answers: {} },
    [
      [0.5, 'a.demo', { timeout: 12 }],
      [after, 'a.demo'],
    ],
    options,
  );
  expect(seen.map((reply) => ('latency' in reply && 'rcode' in reply ? reply.latency < 0.1 : 'nothing'))[1]).toBe(true);
});
