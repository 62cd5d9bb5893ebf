import type { World } from '../cluster/world.ts';
import { absolute, isWithin } from '../dns/name.ts';
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

/** What the authoritative servers of a world served when: their zone files, and the events that change them. */
export function truthOf(world: World): StaleSince {
  const versions = zoneVersions(world);
  const changes = [...new Set(versions.map(({ from }) => from))].sort((a, b) => b - a);
  const known = new Map<string, ReadonlySet<string>>();
  const servedFrom = (name: string, from: Micros): ReadonlySet<string> => {
    const key = `${name} ${from}`;
    const addresses = known.get(key) ?? served(versions, absolute(name), from);
    known.set(key, addresses);
    return addresses;
  };
  return (name, address, at) => {
    const past = changes.filter((from) => from <= at);
    const last = past.findIndex((from) => servedFrom(name, from).has(address));
    return last <= 0 ? undefined : past[last - 1];
  };
}

/** Addresses of a name at an instant, by any server that has its zone. */
function served(versions: readonly Version[], name: string, at: Micros): ReadonlySet<string> {
  const current = new Map<string, Zone>();
  for (const { server, from, zone } of versions) if (from <= at) current.set(`${server} ${zone.origin}`, zone);
  const zones = [...current.values()];
  return new Set(zones.flatMap((zone) => addressesIn(zone, name, zones, longestChain)));
}

function addressesIn(zone: Zone, name: string, zones: readonly Zone[], steps: number): string[] {
  if (!isWithin(name, zone.origin) || steps === 0) return [];
  const owner = zone.has(name) ? name : `*.${name.slice(name.indexOf('.') + 1)}`;
  return zone.all(owner).flatMap(({ data }) => {
    if (data.type === 'A' || data.type === 'AAAA') return [data.address];
    return data.type === 'CNAME' ? zones.flatMap((other) => addressesIn(other, data.target, zones, steps - 1)) : [];
  });
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
