import { expect, test } from 'vitest';
import { causeOfFailure, kubeDns, worldWith } from '../../test/support/failure.ts';
import type { SmallTrace } from '../../test/support/small-trace.ts';
import type { Trouble } from '../../test/support/trouble.ts';
import { endpointsChanged } from '../cluster/records.ts';

const local = {
  ...worldWith('', { kind: 'glibc', release: '2.36' }),
  services: [{ ...kubeDns, internalTrafficPolicy: 'Local' as const }],
};
const elsewhere = ({ recorder }: SmallTrace) =>
  recorder.write(endpointsChanged, 'kube-system/kube-dns', 0, 'pods', {
    ...{ addresses: '10.244.2.7', serving: '', terminating: '' },
  });
const all = { ...local, services: [kubeDns] };

// As iptables-save prints it, as nft does for what it looks up in a map, and IPVS, which has no rule.
test('an end point elsewhere from the start', () => {
  const endpoint = { address: '10.244.2.7', ready: true, serving: true, terminating: false };
  const world = {
    ...local,
    services: [{ ...kubeDns, internalTrafficPolicy: 'Local' as const, endpoints: [endpoint] }],
  };
  const happens = (one: Trouble) => one.dropped('node-1', 'ipvs-no-real-server', '10.96.0.10');
  expect(causeOfFailure(world, () => undefined, happens)).toBe('no-local-endpoint');
  expect(causeOfFailure(local, () => undefined, happens)).toBe('no-ready-endpoint');
});

test.each([
  [
    'iptables',
    local,
    'rule-drop',
    '-A KUBE-SERVICES -d 10.96.0.10/32 -p udp -m comment --comment "kube-system/kube-dns:dns has no local endpoints" -m udp --dport 53 -j DROP',
    'no-local-endpoint',
  ],
  [
    'nftables',
    local,
    'rule-drop',
    'rule ip kube-proxy service-endpoints-check ip daddr . meta l4proto . th dport vmap @no-endpoint-services',
    'no-local-endpoint',
  ],
  ['ipvs', local, 'ipvs-no-real-server', '', 'no-local-endpoint'],
  ['ipvs, with a policy that leads everywhere', all, 'ipvs-no-real-server', '', 'rules-behind'],
])('a Service without an end point on the node of its client: %s', (_, world, dropped, rule, cause) => {
  expect(causeOfFailure(world, elsewhere, (one) => one.dropped('node-1', dropped, '10.96.0.10', rule))).toBe(cause);
});
