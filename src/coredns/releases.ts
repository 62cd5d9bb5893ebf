/**
 * The CoreDNS releases that are modelled, oldest first. What changed when stands beside each
 * behaviour as a history (`history.ts`), read by the release's name.
 */
export const releaseNames = [
  '1.6.7',
  '1.6.8',
  '1.6.9',
  '1.7.0',
  '1.7.1',
  '1.8.0',
  '1.8.1',
  '1.8.2',
  '1.8.3',
  '1.8.4',
  '1.8.5',
  '1.8.6',
  '1.8.7',
  '1.9.0',
  '1.9.1',
  '1.9.2',
  '1.9.3',
  '1.9.4',
  '1.10.0',
  '1.10.1',
  '1.11.0',
  '1.11.1',
  '1.11.2',
  '1.11.3',
  '1.11.4',
  '1.12.0',
  '1.12.1',
  '1.12.2',
  '1.12.3',
  '1.12.4',
  '1.13.0',
  '1.13.1',
  '1.13.2',
  '1.14.0',
  '1.14.1',
  '1.14.2',
  '1.14.3',
  '1.14.4',
  '1.14.5',
  '1.14.6',
  '1.14.7',
  '1.15.0',
] as const;

export type ReleaseName = (typeof releaseNames)[number];

export function isReleaseName(name: string): name is ReleaseName {
  return releaseNames.some((known) => known === name);
}

/** One release: its name, such as `1.11.3`, and its plugins in the order of plugin.cfg, which is that of the chain. */
export interface Release {
  readonly name: ReleaseName;
  readonly plugins: readonly string[];
}

/** plugin.cfg of 1.6.7. */
const firstOrder =
  `metadata cancel tls reload nsid bufsize root bind debug trace ready health pprof prometheus errors log
  dnstap acl any chaos loadbalance cache rewrite dnssec autopath template transfer hosts route53 azure clouddns federation
  k8s_external kubernetes file auto secondary etcd loop forward grpc erratic whoami on sign`.split(/\s+/);

/** A name put (or moved) behind another, or taken away; `first`: to the front. */
type Step = readonly [name: string, 'behind', other: string] | readonly [name: string, 'first' | 'gone'];

/** What later releases changed in plugin.cfg. Sources: the recordings `corefile-order-*`, plugin.cfg of each tag. */
const orderChanges: Readonly<Partial<Record<ReleaseName, readonly Step[]>>> = {
  '1.7.0': [
    ['federation', 'gone'],
    ['dns64', 'behind', 'dnstap'],
  ],
  '1.8.1': [['local', 'behind', 'dnstap']],
  '1.8.4': [['minimal', 'behind', 'autopath']],
  '1.8.5': [
    ['header', 'behind', 'rewrite'],
    ['geoip', 'behind', 'metadata'],
  ],
  '1.9.4': [['tsig', 'behind', 'loadbalance']],
  '1.10.0': [['view', 'behind', 'sign']],
  '1.10.1': [['timeouts', 'behind', 'tls']],
  '1.11.4': [['root', 'first']],
  '1.12.0': [['multisocket', 'behind', 'timeouts']],
  '1.12.2': [['quic', 'behind', 'tls']],
  '1.13.0': [['nomad', 'behind', 'view']],
  '1.14.0': [
    ['grpc_server', 'behind', 'quic'],
    ['https', 'behind', 'grpc_server'],
    ['https3', 'behind', 'https'],
  ],
  '1.14.2': [['acl', 'behind', 'rewrite']],
  '1.14.3': [['proxyproto', 'behind', 'tls']],
  '1.14.7': [
    ['rewrite', 'behind', 'tsig'],
    ['autopath', 'behind', 'rewrite'],
    ['acl', 'behind', 'autopath'],
    ['cache', 'behind', 'acl'],
    ['header', 'behind', 'cache'],
    ['dnssec', 'behind', 'header'],
    ['tls', 'behind', 'dnssec'],
    ['minimal', 'behind', 'tls'],
    ['shed', 'behind', 'pprof'],
  ],
  '1.15.0': [
    ['siit', 'behind', 'dns64'],
    ['dynupdate', 'behind', 'transfer'],
  ],
};

function applied(order: readonly string[], [name, how, other]: Step): readonly string[] {
  const rest = order.filter((one) => one !== name);
  switch (how) {
    case 'gone':
      return rest;
    case 'first':
      return [name, ...rest];
    case 'behind':
      return rest.flatMap((one) => (one === other ? [one, name] : [one]));
  }
}

function allReleases(): ReadonlyMap<string, Release> {
  const releases = new Map<string, Release>();
  let plugins: readonly string[] = firstOrder;
  for (const name of releaseNames) {
    plugins = (orderChanges[name] ?? []).reduce(applied, plugins);
    releases.set(name, { name, plugins });
  }
  return releases;
}

const releases = allReleases();

/** The release of that name, if it is one that we know. */
export function findRelease(name: string): Release | undefined {
  return releases.get(name);
}
