import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../network/address.ts';
import { type EndpointDescription, readyEndpoint } from '../endpoint.ts';
import type { ServiceDescription } from '../world.ts';
import { cleanedUp } from './clean-up.ts';
import { cleanUpRule } from './clean-up-releases.ts';

const stays = readyEndpoint('10.42.0.6');
const goes = readyEndpoint('10.42.0.5');
const unready = { ...goes, ready: false, serving: false };
const terminating = { ...goes, ready: false, terminating: true };
const ended = { ...terminating, serving: false };

const dns = (
  endpoints: readonly EndpointDescription[],
  more: Partial<ServiceDescription> = {},
): ServiceDescription => ({
  name: 'kube-system/kube-dns',
  address: '10.43.0.10',
  ports: [{ name: 'dns', protocol: 'udp', port: 53, targetPort: 53 }],
  endpoints,
  ...more,
});

interface Ends {
  readonly to?: string;
  readonly port?: number;
  readonly from: string;
  readonly fromPort?: number;
  readonly protocol?: 'udp' | 'tcp';
}

/** A flow of a pod's to `to:port` whose answers come from `from:fromPort`. */
function flow({ to = '10.43.0.10', port = 53, from, fromPort = port, protocol = 'udp' }: Ends) {
  const [client, destination, source] = ['10.42.0.33', to, from].map((text) => parseAddress(text) ?? 0);
  if (client === undefined || destination === undefined || source === undefined) throw new Error('no address');
  return {
    original: { protocol, source: client, sourcePort: 52421, destination, destinationPort: port },
    reply: { protocol, source, sourcePort: fromPort, destination: client, destinationPort: 52421 },
  };
}

const toGone = flow({ from: '10.42.0.5' });
const toKept = flow({ from: '10.42.0.6' });
/** Born while no rule stood: answers would have to come from the Service's own address. */
const astray = flow({ from: '10.43.0.10' });

/** Does a release delete a flow in the syncs that lead through these end points? */
function isDeleted(
  release: string,
  flowOf: ReturnType<typeof flow>,
  ...steps: (readonly ServiceDescription[])[]
): boolean {
  const rule = cleanUpRule(release);
  return steps.slice(1).some((after, i) => cleanedUp(rule, steps[i] ?? [], after)(flowOf));
}

const through = (...steps: (readonly EndpointDescription[])[]) => steps.map((endpoints) => [dns(endpoints)]);

describe('an end point that goes', () => {
  test.each([
    [
      'at once',
      [[goes, stays], [stays]],
      ['1.7.16', '1.18', '1.22.0', '1.28', '1.29.0', '1.31.1', '1.32.0', '1.37'],
      [],
    ],
    // kubernetes#127780: one that stopped serving first was forgotten.
    [
      'after it has stopped serving',
      [[goes, stays], [ended, stays], [stays]],
      ['1.21', '1.28', '1.29.10', '1.30.6', '1.31.2', '1.32.0', '1.37'],
      ['1.29.0', '1.29.9', '1.30.5', '1.31.1'],
    ],
    // Releases that count ready ones delete at once, those that count serving ones wait.
    [
      'while it still serves',
      [
        [goes, stays],
        [terminating, stays],
      ],
      ['1.21', '1.28'],
      ['1.22.3', '1.29', '1.32', '1.37'],
    ],
    [
      'by being not ready',
      [
        [goes, stays],
        [unready, stays],
      ],
      ['1.21', '1.28', '1.31', '1.32'],
      ['1.22.3', '1.29.9'],
    ],
    // kubernetes#139628: the last one of a Service.
    ['as the last', [[goes], []], ['1.18', '1.28', '1.31', '1.37'], ['1.32.0', '1.34', '1.36']],
  ])('%s', (_what, steps, deletes, forgets) => {
    for (const release of deletes)
      expect([release, isDeleted(release, toGone, ...through(...steps))]).toEqual([release, true]);
    for (const release of forgets)
      expect([release, isDeleted(release, toGone, ...through(...steps))]).toEqual([release, false]);
    if (!(steps.at(-1) ?? []).includes(stays)) return;
    for (const release of [...deletes, ...forgets])
      expect([release, isDeleted(release, toKept, ...through(...steps))]).toEqual([release, false]);
  });
});

describe('the first end point', () => {
  test.each([
    // kubernetes#48370.
    ['that is ready at once', [[], [stays]], ['1.8.0', '1.21', '1.28', '1.31', '1.32.0', '1.37'], ['1.7.16']],
    // kubernetes#105657: flushed when it is first seen, not ready, and not again when its rule comes.
    ['when it is ready', [[unready], [goes]], ['1.21', '1.22.4', '1.28', '1.32', '1.37'], ['1.22.0', '1.22.3']],
    ['before it is ready', [[], [unready]], ['1.22.0', '1.22.3'], ['1.21', '1.22.4', '1.28', '1.36']],
    // kubernetes#126934: the first on a node, under the policy Local, is not the Service's first.
    [
      'of a node alone',
      [
        [readyEndpoint('10.42.0.6', 'other')],
        [readyEndpoint('10.42.0.6', 'other'), readyEndpoint('10.42.0.7', 'node')],
      ],
      ['1.32', '1.37'],
      ['1.23', '1.31'],
    ],
  ])('%s', (_what, steps, deletes, forgets) => {
    for (const release of deletes)
      expect([release, isDeleted(release, astray, ...through(...steps))]).toEqual([release, true]);
    for (const release of forgets)
      expect([release, isDeleted(release, astray, ...through(...steps))]).toEqual([release, false]);
  });
});

const outside = (endpoints: readonly EndpointDescription[]) =>
  dns(endpoints, {
    ports: [{ name: 'dns', protocol: 'udp', port: 53, targetPort: 53, nodePort: 30053 }],
    externalIPs: ['198.51.100.1'],
    loadBalancerIPs: ['203.0.113.1'],
  });

describe('traffic from outside', () => {
  const node = { to: '192.168.1.200', port: 30053 };
  test.each([
    [
      'an external address, first end point',
      flow({ to: '198.51.100.1', from: '198.51.100.1' }),
      false,
      ['1.14.0', '1.18', '1.31', '1.32'],
      ['1.13.9'],
    ],
    // kubernetes#103857.
    [
      'an address of a load balancer, first',
      flow({ to: '203.0.113.1', from: '203.0.113.1' }),
      false,
      ['1.21.5', '1.22.2', '1.28', '1.32'],
      ['1.20', '1.21.4', '1.22.1'],
    ],
    // kubernetes#98305.
    [
      'a node port, first',
      flow({ ...node, from: '192.168.1.200' }),
      false,
      ['1.20.5', '1.21.0', '1.31', '1.32', '1.37'],
      ['1.20.4', '1.18'],
    ],
    [
      'a node port, end point gone',
      flow({ ...node, from: '10.42.0.5', fromPort: 53 }),
      true,
      ['1.18', '1.21', '1.31', '1.32'],
      [],
    ],
    ['an external address, gone', flow({ to: '198.51.100.1', from: '10.42.0.5' }), true, ['1.18', '1.31', '1.32'], []],
    // Node ports were cleaned instead of the ClusterIP.
    ['the ClusterIP of a Service with a node port, gone', toGone, true, ['1.21.0', '1.31', '1.32'], ['1.18', '1.20']],
    [
      'any traffic to the number of a node port',
      flow({ to: '8.8.8.8', port: 30053, from: '8.8.8.8' }),
      false,
      ['1.28', '1.33'],
      [],
    ],
  ])('%s', (_what, flowOf, isGone, deletes, forgets) => {
    const steps = isGone ? [[outside([goes, stays])], [outside([stays])]] : [[outside([])], [outside([stays])]];
    for (const release of deletes) expect([release, isDeleted(release, flowOf, ...steps)]).toEqual([release, true]);
    for (const release of forgets) expect([release, isDeleted(release, flowOf, ...steps)]).toEqual([release, false]);
  });
});

// kubernetes#129982, #130484, #130542.
test.each([
  ['1.31', false, false],
  ['1.32.0', true, false],
  ['1.32.3', false, false],
  ['1.33', false, false],
  ['1.34', false, true],
])('%s: flows to another port of the address %s, from another port of the end point %s', (release, port, target) => {
  const steps = [[dns([goes, stays])], [dns([stays])]];
  expect(isDeleted(release, flow({ port: 4789, from: '10.42.0.5' }), ...steps)).toBe(release === '1.31' || port);
  expect(isDeleted(release, flow({ from: '10.42.0.6', fromPort: 5353 }), ...steps)).toBe(target);
});

// kubernetes#141371 came after the releases that are known here.
test.each([
  ['1.18', true],
  ['1.31', true],
  ['1.32', false],
  ['1.37', false],
])('%s deletes the flows of a Service that is deleted: %s', (release, deleted) => {
  expect(isDeleted(release, toKept, [dns([stays])], [])).toBe(deleted);
});

test.each([
  // kubernetes#122740: all flows of UDP, since every Service is new to it.
  ['1.28', true],
  ['1.31', true],
  ['1.32', false],
  ['1.37', false],
])('%s that starts deletes flows that lead where they should: %s', (release, deleted) => {
  expect(isDeleted(release, toKept, [], [dns([stays])])).toBe(deleted);
  expect(isDeleted(release, astray, [], [dns([stays])])).toBe(true);
});

test('the comparison waits until the end points of some Service with UDP have changed', () => {
  const other = (endpoints: readonly EndpointDescription[], protocol: 'udp' | 'tcp') =>
    dns(endpoints, {
      name: 'default/other',
      address: '10.43.0.20',
      ports: [{ name: 'p', protocol, port: 1, targetPort: 1 }],
    });
  const kept = dns([stays]);
  expect(isDeleted('1.36', astray, [kept], [kept])).toBe(false);
  expect(isDeleted('1.36', astray, [kept, other([], 'tcp')], [kept, other([goes], 'tcp')])).toBe(false);
  expect(isDeleted('1.36', astray, [kept, other([], 'udp')], [kept, other([goes], 'udp')])).toBe(true);
});

test.each(['1.18', '1.28', '1.31', '1.36'])('%s leaves TCP alone', (release) => {
  const connection = flow({ from: '10.42.0.5', protocol: 'tcp' });
  expect(isDeleted(release, connection, [dns([goes, stays])], [dns([stays])], [dns([])], [dns([stays])])).toBe(false);
});
