import { describe, expect, it } from 'vitest';
import type { World, WorldEvent } from '../cluster/world.ts';
import { second } from '../engine/time.ts';
import { truthOf } from './truth.ts';

const zone = `$TTL 60
@ IN SOA ns host 1 7200 900 1209600 60
@ IN NS ns
ns IN A 192.168.100.22
db IN A 10.0.0.1
alias IN CNAME db
`;

function worldWith(...events: WorldEvent[]): World {
  return {
    seed: '1',
    until: 600 * second,
    hosts: [],
    segments: [],
    podCidr: '10.244.0.0/16',
    kubeProxyOn: [],
    services: [],
    coredns: [],
    servers: [
      {
        name: 'corp',
        host: 'corp',
        address: '192.168.100.22',
        port: 53,
        role: 'authoritative',
        zones: { 'example.com': { file: 'zone', text: zone } },
      },
    ],
    workloads: [],
    events,
  };
}

const changeTo = (address: string, at: number): WorldEvent => {
  return {
    at: at * second,
    label: '',
    kind: 'change-records',
    server: 'corp',
    zone: 'example.com',
    replace: [`db 60 IN A ${address}`],
  };
};

describe('since when an address is no longer served', () => {
  const world = worldWith(changeTo('10.0.0.2', 60), changeTo('10.0.0.3', 90), changeTo('10.0.0.1', 120));
  it.each([
    ['before any change', 'db.example.com', '10.0.0.1', 59, undefined],
    ['at the instant of the change', 'db.example.com', '10.0.0.1', 60, 60],
    ['after two changes', 'db.example.com.', '10.0.0.1', 100, 60],
    ['of the address between them', 'db.example.com', '10.0.0.2', 100, 90],
    ['when it is served again', 'db.example.com', '10.0.0.1', 130, undefined],
    ['through an alias', 'ALIAS.example.com', '10.0.0.1', 70, 60],
    ['that was never served', 'db.example.com', '192.0.2.1', 70, undefined],
    ['of a name that no server here has', 'db.example.org', '10.0.0.1', 70, undefined],
  ])('%s', (_, name, address, at, since) => {
    expect(truthOf(world).staleSince(name, address, at * second)).toBe(
      since === undefined ? undefined : since * second,
    );
  });
});

describe('since when a name has been there', () => {
  const shop = {
    name: 'default/shop',
    address: '10.96.7.7',
    ports: [{ name: 'http', protocol: 'tcp', port: 80, targetPort: 80 }],
    endpoints: [],
  } as const;
  const world = worldWith({ at: 60 * second, label: '', kind: 'set-service', service: shop });
  it.each([
    ['db.example.com', 10, 0],
    ['shop.default.svc.cluster.local.', 59, undefined],
    ['shop.default.svc.cluster.local.', 61, 60],
    ['nowhere.example.com', 61, undefined],
  ])('%s at %d s: %s', (name, at, since) => {
    expect(truthOf(world).thereSince(name, at * second)).toBe(since === undefined ? undefined : since * second);
  });
});

describe('where an alias leads', () => {
  const replace = ['gone 60 IN CNAME nowhere.example.com.', 'one 60 IN CNAME two', 'two 60 IN CNAME one'];
  const change = { at: 60 * second, label: '', kind: 'change-records', server: 'corp', zone: 'example.com' } as const;
  const { aliasOf } = truthOf(worldWith({ ...change, replace }));
  it.each([
    ['db.example.com', 61, undefined],
    ['ALIAS.example.com', 61, { target: 'db.example.com.', isLoop: false }],
    ['gone.example.com', 59, undefined],
    ['gone.example.com', 61, { target: 'nowhere.example.com.', isLoop: false }],
    ['one.example.com', 61, { target: 'two.example.com.', isLoop: true }],
  ])('%s at %d s: %s', (name, at, alias) => expect(aliasOf(name, at * second)).toEqual(alias));
});

it('what only a server that was given up answers has not been served from the start', () => {
  const [corp, ...none] = worldWith().servers;
  if (corp?.role !== 'authoritative') throw new Error('no server');
  const old = { file: 'old', text: zone.replace('10.0.0.1', '10.0.0.9') };
  const given = { ...corp, name: 'old', zones: { 'example.com': old }, outdated: true };
  const { staleSince } = truthOf({ ...worldWith(), servers: [corp, given, ...none] });
  expect(staleSince('db.example.com', '10.0.0.9', 50 * second)).toBe(0);
  expect(staleSince('db.example.com', '10.0.0.1', 50 * second)).toBeUndefined();
});

it('addresses of pods that are not ready are true where the Service publishes them', () => {
  const endpoint = { address: '10.244.9.9', ready: false, serving: false, terminating: false };
  const db = { name: 'default/db', address: 'None', ports: [], endpoints: [endpoint] };
  const none = { kind: 'set-endpoints', service: 'default/db', endpoints: [], whenEmpty: 'reject' } as const;
  const since = (service: World['services'][number]) => {
    const { staleSince } = truthOf({ ...worldWith({ at: 40 * second, label: '', ...none }), services: [service] });
    return staleSince('db.default.svc.cluster.local', '10.244.9.9', 50 * second);
  };
  expect(since({ ...db, publishNotReadyAddresses: true })).toBe(40 * second);
  expect(since(db)).toBeUndefined();
});

// RFC 4592 §3.3.1: a wildcard stands for names of any number of labels below its closest encloser.
it.each([
  ['www.example.org.apps.example.com.', '*.apps.example.com.'],
  ['deep.in.own.apps.example.com.', undefined],
  ['own.apps.example.com.', undefined],
])('the wildcard that stands for %s is %s', (name, owner) => {
  const wild = changeTo('', 10);
  if (wild.kind !== 'change-records') throw new Error('no change of records');
  const replace = ['*.apps IN A 10.0.0.9', 'own.apps IN A 10.0.0.8'];
  const truth = truthOf(worldWith({ ...wild, replace }));
  expect(truth.wildcardOf(name, 5 * second)).toBeUndefined();
  expect(truth.wildcardOf(name, 20 * second)).toBe(owner);
  expect(truth.thereSince(name, 20 * second)).toBe(name.startsWith('deep') ? undefined : 10 * second);
});
