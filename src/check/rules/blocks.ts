import { isWithin } from '../../dns/name.ts';
import { type BlockView, boundTo, type CorefileView, isNodeCache, isRoot, statements, uses } from '../corefile/view.ts';
import type { CorefileRule, Found } from '../finding.ts';

/** Directives that give no answer by themselves. */
const silent: readonly string[] = [
  ...['errors', 'log', 'cache', 'loop', 'reload', 'health', 'ready', 'prometheus', 'bind', 'bufsize', 'debug', 'root'],
  ...['loadbalance', 'metadata', 'trace', 'pprof', 'dnstap', 'minimal', 'header', 'rewrite', 'timeouts', 'view', 'tls'],
  ...[
    'nsid',
    'cancel',
    'multisocket',
    'geoip',
    'tsig',
    'acl',
    'transfer',
    'dns64',
    'dnssec',
    'autopath',
    'any',
    'shed',
  ],
];
/** Where a directive's zones begin among its words. */
const zonesFrom: Readonly<Record<string, number>> = { kubernetes: 0, file: 1, hosts: 1, template: 2 };

const isZoneName = (text: string): boolean => /^(\.|[a-z0-9_*-]+(\.[a-z0-9_*-]+)*\.?)$/i.test(text);
const overlaps = (zones: readonly string[], zone: string): boolean =>
  zones.some((own) => isWithin(zone, own) || isWithin(own, zone));

export const blockRules: readonly CorefileRule[] = [
  {
    code: 'key-in-capitals',
    severity: 'error',
    title: 'A server block whose zone has capital letters is never asked',
    consequence:
      'Names are compared in lower case, and up to 1.14.6 the zone is not: no query ever comes to this block, whatever case the client uses. Another block answers, or the query is refused.',
    remedy: 'write the zone in lower case',
    source: 'recording corefile-route-upper-case',
    example: { wrong: 'Corp.example {\n  whoami\n}\n', right: 'corp.example {\n  whoami\n}\n', release: '1.11.1' },
    find: ({ blocks }) =>
      keysOf(blocks).flatMap(({ token, zone }) =>
        zone === zone.toLowerCase() ? [] : [{ at: token, message: `no query matches the zone ${zone}` }],
      ),
  },
  {
    code: 'key-is-no-zone',
    severity: 'warning',
    title: 'The key of a server block is hardly the name of a zone',
    consequence:
      'CoreDNS takes almost any word as a zone: it starts without a word of warning, and nobody ever asks for such a name.',
    remedy: 'look for a stray brace, comma or port: keys are separated by blanks, `{` stands apart from them',
    source: 'recordings corefile-start-stray-close, corefile-start-brace-glued-key',
    example: { wrong: '. {\n  whoami\n}\n}\n', right: '. {\n  whoami\n}\n' },
    find: ({ blocks }) =>
      keysOf(blocks).flatMap(({ token, zone }) =>
        isZoneName(zone.toLowerCase())
          ? []
          : [{ at: token, message: `the key "${token.text}" stands for the zone ${zone}` }],
      ),
  },
  {
    code: 'block-answers-nothing',
    severity: 'error',
    title: 'A server block without a plugin that answers',
    consequence: 'Every query to this block fails: REFUSED where it has no plugin at all, else SERVFAIL.',
    remedy: 'add `forward`, or what else knows the answers, or remove the block so that another one serves its names',
    source: 'recordings corefile-route-empty-block, corefile-route-chain-end',
    example: {
      wrong: '. {\n  forward . 192.0.2.53\n}\ncorp.example {\n  errors\n  cache 30\n}\n',
      right: '. {\n  forward . 192.0.2.53\n}\ncorp.example {\n  errors\n  cache 30\n  forward . 192.0.2.54\n}\n',
    },
    find: ({ blocks }) =>
      blocks.flatMap((block) => {
        const [key] = block.keys;
        if (key === undefined || [...block.statements.keys()].some((name) => !silent.includes(name))) return [];
        return [{ at: key.token, message: `nothing in the block ${key.token.text} answers queries` }];
      }),
  },
  {
    code: 'outside-names-refused',
    severity: 'warning',
    title: 'No server block serves the names outside of the listed zones',
    consequence: "A query for a name that is in no block's zone is REFUSED, and no block logs it.",
    remedy: 'add a block `. { … }` with a `forward`, unless clients ask this server for these zones only',
    source: 'recording corefile-route-refused',
    example: {
      wrong: 'cluster.local {\n  kubernetes cluster.local\n}\n',
      right: 'cluster.local {\n  kubernetes cluster.local\n}\n. {\n  forward . /etc/resolv.conf\n}\n',
    },
    find: ({ blocks }) => {
      const [first] = blocks.find((block) => uses(block, 'kubernetes'))?.keys ?? [];
      if (first === undefined || blocks.some(isRoot)) return [];
      return [{ at: first.token, message: 'names outside of the zones of this file are refused' }];
    },
  },
  {
    code: 'cluster-names-diverted',
    severity: 'warning',
    title: 'A server block takes names away from the kubernetes plugin',
    consequence:
      'The block with the longest zone answers, and there is no way back from it: Services below that zone are not looked up in the cluster.',
    remedy: 'remove the block, or give it a `kubernetes` line of its own',
    source: 'recording corefile-route-longest-match',
    example: {
      wrong:
        '. {\n  kubernetes cluster.local\n  forward . 192.0.2.53\n}\nprod.svc.cluster.local {\n  forward . 192.0.2.54\n}\n',
      right: '. {\n  kubernetes cluster.local\n  forward . 192.0.2.53\n}\nprod.example {\n  forward . 192.0.2.54\n}\n',
    },
    find: (view) => diverted(view),
  },
  {
    code: 'zone-outside-block',
    severity: 'error',
    title: 'A plugin is given a zone whose names never come to its block',
    consequence: 'Only queries below the zones of the block reach its plugins: for this zone the line does nothing.',
    remedy: 'move the line to the block of that zone, or correct the zone',
    source: 'recordings corefile-k8s-wrong-zone-bare, corefile-route-longest-match',
    example: {
      wrong: 'cluster.local {\n  kubernetes cluster.lokal\n}\n. {\n  forward . 192.0.2.53\n}\n',
      right: 'cluster.local {\n  kubernetes cluster.local\n}\n. {\n  forward . 192.0.2.53\n}\n',
    },
    find: ({ blocks }) => blocks.flatMap(outside),
  },
  {
    code: 'bound-and-unbound-blocks',
    severity: 'warning',
    title: 'Blocks with and without `bind` share a port, and split the zones between two sockets',
    consequence:
      'The address that is bound serves only the zones of the blocks bound to it, every other address only those of the blocks without `bind`: the same name gets another answer, or REFUSED, depending on the address asked.',
    remedy: 'give every block of the port the same `bind`, or none',
    source: 'recording corefile-start-bind-mixed-zones',
    example: {
      wrong: '. {\n  forward . 192.0.2.53\n}\ncorp.example {\n  bind 192.0.2.1\n  forward . 192.0.2.54\n}\n',
      right: '. {\n  forward . 192.0.2.53\n}\ncorp.example {\n  forward . 192.0.2.54\n}\n',
    },
    find: (view) => mixedBinds(view),
  },
];

const keysOf = (blocks: readonly BlockView[]) => blocks.flatMap(({ keys }) => keys);

function diverted({ blocks }: CorefileView): Found[] {
  const cluster = blocks.flatMap((block) =>
    statements(block, 'kubernetes').flatMap(({ args }) => {
      const zones = args.length === 0 ? block.zones : args.map(({ text }) => text);
      return zones.filter((zone) => !/\b(in-addr|ip6)\.arpa\.?$/.test(zone));
    }),
  );
  return blocks
    .filter((block) => !uses(block, 'kubernetes'))
    .flatMap(({ keys }) => keys)
    .flatMap(({ token, zone }) => {
      const own = cluster.find((one) => one !== '.' && isWithin(zone, one));
      return own === undefined
        ? []
        : [{ at: token, message: `names below ${token.text} do not reach \`kubernetes ${own}\`` }];
    });
}

function outside(block: BlockView): Found[] {
  if (block.zones.length === 0) return [];
  const found: Found[] = [];
  for (const [name, from] of Object.entries(zonesFrom)) {
    for (const { args } of statements(block, name)) {
      for (const token of args.slice(from)) {
        const zone = token.text.toLowerCase();
        if (token.text.includes('/') || !isZoneName(zone) || overlaps(block.zones, zone)) continue;
        found.push({
          at: token,
          message: `\`${name}\` never sees names below ${token.text}: the block serves ${block.zones.join(' ')}`,
        });
      }
    }
  }
  for (const { statement } of block.forwards) {
    const [token] = statement.args;
    if (token === undefined || token.text.includes('/') || overlaps(block.zones, token.text)) continue;
    found.push({
      at: token,
      message: `\`forward\` never sees names below ${token.text}: the block serves ${block.zones.join(' ')}`,
    });
  }
  return found;
}

function mixedBinds(view: CorefileView): Found[] {
  if (isNodeCache(view)) return [];
  return view.blocks.flatMap((block) => {
    const [bind] = statements(block, 'bind');
    const port = block.keys[0]?.port;
    if (bind === undefined) return [];
    const other = view.blocks.find((one) => boundTo(one).length === 0 && one.keys.some((key) => key.port === port));
    if (other === undefined) return [];
    const message = `${other.keys[0]?.token.text} is not served on ${boundTo(block).join(', ')}, nor ${block.keys[0]?.token.text} elsewhere`;
    return [{ at: bind.name, message }];
  });
}
