import { publishedEndpoints, readyAddresses } from '../cluster/endpoint.ts';
import { headless, type ServiceDescription, type World } from '../cluster/world.ts';
import { absolute, isWithin, lower } from '../dns/name.ts';
import { Zone } from '../dns/zone.ts';
import { parseZoneFile } from '../dns/zone-file.ts';
import type { Micros } from '../engine/time.ts';
import type { Source } from '../problem/problem.ts';
import type { StaleSince } from './lookup.ts';

/** A zone as one server has it from an instant on. */
interface Version {
  readonly server: string;
  readonly from: Micros;
  readonly zone: Zone;
}

/** A CNAME chain longer than this is a loop. */
const longestChain = 16;

/** A Service's addresses from an instant on. */
interface ServiceVersion {
  /** `namespace/name` */
  readonly service: string;
  readonly from: Micros;
  readonly addresses: readonly string[];
  readonly isDeleted: boolean;
}

/** Why the name of a Service does not exist: the Service is gone, or has no end point and no address of its own. */
export interface AbsentService {
  /** `namespace/name` */
  readonly service: string;
  readonly since: Micros;
  readonly isDeleted: boolean;
}

/** A chain of CNAMEs. */
export interface Alias {
  /** The last name of it; of a chain that comes back to itself, the one before it does. */
  readonly target: string;
  readonly isLoop: boolean;
}

/** What was true when. */
export interface Truth {
  readonly staleSince: StaleSince;
  /** Since when a name has had addresses, as of an instant; undefined: it has none, or nobody knows. */
  readonly thereSince: (name: string, at: Micros) => Micros | undefined;
  /** Where the CNAME of a name leads to at an instant; undefined: it has none. */
  readonly aliasOf: (name: string, at: Micros) => Alias | undefined;
  /** The addresses of a name at an instant; none: it has none, or nobody knows. */
  readonly addressesOf: (name: string, at: Micros) => readonly string[];
  /** The owner of the wildcard that stands for a name at an instant; undefined: the name is there itself, or nothing is. */
  readonly wildcardOf: (name: string, at: Micros) => string | undefined;
  /** The authoritative servers that have addresses for a name at an instant. */
  readonly serversOf: (name: string, at: Micros) => readonly string[];
  /** Whose name it is, where a Service that is or was there has none at an instant. */
  readonly absentService: (name: string, at: Micros) => AbsentService | undefined;
}

/** What the authoritative servers of a world served, and which Services it had: zone files, Services, and the events that change them. */
export function truthOf(world: World): Truth {
  const all = zoneVersions(world);
  const givenUp = new Set(
    world.servers.flatMap((one) => (one.role === 'authoritative' && one.outdated ? [one.name] : [])),
  );
  const zones = all.filter(({ server }) => !givenUp.has(server));
  const outdated = all.filter(({ server }) => givenUp.has(server));
  const services = serviceVersions(world);
  const changes = [...new Set([...zones, ...services].map(({ from }) => from))].sort((a, b) => b - a);
  const known = new Map<string, ReadonlySet<string>>();
  const aliases = new Map<string, Alias | undefined>();
  const servedFrom = (name: string, from: Micros): ReadonlySet<string> => {
    const key = `${name} ${from}`;
    const addresses = known.get(key) ?? served(zones, services, absolute(name), from);
    known.set(key, addresses);
    return addresses;
  };
  return {
    staleSince: (name, address, at) => {
      const past = changes.filter((from) => from <= at);
      const last = past.findIndex((from) => servedFrom(name, from).has(address));
      if (last >= 0) return past[last - 1];
      return served(outdated, [], absolute(name), at).has(address) ? 0 : undefined;
    },
    thereSince: (name, at) => {
      const past = changes.filter((from) => from <= at);
      const absent = past.findIndex((from) => servedFrom(name, from).size === 0);
      return absent < 0 ? past.at(-1) : past[absent - 1];
    },
    aliasOf: (name, at) => {
      const from = changes.find((one) => one <= at) ?? 0;
      const key = `${name} ${from}`;
      if (!aliases.has(key)) aliases.set(key, aliasIn(currentZones(zones, from), lower(absolute(name))));
      return aliases.get(key);
    },
    addressesOf: (name, at) => [...servedFrom(name, changes.find((from) => from <= at) ?? 0)],
    wildcardOf: (name, at) => {
      const wanted = absolute(name);
      const all = currentZones(zones, at);
      const own = all.filter((zone) => addressesIn(zone, wanted, all, longestChain).length > 0);
      if (own.length === 0 || own.some((zone) => zone.has(wanted))) return undefined;
      return own[0]?.ownerFor(wanted);
    },
    serversOf: (name, at) => {
      const past = zones.filter(({ from }) => from <= at);
      const servers = [...new Set(past.map(({ server }) => server))];
      return servers.filter((server) => {
        const own = past.filter((version) => version.server === server);
        return served(own, [], absolute(name), at).size > 0;
      });
    },
    absentService: (name, at) => {
      const past = services.filter(({ service, from }) => from <= at && service === serviceOf(absolute(name)));
      const last = past.at(-1);
      if (last === undefined || last.addresses.length > 0) return undefined;
      const before = past.findLastIndex(({ addresses, isDeleted }) => {
        return addresses.length > 0 || isDeleted !== last.isDeleted;
      });
      const { service, isDeleted } = last;
      return { service, since: past[before + 1]?.from ?? last.from, isDeleted };
    },
  };
}

/** `namespace/name` of the Service that a name would belong to. */
function serviceOf(name: string): string | undefined {
  const [, service, namespace] = /^([^.]+)\.([^.]+)\.svc\.(?!svc\.)/.exec(name.toLowerCase()) ?? [];
  return service === undefined ? undefined : `${namespace}/${service}`;
}

/** Addresses of a name at an instant: the Service's whose name it is, or by any server that has its zone. */
function served(
  versions: readonly Version[],
  services: readonly ServiceVersion[],
  name: string,
  at: Micros,
): ReadonlySet<string> {
  const own = services.findLast((version) => version.service === serviceOf(name) && version.from <= at);
  if (own !== undefined) return new Set(own.addresses);
  const zones = currentZones(versions, at);
  return new Set(zones.flatMap((zone) => addressesIn(zone, name, zones, longestChain)));
}

function currentZones(versions: readonly Version[], at: Micros): Zone[] {
  const current = new Map<string, Zone>();
  for (const { server, from, zone } of versions) if (from <= at) current.set(`${server} ${zone.origin}`, zone);
  return [...current.values()];
}

function addressesIn(zone: Zone, name: string, zones: readonly Zone[], steps: number): string[] {
  if (steps === 0) return [];
  return recordsIn(zone, name).flatMap(({ data }) => {
    if (data.type === 'A' || data.type === 'AAAA') return [data.address];
    return data.type === 'CNAME' ? zones.flatMap((other) => addressesIn(other, data.target, zones, steps - 1)) : [];
  });
}

/** What a zone has for a name, by a wildcard too. */
function recordsIn(zone: Zone, name: string) {
  const owner = isWithin(name, zone.origin) ? zone.ownerFor(name) : undefined;
  return owner === undefined ? [] : zone.all(owner);
}

function aliasIn(zones: readonly Zone[], name: string): Alias | undefined {
  const chain = [name];
  for (let target = cnameOf(zones, name); target !== undefined; target = cnameOf(zones, target)) {
    if (chain.includes(target)) return { target: chain.at(-1) ?? name, isLoop: true };
    chain.push(target);
  }
  const [, ...aliased] = chain;
  const target = aliased.at(-1);
  return target === undefined ? undefined : { target, isLoop: false };
}

function cnameOf(zones: readonly Zone[], name: string): string | undefined {
  for (const zone of zones)
    for (const { data } of recordsIn(zone, name)) if (data.type === 'CNAME') return lower(data.target);
  return undefined;
}

function serviceVersions(world: World): ServiceVersion[] {
  const current = new Map<string, ServiceDescription>();
  const versions: ServiceVersion[] = [];
  const add = (service: ServiceDescription, from: Micros): void => {
    current.set(service.name, service);
    const addresses = service.address === headless ? readyAddresses(publishedEndpoints(service)) : [service.address];
    versions.push({ service: service.name, from, addresses, isDeleted: false });
  };
  for (const service of world.services) add(service, 0);
  for (const event of [...world.events].sort((a, b) => a.at - b.at)) {
    if (event.kind === 'set-service') add(event.service, event.at);
    if (event.kind === 'delete-service')
      versions.push({ service: event.service, from: event.at, addresses: [], isDeleted: true });
    if (event.kind !== 'set-endpoints') continue;
    const service = current.get(event.service);
    if (service !== undefined) add({ ...service, endpoints: event.endpoints }, event.at);
  }
  return versions;
}

/** In order of time; events of one instant in their order. */
function zoneVersions(world: World): Version[] {
  const versions = world.servers.flatMap((server) =>
    server.role === 'authoritative'
      ? Object.entries(server.zones).map(([origin, source]) => ({
          server: server.name,
          from: 0,
          zone: read(source, origin),
        }))
      : [],
  );
  for (const event of [...world.events].sort((a, b) => a.at - b.at)) {
    if (event.kind !== 'replace-zone' && event.kind !== 'change-records') continue;
    const origin = absolute(event.zone);
    const before = versions.findLast(({ server, zone }) => server === event.server && zone.origin === origin);
    const zone = event.kind === 'replace-zone' ? read(event, origin) : changed(before?.zone, event.replace, origin);
    versions.push({ server: event.server, from: event.at, zone });
  }
  return versions;
}

function read(source: Source, origin: string): Zone {
  const name = absolute(origin);
  return new Zone(
    name,
    parseZoneFile(source, name, []).map(({ record }) => record),
  );
}

function changed(zone: Zone | undefined, lines: readonly string[], origin: string): Zone {
  const records = parseZoneFile({ file: '', text: lines.join('\n') }, origin, []).map(({ record }) => record);
  return (zone ?? new Zone(origin, [])).replacing(records);
}
