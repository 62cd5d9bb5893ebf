import { changed, replyTo } from '../../../dns/build.ts';
import type { Message, Question, Rcode } from '../../../dns/message.ts';
import { absolute, isWithin } from '../../../dns/name.ts';
import type { RecordData, ResourceRecord } from '../../../dns/record.ts';
import { nothingToDisarm, type Process, timedOut, waitFor } from '../../../engine/process.ts';
import { toSeconds } from '../../../engine/time.ts';
import { formatAddress } from '../../../network/address.ts';
import type { ClusterView } from '../../cluster-view.ts';
import { inRelease, since } from '../../history.ts';
import type { Plugin, PluginSetup, Request } from '../../plugin.ts';
import { addressOfReverse } from '../../reverse.ts';
import { longestZone } from '../../zones.ts';
import { searchOf } from '../autopath/autopath.ts';
import { isReverse, type Options, parseOptions } from './options.ts';
import { ClusterRecords, type Findings } from './records.ts';
import { parseRequest } from './request.ts';

const warnsUnsynced = since('1.8.0'); // seen 1.8.6, not 1.7.0: corefile-k8s-wrong-zone-bare, corefile-k8s-transfer
/** How many CNAMEs a chain of ExternalNames may have. */
const longestChain = 10;
const longestNegativeTtl = 300;
const noCluster =
  'unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined';

/** `kubernetes [ZONES…] { … }`: answers for the cluster's Services and pods. */
export function setUpKubernetes(setup: PluginSetup): Plugin {
  const { directive: words, simulation, release, cluster, log } = setup;
  const options = parseOptions(setup);
  const error = apiError(setup, options);
  if (error !== undefined) throw words.plainError(error);
  if (options.startupTimeout <= 0) throw words.panic('non-positive interval for NewTicker');
  // Nobody in a simulated world answers at an API address of one's own.
  const view = options.endpoint === undefined ? cluster : undefined;
  for (const [what, at] of options.notModelled) {
    if (view === undefined) setup.leftOut(what, at);
    else setup.notModelled(what, at);
  }
  const state = { synced: false };
  setup.onStartup(function* () {
    const synced = setup.spawn(
      (function* () {
        if (view === undefined) yield* waitFor<void>(() => nothingToDisarm);
        else yield* view.sync();
        state.synced = true;
      })(),
    );
    const joined = yield* synced.join(simulation.now + options.startupTimeout);
    if (joined === timedOut && inRelease(warnsUnsynced, release.name)) {
      log.warning('starting server with unsynced Kubernetes API');
    }
  });
  const known = view === undefined ? undefined : onceSynced(view, state);
  const records = known === undefined ? undefined : new ClusterRecords(known, options, release);
  const answering = new Answering(setup, options, records);
  return {
    name: 'kubernetes',
    ready: () => state.synced,
    searchPath: (request) => searchPath(setup, known, options, request),
    *handle(request, next) {
      const [question] = request.message.question;
      const zone = longestZone(options.zones, question?.name ?? '.');
      if (question === undefined || zone === undefined) {
        setup.decided(request, 'not-its-zone', '');
        return yield* next(request);
      }
      if (question.type === 'AXFR' || question.type === 'IXFR') return { rcode: 'REFUSED' };
      const found = yield* answering.answer(request, question, zone);
      if (found === 'no-name') {
        if (options.fallthrough.through(question.name)) {
          setup.decided(request, 'fallthrough', '');
          return yield* next(request);
        }
        const rcode = state.synced ? 'NXDOMAIN' : 'SERVFAIL';
        setup.decided(request, state.synced ? 'no-name' : 'not-synced', rcode);
        return { rcode: 'NOERROR', reply: answering.negative(request, zone, rcode) };
      }
      setup.decided(request, found.answer.length === 0 ? 'no-data' : 'answered', 'NOERROR');
      if (found.answer.length === 0) return { rcode: 'NOERROR', reply: answering.negative(request, zone, 'NOERROR') };
      const reply = replyTo(request.message);
      return { rcode: 'NOERROR', reply: changed(reply, { ...found, flags: { ...reply.flags, aa: true } }) };
    },
  };
}

/** Why no client of the API can be made of what the properties say (`InitKubeCache`); undefined: it can. */
function apiError({ files, cluster }: PluginSetup, { kubeconfig, endpoint, tls }: Options): string | undefined {
  if (kubeconfig !== undefined) {
    return files.read(kubeconfig) === undefined ? `stat ${kubeconfig}: no such file or directory` : undefined;
  }
  if (endpoint === undefined) return cluster === undefined ? noCluster : undefined;
  const unread = ['client-cert', 'client-key', 'certificate-authority'].flatMap((kind, i) => {
    const file = tls[i];
    if (file === undefined || files.read(file) !== undefined) return [];
    return [`unable to read ${kind} ${file} for  due to open ${file}: no such file or directory`];
  });
  if (unread.length > 0) return `invalid configuration: ${unread.length > 1 ? `[${unread.join(', ')}]` : unread[0]}`;
  if (isServerUrl(endpoint) || isServerUrl(`http://${endpoint}`)) return undefined;
  return `failed to create kubernetes notification controller: ${JSON.stringify(`host must be a URL or a host:port pair: ${JSON.stringify(endpoint)}`)}`;
}

/** `http://host:port`, or without a port; a path may follow. */
function isServerUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/(\[[^\]/]+\]|[^:[\]/?#]+)(:\d*)?(\/.*)?$/is.test(text);
}

/** A process that has no list yet knows of nothing. */
function onceSynced(view: ClusterView, state: { readonly synced: boolean }): ClusterView {
  return {
    sync: () => view.sync(),
    namespaces: () => (state.synced ? view.namespaces() : []),
    services: () => (state.synced ? view.services() : []),
    endpoints: () => (state.synced ? view.endpoints() : []),
    podsAt: (address) => (state.synced ? view.podsAt(address) : []),
  };
}

/** The search path that kubelet gave the pod that asks; pods are known by their address with `pods verified` only. */
function searchPath(
  { files }: PluginSetup,
  view: ClusterView | undefined,
  options: Options,
  request: Request,
): readonly string[] {
  const zone = longestZone(options.zones, request.message.question[0]?.name ?? '.');
  const pod = options.podMode === 'verified' ? view?.podsAt(formatAddress(request.client.address))[0] : undefined;
  if (zone === undefined || pod === undefined) return [];
  return [
    below(`${pod.namespace}.svc`, zone),
    below('svc', zone),
    zone,
    ...searchOf(files.read('/etc/resolv.conf') ?? ''),
  ];
}

interface Sections {
  readonly answer: readonly ResourceRecord[];
  readonly additional: readonly ResourceRecord[];
}

/** Turns what a name stands for into records. */
class Answering {
  readonly #setup: PluginSetup;
  readonly #options: Options;
  readonly #records: ClusterRecords | undefined;

  constructor(setup: PluginSetup, options: Options, records: ClusterRecords | undefined) {
    this.#setup = setup;
    this.#options = options;
    this.#records = records;
  }

  *answer(request: Request, question: Question, zone: string): Process<Sections | 'no-name'> {
    const only = (answer: readonly ResourceRecord[]) => ({ answer, additional: [] });
    const name = question.name.toLowerCase();
    switch (question.type) {
      case 'SOA':
        if (name === zone) return only([this.#soa(zone)]);
        return this.#exists(name, zone);
      case 'PTR':
        return this.#pointers(question, zone);
      case 'TXT':
        if (name !== `dns-version.${zone}`) return this.#exists(name, zone);
        return only([{ name: question.name, ttl: 28_800, class: 'IN', data: { type: 'TXT', strings: ['1.1.0'] } }]);
      case 'SRV':
        return this.#services(question, this.#find(name, zone), zone);
      case 'A':
      case 'AAAA': {
        const records = yield* this.#addresses(request, question.name, question.type, zone, []);
        return records === 'no-name' ? records : only(records);
      }
      case 'CNAME':
        return this.#aliases(question, this.#find(name, zone));
      default:
        return this.#exists(name, zone);
    }
  }

  /** A reply without answer: the zone's SOA, and AA. */
  negative({ message }: Request, zone: string, rcode: Rcode): Message {
    const reply = replyTo(message, rcode);
    return changed(reply, { flags: { ...reply.flags, aa: true }, authority: [this.#soa(zone)] });
  }

  #find(name: string, zone: string): Findings {
    const asked = parseRequest(name, zone);
    if (asked === undefined) return 'no-name';
    if (asked.kind !== '' && isReverse(name)) return 'no-name';
    if (this.#records === undefined) return asked.kind === '' ? [] : 'no-name';
    return this.#records.find(asked);
  }

  #exists(name: string, zone: string): Sections | 'no-name' {
    return this.#find(name, zone) === 'no-name' ? 'no-name' : { answer: [], additional: [] };
  }

  *#addresses(
    request: Request,
    owner: string,
    type: 'A' | 'AAAA',
    zone: string,
    before: readonly string[],
  ): Process<ResourceRecord[] | 'no-name'> {
    const found = this.#find(owner.toLowerCase(), zone);
    if (found === 'no-name') return found;
    const records: ResourceRecord[] = [];
    for (const host of new Set(found.map((one) => one.host))) {
      const data = addressData(host);
      if (data === undefined) records.push(...(yield* this.#external(request, owner, host, type, zone, before)));
      else if (data.type === type) records.push(this.#record(owner, data));
    }
    return records;
  }

  /** An ExternalName: the CNAME, and what it leads to, in this zone or through the whole server. */
  *#external(
    request: Request,
    owner: string,
    host: string,
    type: 'A' | 'AAAA',
    zone: string,
    before: readonly string[],
  ): Process<ResourceRecord[]> {
    const target = absolute(host);
    if (before.length >= longestChain || before.includes(target) || target === owner.toLowerCase()) return [];
    const alias = this.#record(owner, { type: 'CNAME', target });
    if (isWithin(target, zone)) {
      const more = yield* this.#addresses(request, target, type, zone, [...before, target]);
      return more === 'no-name' || more.length === 0 ? [] : [alias, ...more];
    }
    const reply = yield* this.#setup.lookup(request, target, type);
    return reply === undefined || reply.rcode === 'SERVFAIL' ? [] : [alias, ...reply.answer];
  }

  #aliases(question: Question, found: Findings): Sections | 'no-name' {
    if (found === 'no-name') return found;
    const external = found.filter(({ host }) => addressData(host) === undefined);
    const answer = external.map(({ host }) => this.#record(question.name, { type: 'CNAME', target: absolute(host) }));
    return { answer, additional: [] };
  }

  #services(question: Question, found: Findings, zone: string): Sections | 'no-name' {
    if (found === 'no-name') return found;
    const internal = found.filter(({ host }) => addressData(host) !== undefined);
    const weight = Math.max(1, Math.floor(100 / Math.max(1, internal.length)));
    const answer = new Map<string, ResourceRecord>();
    const additional: ResourceRecord[] = [];
    for (const one of internal) {
      const data = addressData(one.host);
      if (one.port === undefined || data === undefined) continue;
      const target = below(one.key, zone);
      const service: RecordData = { type: 'SRV', priority: 0, weight, port: one.port, target };
      answer.set(`${one.port} ${target}`, this.#record(question.name, service));
      additional.push(this.#record(target, data));
    }
    return { answer: [...answer.values()], additional };
  }

  #pointers(question: Question, zone: string): Sections | 'no-name' {
    const name = question.name.toLowerCase();
    const address = addressOfReverse(name);
    if (address === undefined) return this.#exists(name, zone);
    const primary = this.#options.zones.find((one) => !isReverse(one)) ?? zone;
    const names = this.#records?.namesOf(address) ?? [];
    if (names.length === 0) return 'no-name';
    const answer = names.map((one) => this.#record(question.name, { type: 'PTR', target: below(one, primary) }));
    return { answer, additional: [] };
  }

  #soa(zone: string): ResourceRecord {
    const ttl = Math.min(this.#options.ttl, longestNegativeTtl);
    const data: RecordData = {
      type: 'SOA',
      mname: below('ns.dns', zone),
      rname: below('hostmaster', zone),
      serial: Math.floor(toSeconds(this.#setup.simulation.now)),
      refresh: 7200,
      retry: 1800,
      expire: 86_400,
      minimum: this.#options.ttl,
    };
    return { name: zone, ttl, class: 'IN', data };
  }

  #record(name: string, data: RecordData): ResourceRecord {
    return { name, ttl: this.#options.ttl, class: 'IN', data };
  }
}

function below(name: string, zone: string): string {
  return zone === '.' ? `${name}.` : `${name}.${zone}`;
}

function addressData(host: string): Extract<RecordData, { type: 'A' | 'AAAA' }> | undefined {
  if (/^(\d{1,3}\.){3}\d{1,3}$/.test(host)) return { type: 'A', address: host };
  return host.includes(':') ? { type: 'AAAA', address: host } : undefined;
}
