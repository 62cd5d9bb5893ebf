import { expect, test } from 'vitest';
import { parseAddress } from '../../network/address.ts';
import { readyEndpoints } from '../endpoint.ts';
import type { ServiceDescription } from '../world.ts';
import { cleanedUp, cleanUpRule } from './clean-up.ts';

const dns = (endpoints: readonly string[]): ServiceDescription => ({
  name: 'kube-system/kube-dns',
  address: '10.43.0.10',
  ports: [{ name: 'dns', protocol: 'udp', port: 53, targetPort: 53 }],
  endpoints: readyEndpoints(endpoints),
});

function flow(replySource: string, protocol: 'udp' | 'tcp' = 'udp', ports = { to: 53, from: 53 }) {
  const [client, service] = [parseAddress('10.42.0.33') ?? 0, parseAddress('10.43.0.10') ?? 0];
  return {
    original: { protocol, source: client, sourcePort: 52421, destination: service, destinationPort: ports.to },
    reply: {
      protocol,
      source: parseAddress(replySource) ?? 0,
      sourcePort: ports.from,
      destination: client,
      destinationPort: 52421,
    },
  };
}

const gone = flow('10.42.0.5');
const kept = flow('10.42.0.6');
const astray = flow('10.43.0.10');

test.each([
  ['1.7.16', true, false],
  ['1.8.0', true, true],
  ['1.21', true, true],
  ['1.22.0', true, false],
  ['1.22.3', true, false],
  ['1.22.4', true, true],
  ['1.22', true, true],
  ['1.29.9', true, true],
  ['1.29.10', true, true],
  ['1.30.5', true, true],
  ['1.31.1', true, true],
  ['1.31', true, true],
])(
  '%s deletes flows to an end point that left: %s, all flows of a Service at its first end point: %s',
  (release, removed, first) => {
    const rule = cleanUpRule(release);
    expect(cleanedUp(rule, [dns(['10.42.0.5', '10.42.0.6'])], [dns(['10.42.0.6'])])(gone)).toBe(removed);
    expect(cleanedUp(rule, [dns([])], [dns(['10.42.0.6'])])(astray)).toBe(first);
    expect(cleanedUp(rule, [dns([])], [dns(['10.42.0.6'])])(kept)).toBe(first);
  },
);

test.each([
  ['1.21', true],
  ['1.28', true],
  ['1.29.0', false],
  ['1.29.9', false],
  ['1.29.10', true],
  ['1.30.5', false],
  ['1.30.6', true],
  ['1.31.1', false],
  ['1.31.2', true],
  ['1.32.0', true],
  ['1.37', true],
])('%s deletes flows to an end point that stops serving before it goes: %s', (release, deleted) => {
  const rule = cleanUpRule(release);
  const left = readyEndpoints(['10.42.0.6']);
  const stopped = { address: '10.42.0.5', ready: false, serving: false, terminating: true };
  const both = dns(['10.42.0.5', '10.42.0.6']);
  const between = { ...both, endpoints: [stopped, ...left] };
  const syncs = [cleanedUp(rule, [both], [between]), cleanedUp(rule, [between], [dns(['10.42.0.6'])])];
  expect(syncs.some((isDeleted) => isDeleted(gone))).toBe(deleted);
});

test.each(['1.32.0', '1.32.3', '1.34', '1.37'])('%s finds every flow that leads to no end point', (release) => {
  const stale = cleanedUp(cleanUpRule(release), [dns([])], [dns(['10.42.0.6'])]);
  expect([gone, astray, kept].map(stale)).toEqual([true, true, false]);
  expect(stale(flow('10.42.0.5', 'tcp'))).toBe(false);
  const unchanged = cleanedUp(cleanUpRule(release), [dns(['10.42.0.6'])], [dns(['10.42.0.6'])]);
  expect(unchanged(astray)).toBe(false);
});

test.each([
  ['1.31', true, false, false],
  ['1.32.0', false, true, false],
  ['1.32.3', false, false, false],
  ['1.33', false, false, false],
  ['1.34', false, false, true],
  ['1.37', true, false, true],
])(
  '%s: a Service left without end points %s, another port %s, another target port %s',
  (release, empty, port, target) => {
    const rule = cleanUpRule(release);
    const changed = cleanedUp(rule, [dns(['10.42.0.5', '10.42.0.6'])], [dns(['10.42.0.6'])]);
    expect(cleanedUp(rule, [dns(['10.42.0.5'])], [dns([])])(gone)).toBe(empty);
    if (release === '1.31') return;
    expect(changed(flow('10.42.0.5', 'udp', { to: 4789, from: 4789 }))).toBe(port);
    expect(changed(flow('10.42.0.6', 'udp', { to: 53, from: 5353 }))).toBe(target);
  },
);
