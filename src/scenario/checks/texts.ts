import { checkCorefile as check } from '../../coredns/check.ts';
import { findRelease, releaseNames } from '../../coredns/releases.ts';
import { absolute, isWithin } from '../../dns/name.ts';
import { parseZoneFile, readZone } from '../../dns/zone-file.ts';
import type { Problems, Source } from '../../problem/problem.ts';
import { parseResolvConf, type ResolvConfRules } from '../../resolver/resolv-conf.ts';
import { resolvConfRules } from '../../resolver/rules.ts';
import { corednsRelease } from '../names.ts';
import type { ScenarioFile } from '../schema/scenario.ts';
import { readResolver } from '../translate/resolver.ts';

/** The Corefile must be sound, and ask for nothing that is not modelled; what changes no answer is remarked on. */
export function checkCorefile(
  source: Source,
  cluster: ScenarioFile['cluster'],
  files: Readonly<Record<string, string>>,
  remarks: Problems,
  problems: Problems,
): void {
  const release = findRelease(corednsRelease(cluster)) ?? findRelease(releaseNames[releaseNames.length - 1] ?? '');
  const { environment, ignore } = cluster.coredns;
  if (release !== undefined) check(source, { release, files, environment, ignore }, remarks, problems);
}

/** The zone file must parse and have a SOA record. */
export function checkZone(source: Source, origin: string, problems: Problems): void {
  readZone(source, absolute(origin), problems);
}

/** Records that take the place of others must parse. */
export function checkRecords(source: Source, origin: string, problems: Problems): void {
  const zone = absolute(origin);
  for (const { record, position } of parseZoneFile(source, zone, problems)) {
    const twice = `${zone}${zone}`;
    if (zone === '.' || !isWithin(record.name, twice)) continue;
    const meant = record.name.slice(0, -zone.length - 1);
    const message = `a name without a final dot is one of the zone: this is ${record.name}`;
    problems.push({ code: 'zone-twice', ...position, message, hint: `write ${meant}. with a final dot` });
  }
}

/** Lines of a resolv.conf that its resolver ignores or cuts are remarked on. `resolver`: such as `musl 1.2.5`; a node's file is read as by glibc. */
export function checkResolvConf(source: Source, resolver: string | undefined, remarks: Problems): void {
  parseResolvConf(source, rulesOf(resolver ?? ''), remarks);
}

/** How a resolver such as `musl 1.2.5` reads resolv.conf; one that is not known as glibc does. */
export function rulesOf(resolver: string): ResolvConfRules {
  return resolvConfRules(readResolver(resolver) ?? { kind: 'glibc', release: '2.36' });
}
