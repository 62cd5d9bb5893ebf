import { expect, test } from 'vitest';
import { SmallTrace, smallWorld } from '../../test/support/small-trace.ts';
import { readyEndpoints } from '../cluster/endpoint.ts';
import type { World } from '../cluster/world.ts';
import { second } from '../engine/time.ts';
import { conntrackEvent } from '../kernel/records.ts';
import { misledBy, readFlows } from './flows.ts';

const service = 'kube-system/kube-dns';
const setEndpoints = (at: number, ...addresses: string[]) =>
  ({
    at: at * second,
    label: '',
    kind: 'set-endpoints',
    service,
    endpoints: readyEndpoints(addresses),
    whenEmpty: 'reject',
  }) as const;

/** An end point that is away from 20 s to 40 s and leaves for good at 60 s. */
const world: World = {
  ...smallWorld,
  services: [
    {
      name: service,
      address: '10.96.0.10',
      ports: [{ name: 'dns', protocol: 'udp', port: 53, targetPort: 53, nodePort: 30053 }],
      externalIPs: ['198.51.100.7'],
      loadBalancerIPs: ['203.0.113.7'],
      endpoints: readyEndpoints(['10.244.1.5', '10.244.2.7']),
    },
  ],
  events: [
    setEndpoints(60, '10.244.2.7'),
    setEndpoints(20, '10.244.2.7'),
    setEndpoints(40, '10.244.1.5', '10.244.2.7'),
  ],
};

/** An entry to 10.244.1.5, born at a second, that a packet of its client meets at 70 s. */
function flow(born: number, originalDestination = '10.96.0.10', originalDestinationPort = 53, run = world) {
  const trace = new SmallTrace();
  const fields = {
    type: 'NEW',
    protocol: 'udp',
    state: '',
    timeout: 120,
    originalSource: '10.244.0.9',
    originalSourcePort: 40000,
    originalDestination,
    originalDestinationPort,
    replySource: '10.244.1.5',
    replySourcePort: 53,
    replyDestination: '10.244.0.9',
    replyDestinationPort: 40000,
    seenReply: true,
    assured: true,
    id: 1,
  };
  trace.now = born * second;
  trace.recorder.write(conntrackEvent, 'node-1', 1, '', fields);
  trace.now = 70 * second;
  trace.recorder.write(conntrackEvent, 'node-1', 2, '', { ...fields, type: 'UPDATE' });
  return readFlows(trace.store, run)[0];
}

test.each([
  ['at the start', 0, 20, 1],
  ['while its end point was away: it did not leave later', 30, undefined, 0],
  ['once it was back', 50, 60, 1],
  ['after it had left for good', 65, undefined, 0],
])('an entry born %s', (_when, born, left, misled) => {
  const found = flow(born);
  expect(found?.leftAt).toBe(left === undefined ? undefined : left * second);
  expect(found === undefined ? undefined : misledBy(found)).toHaveLength(misled);
});

test.each([
  ['its ClusterIP', '10.96.0.10', 53, '10.96.0.10'],
  ['a port of every node', '192.168.1.10', 30053, '10.96.0.10'],
  ['an external address', '198.51.100.7', 53, '10.96.0.10'],
  ['the address of its load balancer', '203.0.113.7', 53, '10.96.0.10'],
  ['another port of such an address', '203.0.113.7', 80, undefined],
  ['an address of nobody here', '192.168.1.10', 53, undefined],
])('an entry to a Service by %s is known as its', (_what, address, port, service) => {
  const found = flow(0, address, port);
  expect([found?.service, found?.leftAt]).toEqual([service, service === undefined ? undefined : 20 * second]);
});

test('a Service that an event makes is known from then on, with what its end points do afterwards', () => {
  const [made] = world.services;
  if (made === undefined) throw new Error('the world has no Service');
  const create = { at: 10 * second, label: '', kind: 'set-service', service: made } as const;
  const later: World = { ...world, services: [], events: [create, ...world.events] };
  const found = flow(15, '10.96.0.10', 53, later);
  expect([found?.service, found?.leftAt]).toEqual(['10.96.0.10', 20 * second]);
});

test('an entry to the ClusterIP of the other family is known as that of its Service', () => {
  const dual: World = { ...world, services: world.services.map((one) => ({ ...one, otherAddress: 'fd00::a' })) };
  expect(flow(0, 'fd00::a', 53, dual)?.service).toBe('fd00::a');
});
