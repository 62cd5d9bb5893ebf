import { changed, query, replyTo } from '../../dns/build.ts';
import { isWithin, lower, parentOf } from '../../dns/name.ts';
import { type ResourceRecord, typeOf } from '../../dns/record.ts';
import { sizeOf } from '../../dns/size.ts';
import type { PlacedRecord } from '../../dns/zone-file.ts';
import type { Problem } from '../../problem/problem.ts';
import type { Found, ZoneRule } from '../finding.ts';
import type { ZoneView } from '../zone.ts';
import { seconds } from './words.ts';

const leastUdp = 512;
/** `plugin/cache`: nothing is kept for less, unless its minimum is set. */
const cacheMinimum = 5;
const longDenial = 300;
/** CNAMEs that CoreDNS's `file` plugin follows inside a zone. */
const longestChain = 8;

const zone = (records: string, soa = '@ 300 IN SOA ns host 1 7200 900 1209600 60') =>
  `$ORIGIN corp.example.\n$TTL 300\n${soa}\n@ IN NS ns\nns IN A 192.0.2.1\n${records}`;

export const zoneRules: readonly ZoneRule[] = [
  {
    code: 'zone-file-mistake',
    severity: 'error',
    title: 'A zone file that does not hold a whole zone',
    consequence:
      "Servers refuse such a zone or serve a part of it. CoreDNS's `file` plugin serves the lines above a mistake up to 1.11.3, does not start with it from 1.11.4 on, and keeps the old zone when the file changes under it.",
    remedy: '',
    source: 'RFC 1035 §5; recordings corefile-start-file-bad-zone, corefile-start-file-no-soa, corefile-file-reload',
    example: { wrong: zone('db IN AA 192.0.2.2\n'), right: zone('db IN A 192.0.2.2\n') },
    find: ({ problems }) => problems.filter(({ code }) => code !== 'not-modelled').map(asFound),
  },
  {
    code: 'zone-line-not-checked',
    severity: 'info',
    title: 'A line of a zone file that dnspath does not read',
    consequence: 'Servers know it, dnspath does not: what stands behind it is not checked.',
    remedy: '',
    source: 'docs/model.md',
    example: { wrong: zone('$INCLUDE more.zone\n'), right: zone('db IN A 192.0.2.2\n') },
    find: ({ problems }) => problems.filter(({ code }) => code === 'not-modelled').map(asFound),
  },
  {
    code: 'long-denial',
    severity: 'warning',
    title: 'A name that is missing stays missing for long',
    consequence:
      "Every cache on the way keeps NXDOMAIN for the TTL of the SOA record in the reply: servers send the lesser of the SOA's own TTL and its last number (RFC 2308), CoreDNS's `file` plugin its own TTL. Who asked too early for a new name waits that long, unless a cache on the way is bounded (`cache 30`, `denial`).",
    remedy:
      "a last number of 60 in the SOA record, and for CoreDNS's `file` plugin a TTL of 60 on the SOA record itself",
    source: 'RFC 2308 §5; recordings recursor-auth-shapes, cache-negative-soa, corefile-file-zone',
    example: {
      wrong: zone('db IN A 192.0.2.2\n', '@ 3600 IN SOA ns host 1 7200 900 1209600 3600'),
      right: zone('db IN A 192.0.2.2\n'),
    },
    find: ({ records }) =>
      soas(records).flatMap(({ record, position, minimum }) => {
        const denial = Math.min(record.ttl, minimum);
        return denial <= longDenial
          ? []
          : [{ at: position, message: `a missing name is denied for ${seconds(denial)}` }];
      }),
  },
  {
    code: 'alias-outlives-target',
    severity: 'info',
    title: 'A CNAME lives longer than the address that it leads to',
    consequence:
      "Moving the name by changing the CNAME takes the CNAME's TTL, however short that of the address: recursors such as unbound, BIND and Knot keep the two apart. CoreDNS, dnsmasq and systemd-resolved keep the whole answer for the shortest TTL in it.",
    remedy: 'give the CNAME the TTL within which you want to be able to move it',
    source: 'recording recursor-cname-ttls',
    example: {
      wrong: zone('db 3600 IN CNAME db-1\ndb-1 30 IN A 192.0.2.2\n'),
      right: zone('db 30 IN CNAME db-1\ndb-1 30 IN A 192.0.2.2\n'),
    },
    find: (view) =>
      aliases(view).flatMap(({ record, position, target }) => {
        const end = chainFrom(view, target).at(-1) ?? target;
        const addresses = at(view, end).filter(({ record: { data } }) => data.type === 'A' || data.type === 'AAAA');
        const shortest = addresses.reduce((least, one) => Math.min(least, one.record.ttl), Number.POSITIVE_INFINITY);
        if (!Number.isFinite(shortest) || record.ttl <= shortest) return [];
        return [{ at: position, message: `the alias lives ${seconds(record.ttl)}, the address ${seconds(shortest)}` }];
      }),
  },
  {
    code: 'alias-leads-nowhere',
    severity: 'warning',
    title: 'A CNAME to a name of this zone that is not there',
    consequence:
      "Lookups fail. Most servers say NXDOMAIN with the CNAME; CoreDNS's `file` plugin says NOERROR up to 1.8.0. From 1.14.5 on CoreDNS's cache does not keep such a reply: each lookup asks again.",
    remedy: 'add the record, or end the target in a dot if it is a name outside of the zone',
    source: 'recordings recursor-auth-shapes, corefile-file-zone, cache-nxdomain-cname',
    example: { wrong: zone('db IN CNAME db-1\n'), right: zone('db IN CNAME db-1\ndb-1 IN A 192.0.2.2\n') },
    find: (view) =>
      aliases(view).flatMap(({ position, target }) =>
        !isWithin(target, view.origin) || exists(view, target)
          ? []
          : [{ at: position, message: `there is no ${target}` }],
      ),
  },
  {
    code: 'alias-goes-round',
    severity: 'error',
    title: 'CNAMEs that lead back to themselves, or never end',
    consequence: 'No address is ever found: servers return the aliases alone, recursors SERVFAIL.',
    remedy: 'let the chain end in an address',
    source: 'recording recursor-auth-shapes',
    example: { wrong: zone('a IN CNAME b\nb IN CNAME a\n'), right: zone('a IN CNAME b\nb IN A 192.0.2.2\n') },
    find: (view) =>
      aliases(view).flatMap(({ record, position, target }) =>
        chainFrom(view, target).includes(lower(record.name))
          ? [{ at: position, message: `${record.name} is its own alias` }]
          : [],
      ),
  },
  {
    code: 'alias-chain-long',
    severity: 'warning',
    title: 'A chain of many CNAMEs',
    consequence:
      "CoreDNS's `file` plugin follows 8 CNAMEs inside a zone and returns what it has until then: no address. Recursors ask for each link, and the shortest TTL among them counts.",
    remedy: 'point the first name at the last',
    source: 'facts of plugin/file (maxChain); recording recursor-cname-ttls',
    example: {
      wrong: zone(`${Array.from({ length: 9 }, (_, i) => `a${i} IN CNAME a${i + 1}`).join('\n')}\na9 IN A 192.0.2.2\n`),
      right: zone('a0 IN CNAME a9\na9 IN A 192.0.2.2\n'),
    },
    find: (view) =>
      aliases(view).flatMap(({ position, target, record }) => {
        const chain = chainFrom(view, target);
        const links =
          chain.filter((name) => at(view, name).some(({ record: { data } }) => data.type === 'CNAME')).length + 1;
        if (links <= longestChain || chain.includes(lower(record.name))) return [];
        return [{ at: position, message: `${links} aliases one after the other` }];
      }),
  },
  {
    code: 'ttl-below-minimum',
    severity: 'info',
    title: 'A TTL below 5 s: caches make 5 s of it',
    consequence:
      "CoreDNS's cache keeps every answer for 5 s at least, TTL 0 too, and says so to its clients. NodeLocal DNSCache in front of it does the same once more.",
    remedy: 'reckon with 5 s for each CoreDNS on the way',
    source: 'gh:coredns/coredns#7091; recordings cache-ttl-cap, path-failover-ttl3-minimum5',
    example: { wrong: zone('db 3 IN A 192.0.2.2\n'), right: zone('db 5 IN A 192.0.2.2\n') },
    find: ({ records }) =>
      records
        .filter(({ record }) => record.ttl < cacheMinimum && typeOf(record) !== 'SOA')
        .map(({ record, position }) => ({ at: position, message: `${record.ttl} s becomes ${cacheMinimum} s` })),
  },
  {
    code: 'ttls-differ-in-a-set',
    severity: 'warning',
    title: 'Records of one name and type with different TTLs',
    consequence:
      'They are one set and have one TTL (RFC 2181 §5.2). Caches take the lowest for all of them, or treat the set as an error.',
    remedy: 'give all of them the same TTL',
    source: 'RFC 2181 §5.2',
    example: {
      wrong: zone('db 60 IN A 192.0.2.2\ndb 600 IN A 192.0.2.3\n'),
      right: zone('db 60 IN A 192.0.2.2\ndb 60 IN A 192.0.2.3\n'),
    },
    find: (view) =>
      sets(view).flatMap(([first, ...rest]) => {
        const other = rest.find(({ record }) => record.ttl !== first?.record.ttl);
        if (first === undefined || other === undefined) return [];
        return [
          {
            at: other.position,
            message: `${other.record.ttl} s here, ${first.record.ttl} s in line ${first.position.line}`,
          },
        ];
      }),
  },
  {
    code: 'answer-above-512',
    severity: 'warning',
    title: 'An answer that does not fit a client without EDNS',
    consequence:
      'glibc and musl ask without EDNS and take 512 octets over UDP. A larger answer comes with TC and is asked for again over TCP: it fails where TCP port 53 is closed, and for musl before 1.2.4 (Alpine up to 3.17) in any case. From a server that sends it without TC, CoreDNS up to 1.11.2 makes SERVFAIL of it.',
    remedy: 'fewer records under one name, or shorter names',
    source:
      'field report S3; gh:coredns/coredns#844; recordings size-wire-table, musl123-15-tc-empty, path-trunc-678-polite',
    example: {
      wrong: zone(Array.from({ length: 31 }, (_, i) => `db IN A 198.51.100.${i + 1}\n`).join('')),
      right: zone(Array.from({ length: 4 }, (_, i) => `db IN A 198.51.100.${i + 1}\n`).join('')),
    },
    find: (view) =>
      sets(view).flatMap((set) => {
        const [first] = set;
        const type = first === undefined ? '' : typeOf(first.record);
        if (first === undefined || !['A', 'AAAA', 'TXT', 'SRV', 'MX'].includes(type)) return [];
        const size = answerSize(set.map(({ record }) => record));
        return size <= leastUdp
          ? []
          : [{ at: first.position, message: `${set.length} ${type} records make an answer of ${size} octets` }];
      }),
  },
];

function asFound({ file, line, column, message, hint }: Problem): Found {
  return { at: { file, line, column }, message, remedy: hint };
}

function soas(records: readonly PlacedRecord[]) {
  return records.flatMap(({ record, position }) =>
    record.data.type === 'SOA' ? [{ record, position, minimum: record.data.minimum }] : [],
  );
}

/** The least that the answer takes: names compressed, no other section. */
function answerSize(records: readonly ResourceRecord[]): number {
  const [first] = records;
  const reply = replyTo(query(0, { name: first?.name ?? '.', type: first === undefined ? 'A' : typeOf(first) }));
  return sizeOf(changed(reply, { answer: records }), { compress: true });
}

function aliases({ records }: ZoneView) {
  return records.flatMap(({ record, position }) =>
    record.data.type === 'CNAME' ? [{ record, position, target: lower(record.data.target) }] : [],
  );
}

function at({ byName }: ZoneView, name: string): readonly PlacedRecord[] {
  return byName.get(name) ?? [];
}

/** Records by name and type, in the order of the file. */
function sets({ byName }: ZoneView): PlacedRecord[][] {
  const found: PlacedRecord[][] = [];
  for (const own of byName.values()) {
    const types = new Map<string, PlacedRecord[]>();
    for (const one of own) {
      const type = typeOf(one.record);
      const set = types.get(type);
      if (set === undefined) types.set(type, [one]);
      else set.push(one);
    }
    found.push(...types.values());
  }
  return found;
}

/** Aliases that are looked at one behind the other. */
const furthest = 64;

/** The names that a chain of CNAMEs leads through, from `name` on; ends where it repeats itself. */
function chainFrom(view: ZoneView, name: string): string[] {
  const chain = [name];
  const seen = new Set(chain);
  for (let next = aliasOf(view, name); next !== undefined && !seen.has(next); next = aliasOf(view, next)) {
    if (chain.length > furthest) break;
    chain.push(next);
    seen.add(next);
  }
  return chain;
}

function aliasOf(view: ZoneView, name: string): string | undefined {
  for (const { record } of at(view, name)) if (record.data.type === 'CNAME') return lower(record.data.target);
  return undefined;
}

/** Is there such a name, one below it, a wildcard for it, or a delegation above it? */
function exists(view: ZoneView, name: string): boolean {
  const { byName, above, origin } = view;
  if (byName.has(name) || above.has(name) || byName.has(`*.${origin}`)) return true;
  for (let parent = parentOf(name); parent !== origin && parent !== '.'; parent = parentOf(parent)) {
    if (byName.has(`*.${parent}`) || at(view, parent).some(({ record }) => typeOf(record) === 'NS')) return true;
  }
  return false;
}
