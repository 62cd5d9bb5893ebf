import type { Scenario } from '../scenario/scenario.ts';
import { placeAll } from '../scenario/translate/pods.ts';
import type { Owner, Surroundings } from './corefile/view.ts';
import type { ZoneView } from './zone.ts';

/** What a scenario tells about the place where its Corefile runs. */
export function surroundingsOf({ artefacts, definition }: Scenario, zones: readonly ZoneView[]): Surroundings {
  const { cluster, servers } = definition;
  const owners = new Map<string, Owner>();
  const add = (address: string, name: string, ignoresLimits = false) => owners.set(address, { name, ignoresLimits });
  for (const [name, { address }] of Object.entries(cluster.nodes)) add(address, name);
  const { coredns, own } = placeAll(definition);
  for (const { name, address } of [...coredns, ...own]) add(address, name);
  for (const { name, address } of cluster.services) add(address, name);
  for (const [name, { address, faults }] of Object.entries(servers)) add(address, name, faults?.limits === 'none');
  const [node = ''] = Object.keys(cluster.nodes);
  const resolvConf = artefacts.resolvConfs[cluster.coredns.nodes?.[0] ?? node];
  return {
    files: { ...(resolvConf === undefined ? {} : { '/etc/resolv.conf': resolvConf.text }), ...artefacts.corednsFiles },
    environment: cluster.coredns.environment,
    owners,
    serviceAddress: cluster.coredns.serviceIP,
    zones,
  };
}
