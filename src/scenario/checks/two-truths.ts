import { absolute } from '../../dns/name.ts';
import { type PlacedRecord, parseZoneFile } from '../../dns/zone-file.ts';
import type { Problems, Source } from '../../problem/problem.ts';
import type { ScenarioFile } from '../schema/scenario.ts';

/** What a server has for a name: its addresses, in order, and where the first of them stands. */
interface Held {
  readonly server: string;
  readonly addresses: string;
  readonly first: PlacedRecord;
}

/** Remarks on names for which two servers have other addresses, where nobody says whose are old: either counts as right. */
export function checkTruths(
  file: ScenarioFile,
  zones: Readonly<Record<string, Readonly<Record<string, Source>>>>,
  remarks: Problems,
): void {
  const servers = Object.keys(zones).filter((name) => {
    const server = file.servers[name];
    return server?.role === 'authoritative' && !server.outdated;
  });
  const known = new Map<string, Held>();
  for (const server of servers.length < 2 ? [] : servers)
    for (const [name, held] of addressesOf(server, zones[server] ?? {})) {
      const other = known.get(name);
      if (other === undefined) known.set(name, held);
      else if (other.addresses !== held.addresses) {
        const message = `${name.replace(/\.$/, '')} has other addresses at ${server} than at ${other.server}, and both count as right: \`outdated: true\` at one of them says that its are old`;
        remarks.push({ code: 'two-truths', ...held.first.position, message, hint: '' });
      }
    }
}

function addressesOf(server: string, zones: Readonly<Record<string, Source>>): Map<string, Held> {
  const found = new Map<string, PlacedRecord[]>();
  for (const [origin, source] of Object.entries(zones))
    for (const placed of parseZoneFile(source, absolute(origin), [])) {
      const { name, data } = placed.record;
      if (data.type !== 'A' && data.type !== 'AAAA') continue;
      const own = found.get(name);
      if (own === undefined) found.set(name, [placed]);
      else own.push(placed);
    }
  return new Map(
    [...found].flatMap(([name, placed]): [string, Held][] => {
      const [first] = placed;
      if (first === undefined) return [];
      const addresses = placed.flatMap(({ record: { data } }) => ('address' in data ? data.address : [])).sort();
      return [[name, { server, addresses: addresses.join(' '), first }]];
    }),
  );
}
