import { nodesOf, type ServiceDescription, type World } from '../cluster/world.ts';
import type { ColumnStore } from '../engine/columns.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Micros } from '../engine/time.ts';
import { joinEndpoint } from '../network/address.ts';
import type { ResolverDescription } from '../resolver/description.ts';
import { parseResolvConf, type ResolvConf } from '../resolver/resolv-conf.ts';
import { resolvConfRules } from '../resolver/rules.ts';
import { ownName } from '../workload/description.ts';
import type { Layer } from './account/account.ts';
import type { Flow, FlowStep } from './flows.ts';
import { hostWith } from './hosts.ts';
import type { JudgedLookup } from './lookup.ts';
import { type Quote, quoteFrom } from './quote.ts';
import { everyService, serviceAt } from './service-met.ts';
import { type SharedWith, sharedLookups } from './shared-lookups.ts';

/** An entry as a packet met it. `before`: when it would have expired without that packet. */
export interface Met {
  readonly flow: Flow;
  readonly before: Micros;
  /** How it stood then. */
  readonly step: FlowStep;
}

/** What the telling of any lookup needs to know of a run beside that lookup's own records. */
export class Scene {
  readonly world: World;
  readonly store: ColumnStore;
  readonly quote: Quote;
  readonly flows: readonly Flow[];
  /** Those that events make among them. */
  readonly services: readonly ServiceDescription[];
  readonly lookups: ReadonlyMap<TraceId, JudgedLookup>;
  readonly shared: SharedWith;
  readonly #layers: ReadonlyMap<string, Layer>;
  readonly #names = new Map<string, string>();
  readonly #resolvConfs = new Map<string, ResolvConf>();
  #met: ReadonlyMap<number, Met> | undefined;

  constructor(world: World, store: ColumnStore, flows: readonly Flow[], lookups: ReadonlyMap<TraceId, JudgedLookup>) {
    this.world = world;
    this.store = store;
    this.flows = flows;
    this.services = everyService(world);
    this.lookups = lookups;
    this.shared = sharedLookups(store);
    this.quote = quoteFrom(world, store);
    this.#layers = layersOf(world);
  }

  layerOf(at: string): Layer {
    return this.#layers.get(at) ?? 'network';
  }

  /** The entry that a record of the kernel's is about, by the record's number. */
  met(seq: number): Met | undefined {
    this.#met ??= metEntries(this.flows);
    return this.#met.get(seq);
  }

  /** `coredns-1 (10.244.1.3:53)`; what nobody here has as it is. */
  named(address: string, port?: number): string {
    const name = this.nameOf(address);
    const endpoint = port === undefined ? address : joinEndpoint(address, port);
    return name === address ? endpoint : `${name} (${endpoint})`;
  }

  /** The pod, process or server with an address, or the Service; the address where there is none. */
  nameOf(address: string): string {
    let name = this.#names.get(address);
    if (name === undefined) {
      name = this.#findName(address);
      this.#names.set(address, name);
    }
    return name;
  }

  #findName(address: string): string {
    if (this.#isNodeCache(address)) return 'NodeLocal DNSCache';
    const service = serviceAt(address, this.services);
    // `kube-dns` of `kube-system/kube-dns`.
    return service === undefined ? hostWith(this.world, address) : service.name.slice(service.name.indexOf('/') + 1);
  }

  /** An address of NodeLocal DNSCache's own: every node has it. */
  #isNodeCache(address: string): boolean {
    const { nodeCaches = [] } = this.world;
    if (serviceAt(address, this.services) !== undefined) return false;
    return nodeCaches.some(({ arguments: words }) =>
      words[words.lastIndexOf('-localip') + 1]?.split(',').includes(address),
    );
  }

  /** Of a workload, or of one of several that are alike. */
  resolverOf(workload: string): ResolverDescription | undefined {
    const found = this.world.workloads.find((one) => one.name === workload || ownName(one) === workload);
    return found?.kind === 'lookups' || found?.kind === 'connections' ? found.resolver : undefined;
  }

  /** What its resolver takes out of a workload's resolv.conf. */
  resolvConfOf(workload: string): ResolvConf | undefined {
    const known = this.#resolvConfs.get(workload);
    const resolver = this.resolverOf(workload);
    if (known !== undefined || resolver === undefined) return known;
    const conf = parseResolvConf(resolver.resolvConf, resolvConfRules(resolver));
    this.#resolvConfs.set(workload, conf);
    return conf;
  }
}

function layersOf(world: World): Map<string, Layer> {
  const layers = new Map<string, Layer>();
  for (const { host } of world.workloads) layers.set(host, 'resolver');
  for (const { name, host, role } of world.servers) {
    for (const at of [name, host]) layers.set(at, role === 'recursor' ? 'recursor' : 'authority');
  }
  for (const { name, host } of world.coredns) for (const at of [name, host]) layers.set(at, 'coredns');
  for (const { name } of world.nodeCaches ?? []) layers.set(name, 'node-cache');
  for (const node of nodesOf(world)) layers.set(node, 'kernel');
  return layers;
}

function metEntries(flows: readonly Flow[]): Map<number, Met> {
  const met = new Map<number, Met>();
  for (const flow of flows) {
    for (const [index, step] of flow.steps.entries()) {
      met.set(step.seq, { flow, step, before: flow.steps[index - 1]?.expires ?? step.expires });
    }
  }
  return met;
}
