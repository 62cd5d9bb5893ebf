import { readResolvConf } from '../../coredns/resolv-conf.ts';
import { absolute, isWithin } from '../../dns/name.ts';
import { parseAddress } from '../../network/address.ts';
import type { Source } from '../../problem/problem.ts';
import { parseResolvConf } from '../../resolver/resolv-conf.ts';
import type { Change } from '../../scenario/changes/change.ts';
import { rulesOf } from '../../scenario/checks/texts.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { clusterFirst } from '../../scenario/translate/resolv-conf.ts';
import { nodeCacheChanges } from '../everyday/node-cache.ts';
import { type TlsKey, wantsOf } from '../everyday/upstreams.ts';

/** What a server outside the cluster does with every query. */
type Behaviour = 'answer' | 'dead' | 'slow' | 'nxdomain' | 'servfail' | 'refused';

/** One lookup, and what is known of its surroundings; what is not known is taken from the everyday cluster. */
export interface LookupRequest {
  readonly name: string;
  readonly family: 'any' | 'ipv4' | 'ipv6';
  /** `glibc 2.36` */
  readonly resolver: string;
  /** Paths. */
  readonly resolvConf: string | undefined;
  readonly corefile: string | undefined;
  /** That of NodeLocal DNSCache. */
  readonly nodeLocal?: string | undefined;
  readonly release: string | undefined;
  readonly namespace: string;
  /** `namespace/name` of Services that the cluster has. */
  readonly services: readonly string[];
  readonly upstreams: readonly { readonly address: string; readonly behaviour: Behaviour }[];
  readonly seed: string;
}

/** Who has the addresses of a resolv.conf and a Corefile, and how a scenario is changed so that they do. */
interface Surroundings {
  readonly changes: readonly Change[];
  /** A sentence each: what was taken for granted. */
  readonly said: readonly string[];
  /** Addresses of --upstream that nobody would ask, and those that are asked. */
  readonly unknown: readonly string[];
  readonly upstreams: readonly string[];
  /** Can CoreDNS be asked? Else the file is that of a machine outside. */
  readonly inCluster: boolean;
}

/** When the lookup starts: CoreDNS has been up for a while, and its caches are empty. */
const startAt = '10s';
/** How long a slow server takes: more than most resolvers wait before they send again. */
const slowness = '3s';
const stockAddress = '169.254.20.10';
/** What clouds have resolvers at. */
const cloudResolvers: readonly string[] = ['169.254.169.253', '169.254.169.254'];

/** NodeLocal DNSCache has the link-local address that whoever installed it chose: kubespray takes 169.254.25.10. */
function isNodeCache(address: string): boolean {
  return address.startsWith('169.254.') && !cloudResolvers.includes(address);
}
/** What a name outside the cluster has as its one address. */
const ownAddress = '198.51.100.10';
const soa = '. 3600 IN SOA a.root-servers.net. nstld.verisign-grs.com. 1 1800 900 604800 300\n';

interface Texts {
  readonly resolvConf: Source | undefined;
  readonly corefile: Source;
  readonly nodeLocal: Source | undefined;
}

/** Puts one lookup into the everyday cluster. `texts`: as far as the files can be read. */
export function surroundingsOf(request: LookupRequest, everyday: Scenario, texts: Texts): Surroundings {
  const { cluster } = everyday.definition;
  // The Service of the everyday cluster itself may be what is dead.
  const isServiceDead = request.upstreams.some(({ address }) => address === cluster.coredns.serviceIP);
  const written = texts.resolvConf === undefined && isServiceDead ? ofKubelet(request, cluster) : undefined;
  const pod = readPodFile(texts.resolvConf ?? written, request);
  const roles = rolesOf(pod, request, everyday, texts);
  const { inCluster, serviceIP, nodeCache, upstreams, ofNode, added } = roles;
  const domain = pod.domain ?? cluster.domain;
  const services = servicesOf(request, domain);
  return {
    changes: [
      value('lookup', ['title'], `One lookup of ${request.name}`),
      ...(ofNode === undefined ? [] : nodeResolvConf(ofNode, everyday)),
      value('lookup', ['cluster', 'coredns', 'serviceIP'], serviceIP),
      value('lookup', ['cluster', 'domain'], domain),
      ...nodeCacheOf(nodeCache, texts.nodeLocal),
      ...(request.corefile === undefined
        ? ofDomain(texts.corefile.text, cluster.domain, domain)
        : [value('--corefile', ['cluster', 'coredns', 'corefile'], request.corefile)]),
      ...(request.release === undefined
        ? []
        : [value('--release', ['cluster', 'coredns', 'release'], request.release)]),
      ...services.changes,
      ...serversOf(roles, request, services.isService),
      ...podOf(request, written?.text),
      value('lookup', ['expect'], []),
    ],
    said: [
      ...services.said,
      ...(texts.resolvConf !== undefined && roles.isServiceNamed
        ? [`${serviceIP} is taken for the ClusterIP of kube-dns, in front of ${cluster.coredns.replicas} CoreDNS pods.`]
        : []),
      ...stubsAmong(texts.resolvConf === undefined ? [] : pod.stubs),
    ],
    unknown: inCluster && ofNode !== undefined ? [] : added,
    upstreams,
    inCluster,
  };
}

function nodeCacheOf(address: string | undefined, corefile: Source | undefined): Change[] {
  if (corefile !== undefined) return nodeCacheChanges(corefile, corefile.file, '--node-local');
  if (address === undefined) return [];
  return [value('lookup', ['cluster', 'nodeLocalDNS'], address === stockAddress ? {} : { addresses: [address] })];
}

/** Whose the addresses are that the pod's file and the Corefile name. */
interface Roles {
  readonly inCluster: boolean;
  readonly serviceIP: string;
  /** Does the pod's file name it? */
  readonly isServiceNamed: boolean;
  readonly nodeCache: string | undefined;
  readonly upstreams: readonly string[];
  /** How those are met that are asked over TLS, by address. */
  readonly secure: ReadonlyMap<string, TlsKey>;
  /** Of --upstream: those that no file names. */
  readonly added: readonly string[];
  /** Servers of the node's file; undefined: CoreDNS does not read it. */
  readonly ofNode: readonly string[] | undefined;
}

function rolesOf(pod: PodFile, request: LookupRequest, everyday: Scenario, texts: Texts): Roles {
  const own = request.upstreams.map(({ address }) => address);
  const { cluster } = everyday.definition;
  const inCluster = texts.resolvConf === undefined || pod.isOfPod || request.corefile !== undefined;
  const candidates = pod.nameservers.filter((address) => !isNodeCache(address) && !own.includes(address));
  const [first] = inCluster ? candidates : [];
  const serviceIP = first ?? serviceIPBeside(own, cluster.coredns.serviceIP);
  const outside = pod.nameservers.filter((address) => address !== serviceIP && !isNodeCache(address));
  const marker = '192.0.2.1'; // does the Corefile read the node's resolv.conf?
  const { upstreams: named, secure } = wantsOf(texts.corefile, `nameserver ${marker}\n`);
  const readsNode = named.includes(marker);
  const known = [...outside, ...named.filter((address) => address !== marker)];
  const added = own.filter((address) => !known.includes(address));
  const nodeFile = everyday.artefacts.resolvConfs[Object.keys(cluster.nodes)[0] ?? '']?.text ?? '';
  const usual = added.length > 0 ? added : readResolvConf(nodeFile).servers.filter(isIpv4);
  const ofNode = readsNode && inCluster ? usual : [];
  return {
    inCluster,
    serviceIP,
    isServiceNamed: first !== undefined,
    nodeCache: pod.nameservers.find(isNodeCache),
    upstreams: [...new Set([...known, ...ofNode])].filter((address) => address !== serviceIP),
    secure,
    added,
    ofNode: readsNode ? ofNode : undefined,
  };
}

function value(file: string, path: readonly (string | number)[], it: unknown): Change {
  return { kind: 'value', file, path, value: it };
}

/** Stubs on the machine itself, such as that of systemd-resolved. */
function stubsAmong([stub]: readonly string[]): string[] {
  if (stub === undefined) return [];
  return [
    `Nobody listens on ${stub} here: give the file that the stub there reads, such as /run/systemd/resolve/resolv.conf.`,
  ];
}

interface PodFile {
  readonly nameservers: readonly string[];
  /** Servers on the machine itself. */
  readonly stubs: readonly string[];
  /** Is it one that the kubelet writes for dnsPolicy ClusterFirst? */
  readonly isOfPod: boolean;
  readonly domain: string | undefined;
}

/** What tells whose resolv.conf it is, as the resolver reads it: servers, and a search list with `svc.` and the cluster's domain. */
function readPodFile(source: Source | undefined, { resolver, upstreams }: LookupRequest): PodFile {
  if (source === undefined) return { nameservers: [], stubs: [], isOfPod: false, domain: undefined };
  const { nameservers, search } = parseResolvConf(source, { ...rulesOf(resolver), defaultServers: [] });
  const domain = search.find((suffix) => suffix.startsWith('svc.'))?.slice('svc.'.length);
  const isOwn = (server: string) => upstreams.some(({ address }) => address === server);
  const servers = nameservers.filter(isIpv4);
  return {
    nameservers: servers.filter((address) => !/^(127|0)\./.test(address) || isOwn(address)),
    stubs: servers.filter((address) => /^127\./.test(address)),
    isOfPod: domain !== undefined,
    domain: domain?.replace(/\.$/, ''),
  };
}

/** The file of dnsPolicy ClusterFirst with the usual ClusterIP, whoever has that. */
function ofKubelet({ namespace }: LookupRequest, cluster: Scenario['definition']['cluster']): Source {
  const pod = { node: '', namespace, resolver: '' };
  return { file: 'resolv.conf', text: clusterFirst(pod, cluster) };
}

/** Where every address of the pod's file is a server outside, nobody asks kube-dns. */
function serviceIPBeside(taken: readonly string[], usual: string): string {
  return taken.includes(usual) ? usual.replace(/\d+$/, '250') : usual;
}

/** The everyday Corefile for a cluster of another domain. */
function ofDomain(corefile: string, usual: string, domain: string): Change[] {
  return domain === usual
    ? []
    : [value('Corefile', ['cluster', 'coredns', 'corefile'], corefile.replaceAll(usual, domain))];
}

function isIpv4(address: string): boolean {
  return typeof parseAddress(address) === 'number';
}

function nodeResolvConf(addresses: readonly string[], { definition }: Scenario): Change[] {
  const text = addresses.map((address) => `nameserver ${address}\n`).join('');
  if (text === '') return [];
  return Object.keys(definition.cluster.nodes).map((node) =>
    value('lookup', ['cluster', 'nodes', node, 'resolvConf'], `# of the node\n${text}`),
  );
}

/** Is the name one of a Service? Those of the cluster's domain are, and single labels; else it is one of the internet. */
function servicesOf({ name, namespace, services }: LookupRequest, domain: string) {
  const bare = name.replace(/\.$/, '').toLowerCase();
  const labels = bare.split('.');
  const isOfCluster = isWithin(absolute(bare), absolute(domain));
  const [first = '', second = namespace] = labels;
  const isService = services.length > 0 || isOfCluster || labels[2] === 'svc' || labels.length === 1;
  const guessed = /^[a-z0-9-]+\/[a-z0-9-]+$/.test(`${second}/${first}`) ? [`${second}/${first}`] : [];
  const all = services.length > 0 ? services : isService ? guessed : [];
  const ports = [{ name: 'http', protocol: 'tcp', port: 80 }];
  return {
    isService,
    said: [
      isService
        ? `${all.join(', ') || bare} is taken for a Service that is there.`
        : `${bare} is taken for a name of the internet with one address, ${ownAddress}.`,
    ],
    changes: [
      value(
        '--service',
        ['cluster', 'services'],
        all.map((service, i) => ({ name: service, address: `10.96.20.${i + 1}`, ports, endpoints: ['10.244.0.9'] })),
      ),
    ],
  };
}

/** Every upstream, and one server behind them that stands for all of the internet. */
function serversOf(
  { upstreams, secure }: Pick<Roles, 'upstreams' | 'secure'>,
  request: LookupRequest,
  isService: boolean,
): Change[] {
  const behaviourOf = (address: string) =>
    request.upstreams.find((upstream) => upstream.address === address)?.behaviour ?? 'answer';
  const names = upstreams.map((address, i) => ({ name: `dns-${i + 1}`, address, behaviour: behaviourOf(address) }));
  const bare = absolute(request.name.toLowerCase());
  const isName = /^([a-z0-9_-]{1,63}\.)+$/.test(bare);
  const zone = `${soa}${isService || !isName ? '' : `${bare} 300 IN A ${ownAddress}\n`}`;
  const servers = names.map(({ name, address, behaviour }) => {
    const tls = secure.has(address) ? { tls: secure.get(address) } : {};
    return [
      name,
      behaviour === 'nxdomain'
        ? { role: 'authoritative', address, zones: { '.': `; nothing is there\n${soa}` }, ...tls }
        : { role: 'recursor', software: 'bind', address, upstreams: { '.': 'internet' }, ...tls },
    ];
  });
  const internet = { role: 'authoritative', address: '203.0.113.10', zones: { '.': `; the internet\n${zone}` } };
  const links = names.map(({ name }) => [`${name}..internet`, { latency: '5ms' }]);
  return [
    value('lookup', ['servers'], { ...Object.fromEntries(servers), internet }),
    value('lookup', ['links'], { default: { latency: '250us' }, ...Object.fromEntries(links) }),
    value(
      'lookup',
      ['events'],
      names.flatMap(({ name, behaviour }) => {
        const set = settings[behaviour];
        return set === undefined ? [] : [{ at: '9.9s', setServer: { server: name, ...set } }];
      }),
    ),
  ];
}

const settings: Readonly<Partial<Record<Behaviour, object>>> = {
  dead: { answers: 'never' },
  slow: { delay: slowness },
  servfail: { answers: 'servfail' },
  refused: { answers: 'refused' },
};

function podOf({ name, family, resolver, resolvConf, namespace }: LookupRequest, written?: string): Change[] {
  return [
    value('lookup', ['pods'], { app: { node: 'node-1' } }),
    value('--pod-namespace', ['pods', 'app', 'namespace'], namespace),
    value('--resolver', ['pods', 'app', 'resolver'], resolver),
    ...(written === undefined ? [] : [value('resolv.conf', ['pods', 'app', 'resolvConf'], written)]),
    ...(resolvConf === undefined ? [] : [value('--resolv-conf', ['pods', 'app', 'resolvConf'], resolvConf)]),
    value('lookup', ['workloads'], { app: { pod: 'app', family, at: startAt, every: '1h', count: 1 } }),
    value('NAME', ['workloads', 'app', 'lookup'], name),
  ];
}
