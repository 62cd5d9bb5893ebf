import type { ClusterView } from '../coredns/cluster-view.ts';
import type { CoreDnsProcess } from '../coredns/process.ts';
import type { Task } from '../engine/process.ts';
import { noTrace } from '../engine/recorder.ts';
import type { Simulation } from '../engine/simulation.ts';
import { type Micros, second } from '../engine/time.ts';
import type { Host } from '../kernel/host.ts';
import type { Network } from '../network/network.ts';
import type { Absence, ApiServer } from './api-server.ts';
import { ControlPlane } from './controllers/control-plane.ts';
import { rollOutNodeCaches } from './controllers/daemon-set.ts';
import { Deployment } from './controllers/deployment.ts';
import { drain } from './controllers/drain.ts';
import { EndpointSlices } from './controllers/endpoint-slices.ts';
import { NodeLifecycle } from './controllers/node-lifecycle.ts';
import { Nodes } from './controllers/nodes.ts';
import { controlPlaneRelease } from './controllers/releases.ts';
import { Scheduler } from './controllers/scheduler.ts';
import { configMapDelay, configMapPhase } from './kubelet/config-map.ts';
import { Kubelet } from './kubelet/kubelet.ts';
import type { PodWorker } from './kubelet/pod-worker.ts';
import type { Lived } from './lived.ts';
import type { NodeCache } from './node-local-dns/node-cache.ts';
import {
  type BarePodDescription,
  coreDnsDeployment,
  type LifeDescription,
  type PodTemplate,
} from './pods/description.ts';
import { PodNetwork } from './pods/pod-network.ts';
import type { FixedTimes, Pod, Pods } from './pods/pods.ts';
import { nodeLife, podLife } from './records.ts';
import { watchRules } from './retries.ts';
import type { LifeEvent } from './world.ts';

/** A kubelet tries to renew its lease again after this at most (lease/controller.go, maxBackoff). */
const leaseBackOff = 7 * second;

/** What cluster life happens to. */
export interface LifeSite {
  readonly simulation: Simulation;
  readonly network: Network;
  readonly api: ApiServer;
  /** Of the API, for a CoreDNS process of a release. */
  readonly viewOf: (process: string, release: string) => ClusterView | undefined;
  readonly hosts: ReadonlyMap<string, Host>;
  readonly processes: ReadonlyMap<string, CoreDnsProcess>;
  readonly nodeCaches: ReadonlyMap<string, NodeCache>;
  readonly workloads: ReadonlyMap<string, Task>;
  readonly lived: Lived;
}

/** A cluster that lives: the pods of Deployments come and go, kubelets and controllers look after them. */
export class ClusterLife {
  readonly #site: LifeSite;
  readonly #pods: Pods;
  readonly #nodes: Nodes;
  readonly #manager: ControlPlane;
  /** By name. */
  readonly #deployments: ReadonlyMap<string, Deployment>;
  /** By name. */
  readonly #barePods: ReadonlyMap<string, BarePodDescription>;
  readonly #kubelets: ReadonlyMap<string, Kubelet>;
  readonly #lifecycle: NodeLifecycle;

  constructor(site: LifeSite, description: LifeDescription) {
    this.#site = site;
    const { simulation, network, api, viewOf, lived, hosts } = site;
    const { nodes, deployments, barePods } = description;
    const release = controlPlaneRelease(description.kubernetes);
    const { pods } = api;
    this.#pods = pods;
    this.#nodes = new Nodes(
      simulation,
      nodes.map(({ name }) => name),
    );
    const rules = watchRules(description.kubernetes);
    const told = (label: string) => this.#told(label);
    const controlPlane = { simulation, api, rules, told };
    const manager = new ControlPlane({ ...controlPlane, name: 'kube-controller-manager' });
    const scheduler = new ControlPlane({ ...controlPlane, name: 'kube-scheduler' });
    this.#manager = manager;
    this.#deployments = new Map(deployments.map((one) => [one.name, new Deployment(simulation, manager, pods, one)]));
    const podNetwork = new PodNetwork(simulation, network, description.podLink, description.takenAddresses);
    this.#barePods = new Map(barePods.map((one) => [one.name, one]));
    for (const { template: _, ...pod } of barePods) pods.add({ ...pod, deployment: '', revision: 0, ready: true });
    const template = ({ name, deployment }: Pick<Pod, 'name' | 'deployment'>) =>
      deployment === '' ? named(this.#barePods, name).template : named(this.#deployments, deployment).template;
    this.#kubelets = new Map(
      nodes.map(({ name, ...rest }) => {
        const node = { ...rest, host: named(hosts, name) };
        const kubelet = { simulation, node, release, pods, network: podNetwork, template, api, viewOf, lived };
        return [name, new Kubelet({ ...kubelet, watchRules: rules })];
      }),
    );
    for (const one of deployments) {
      const { name: deployment, services } = one;
      for (const { name, node } of one.pods) this.#adopt({ name, deployment }, node, one.template);
      const { whenEmpty } = description;
      if (services.length > 0)
        new EndpointSlices({ simulation, api, manager, pods, release, lived, deployment, services, whenEmpty });
    }
    for (const { name, node, template: own } of barePods) this.#adopt({ name, deployment: '' }, node, own);
    new Scheduler({ simulation, process: scheduler, pods, nodes: this.#nodes, deployments: this.#deployments });
    this.#lifecycle = new NodeLifecycle({
      simulation,
      manager,
      release,
      nodes: this.#nodes,
      pods,
      deletePod: (pod, why) => this.#deletePod(pod, why),
      told,
    });
    api.onTurn((absence) => this.#turn(absence));
  }

  /** Kubelets that cannot reach the API server renew no lease; back again they do so at their next try, after 7 s at most. */
  #turn(absence: Absence | undefined): void {
    const { simulation } = this.#site;
    const alive = [...this.#kubelets.values()].filter(({ isOn }) => isOn).map(({ node }) => node);
    for (const node of alive) {
      if (absence === 'cut-off-nodes') this.#lifecycle.lost(node, undefined);
      else if (absence === undefined)
        simulation.after(simulation.stream(`life/lease/${node}`).span(0, leaseBackOff), () => {
          if (this.#kubelets.get(node)?.isOn === true) this.#lifecycle.returned(node);
        });
    }
  }

  #adopt(pod: Pick<Pod, 'name' | 'deployment'>, node: string, { runs, hostNetwork }: PodTemplate): void {
    const { hosts, processes, workloads } = this.#site;
    const host = named(hosts, hostNetwork ? node : pod.name);
    const kubelet = named(this.#kubelets, node);
    if (runs.kind === 'coredns') kubelet.adopt(pod, { host, container: named(processes, pod.name) });
    else if (runs.clock === 'program') kubelet.adopt(pod, { host });
    else {
      const own = runs.workloads[node] ?? [];
      const running = own.map(({ workload }) => ({ workload, task: named(workloads, workload.name) }));
      kubelet.adopt(pod, { host, running });
    }
  }

  /** A process of a pod has ended. */
  ended(pod: string): void {
    this.#worker(pod)?.ended();
  }

  happen(event: LifeEvent): void {
    const { simulation } = this.#site;
    switch (event.kind) {
      case 'delete-pod':
        this.#delete(event);
        return;
      case 'crash':
        this.#worker(event.process)?.crash(event.startsAgainAfter);
        return;
      case 'restart-container':
        this.#worker(event.process)?.container?.signal('SIGTERM');
        return;
      case 'rollout-restart':
        if (event.of === 'node-local-dns') simulation.spawn(this.#rollOutNodeCaches());
        else named(this.#deployments, event.of).rolloutRestart();
        return;
      case 'scale':
        named(this.#deployments, event.deployment).scale(event.replicas);
        return;
      case 'drain':
        drain(simulation, this.#nodes, this.#pods, this.#deployments, event.node);
        return;
      case 'uncordon':
        this.#nodes.change(event.node, { cordoned: false }, 'uncordoned', '');
        return;
      case 'lose-node':
        this.#lose(event.node, event.sinceRenewal);
        return;
      case 'return-node':
        this.#return(event.node);
        return;
      case 'edit-corefile':
        this.#editCorefile(event);
    }
  }

  #delete(event: LifeEvent & { readonly kind: 'delete-pod' }): void {
    const { now } = this.#site.simulation;
    const { leavesAfter, replaced } = event;
    const fixed: FixedTimes | undefined = leavesAfter === undefined ? undefined : { leavesAt: now + leavesAfter };
    const replacement =
      replaced === 'usual' || replaced === 'none'
        ? replaced
        : { startsAt: now + replaced.startsAfter, readyAt: now + replaced.readyAfter };
    const owner = this.#deployments.get(this.#pods.get(event.pod)?.deployment ?? '');
    if (owner === undefined) this.#told(`there is no ${event.pod} to delete`);
    owner?.delete(event.pod, event.label, fixed, replacement);
  }

  *#rollOutNodeCaches() {
    const { simulation, nodeCaches } = this.#site;
    const told = (label: string) => this.#told(label);
    yield* rollOutNodeCaches({ simulation, manager: this.#manager, caches: nodeCaches, told });
  }

  /** Whoever made it: where nobody did, nobody makes another. */
  #deletePod(pod: Pod, why: string): void {
    const { simulation } = this.#site;
    const { name, deployment, node, address } = pod;
    const owner = this.#deployments.get(deployment);
    if (owner !== undefined) {
      owner.delete(name, why);
      return;
    }
    simulation.recorder.write(podLife, name, noTrace, 'deleted', { deployment, node, address, text: why });
    this.#pods.change(name, { deletedAt: simulation.now });
  }

  /** The node is off, and all that ran there with it. */
  #lose(node: string, sinceRenewal: Micros | undefined): void {
    const { hosts, nodeCaches } = this.#site;
    this.#record(node, 'lost', 'it has no power any more');
    named(hosts, node).stack.powered = false;
    this.#kubelets.get(node)?.powerOff();
    for (const cache of nodeCaches.values()) if (cache.node === node) cache.signal('SIGKILL');
    this.#lifecycle.lost(node, sinceRenewal);
  }

  /** It has booted: no flow is remembered, all pods start again. */
  #return(node: string): void {
    const { hosts, nodeCaches, api } = this.#site;
    this.#record(node, 'returned', 'it has booted');
    const host = named(hosts, node);
    host.stack.powered = true;
    host.conntrack.delete(() => true);
    for (const cache of nodeCaches.values()) if (cache.node === node) cache.restart({ settled: true });
    this.#kubelets.get(node)?.powerOn();
    if (api.isReachable('nodes')) this.#lifecycle.returned(node);
  }

  /** The kubelets write it into the pods that run; a new pod finds it. */
  #editCorefile({ text, arrivesAfter }: LifeEvent & { readonly kind: 'edit-corefile' }): void {
    const { simulation } = this.#site;
    named(this.#deployments, coreDnsDeployment).setCorefile(text);
    for (const { name } of this.#pods.of(coreDnsDeployment))
      simulation.after(arrivesAfter ?? configMapDelay(simulation.stream(configMapPhase(name))), () =>
        this.#write(name, text),
      );
  }

  #write(pod: string, text: string): void {
    const { simulation, processes, lived } = this.#site;
    const process = processes.get(pod);
    if (process === undefined || this.#worker(pod) === undefined) return;
    process.writeCorefile(text);
    const label = `${pod} has the new Corefile`;
    lived.event({ at: simulation.now, label, kind: 'write-corefile', process: pod, text });
  }

  #worker(pod: string): PodWorker | undefined {
    return this.#kubelets.get(this.#pods.get(pod)?.node ?? '')?.worker(pod);
  }

  #told(label: string): void {
    this.#site.lived.event({ at: this.#site.simulation.now, label, kind: 'happened' });
  }

  #record(node: string, cause: string, text: string): void {
    this.#site.simulation.recorder.write(nodeLife, node, noTrace, cause, { text });
  }
}

function named<T>(things: ReadonlyMap<string, T>, name: string): T {
  const thing = things.get(name);
  if (thing === undefined) throw new Error(`there is no ${name}`);
  return thing;
}
