import { type Process, sleep, sleepUntil, type Task, waitUntil } from '../../engine/process.ts';
import { noTrace } from '../../engine/recorder.ts';
import { type Micros, second } from '../../engine/time.ts';
import type { Host } from '../../kernel/host.ts';
import { delayOf } from '../delays.ts';
import type { PodTemplate } from '../pods/description.ts';
import type { Pod } from '../pods/pods.ts';
import { podLife } from '../records.ts';
import { BackOff } from './back-off.ts';
import { type Age, type Container, type RunningWorkload, startContainer } from './container.ts';
import { Prober } from './prober.ts';
import type { KubeletSite } from './site.ts';

/** What a container gets after its preStop hook at the least (minimumGracePeriodInSeconds). */
const leastGrace = 2 * second;

/** What a pod has that runs when the run begins. */
export interface Adopted {
  readonly host: Host;
  readonly container?: Container;
  readonly running?: readonly RunningWorkload[];
}

/** What a kubelet does for one pod, from its start on the node to its end (pod_workers.go, kuberuntime). */
export class PodWorker {
  readonly #site: KubeletSite;
  readonly #name: string;
  readonly #deployment: string;
  readonly #backOff = new BackOff();
  readonly #tasks: Task[] = [];
  #probers: Partial<Record<'readiness' | 'liveness', Prober>> = {};
  #host: Host | undefined;
  #container: Container | undefined;
  #startedAt: Micros | undefined;
  #statusAt: Micros = 0;
  #terminating = false;
  #off = false;
  /** When the container is to start again, where that is laid down. */
  #startsAgainAt: Micros | undefined;
  #whenEnded: (() => void) | undefined;
  /** As the kubelet sees it, whatever the API server has. */
  #status: { readonly ready: boolean; readonly why: string } | undefined;

  constructor(site: KubeletSite, { name, deployment }: Pick<Pod, 'name' | 'deployment'>) {
    this.#site = site;
    this.#name = name;
    this.#deployment = deployment;
  }

  get container(): Container | undefined {
    return this.#container;
  }

  /** It has run for a while when the run begins; without a container, nor workloads that run, one is to be started with it. */
  adopt({ host, container, running }: Adopted): void {
    this.#host = host;
    this.#container = container ?? this.#startOn(host, 'since-long', running);
    this.#startedAt = Number.NEGATIVE_INFINITY;
    this.#status = { ready: true, why: 'it has been ready all along' };
    this.#probe('since-long');
  }

  start(): void {
    if (this.#pod?.ready === true) this.#report(false, 'its containers have to start again');
    this.#spawn(this.#start());
  }

  /** Kills the container; it starts again after so long, or as the kubelet sees fit. */
  crash(startsAgainAfter: Micros | undefined): void {
    if (startsAgainAfter !== undefined) this.#startsAgainAt = this.#site.simulation.now + startsAgainAfter;
    this.#container?.signal('SIGKILL');
  }

  /** The container's process has ended. */
  ended(): void {
    if (this.#off) return;
    this.#startedAt = undefined;
    this.#whenEnded?.();
    if (!this.#terminating) this.#spawn(this.#startAgain());
  }

  /** The pod is being deleted. */
  terminate(): void {
    if (this.#terminating) return;
    this.#terminating = true;
    this.#spawn(this.#terminate());
  }

  /** The node has lost its power: nobody is told of anything any more. */
  powerOff(): void {
    this.#off = true;
    for (const task of this.#tasks) task.kill();
    this.#stopProbers();
    this.#container?.signal('SIGKILL');
    this.#unplug();
  }

  *#start(): Process {
    const { simulation } = this.#site;
    const { hostNetwork } = this.#template;
    const laidDown = this.#pod?.fixed?.startsAt;
    this.#probe('new');
    if (laidDown === undefined) yield delayOf(simulation, 'sandbox', this.#name);
    else yield* sleepUntil(simulation, laidDown);
    if (this.#terminating) return;
    if (hostNetwork) this.#useNode();
    else if (!this.#plugIn()) return;
    if (laidDown === undefined) yield delayOf(simulation, 'containerStart', this.#name);
    if (this.#terminating || this.#host === undefined) return;
    this.#container = this.#startOn(this.#host, 'new');
    this.#containerStarted('its container runs');
  }

  #useNode(): void {
    const { node, pods } = this.#site;
    this.#host = node.host;
    const { address, otherAddress } = node;
    pods.change(this.#name, { address, ...(otherAddress !== undefined && { otherAddress }) });
  }

  #plugIn(): boolean {
    const { network, node, pods, lived } = this.#site;
    const plugged = network.plugIn(this.#name, node);
    if (plugged === undefined) {
      this.#record('pending', `${node.host.host} has no address left for it`);
      return false;
    }
    this.#host = plugged.host;
    lived.host(plugged.host, plugged.description);
    const { address, otherAddress } = plugged;
    pods.change(this.#name, { address, ...(otherAddress !== undefined && { otherAddress }) });
    return true;
  }

  #startOn(host: Host, age: Age, running?: readonly RunningWorkload[]): Container {
    const place = { pod: this.#name, host, age, ended: () => this.ended(), ...(running !== undefined && { running }) };
    return startContainer(this.#site, this.#template.runs, place);
  }

  get #template(): PodTemplate {
    return this.#site.template({ name: this.#name, deployment: this.#deployment });
  }

  #containerStarted(text: string): void {
    const { simulation, release } = this.#site;
    this.#startedAt = simulation.now;
    this.#record('started', text);
    const { readiness, liveness } = this.#probers;
    readiness?.reset();
    liveness?.reset();
    const laidDown = this.#pod?.fixed?.readyAt;
    if (laidDown !== undefined && laidDown >= simulation.now)
      simulation.at(laidDown, () => this.#tell(true, 'as laid down'));
    else if (this.#template.readinessProbe === undefined) this.#readySoon();
    else if (release.probesAtStart)
      simulation.after(delayOf(simulation, 'relist', this.#name), () => readiness?.trigger());
  }

  /** Nobody asks it whether it is ready. */
  #readySoon(): void {
    const { simulation } = this.#site;
    const { readyAfter } = this.#template;
    const since = simulation.now;
    const ready = () => {
      if (this.#startedAt === since) this.#report(true, 'it has no readiness probe');
    };
    if (readyAfter === 0) ready();
    else simulation.after(readyAfter, ready);
  }

  #probe(age: Age): void {
    const { simulation, node, release } = this.#site;
    const { readinessProbe, livenessProbe } = this.#template;
    if (readinessProbe === undefined && livenessProbe === undefined) return;
    const phases = simulation.stream(`life/probes/${this.#name}`);
    const isTriggered = age === 'new' && release.probesAtStart;
    const common = { simulation, sockets: node.host, pod: this.#name, container: () => this.#probed() };
    const phaseOf = (period: Micros) => (isTriggered ? period : phases.span(0, period));
    if (readinessProbe !== undefined) {
      const phase = phaseOf(readinessProbe.period);
      const changed = (succeeds: boolean) =>
        this.#report(succeeds, succeeds ? 'its readiness probe is answered' : 'its readiness probe has failed');
      const settings = { ...common, kind: 'readiness', probe: readinessProbe, phase, changed } as const;
      this.#probers.readiness = new Prober(settings, age === 'since-long');
    }
    if (livenessProbe !== undefined) {
      const phase = phaseOf(livenessProbe.period);
      const settings = {
        ...common,
        kind: 'liveness',
        probe: livenessProbe,
        phase,
        changed: () => this.#kill(),
      } as const;
      this.#probers.liveness = new Prober(settings, true);
    }
  }

  #probed(): { readonly address: string; readonly startedAt: Micros } | undefined {
    const pod = this.#pod;
    if (this.#startedAt === undefined || pod === undefined) return undefined;
    return { address: pod.address, startedAt: this.#startedAt };
  }

  /** Its liveness probe has failed: the container gets the same end as with its pod, and starts again. */
  #kill(): void {
    if (this.#terminating) return;
    this.#record('container-killed', 'its liveness probe has failed');
    this.#spawn(this.#end(this.#site.simulation.now + this.#template.gracePeriod));
  }

  /** preStop, SIGTERM, and SIGKILL when the time is over. */
  *#end(deadline: Micros): Process {
    const { simulation } = this.#site;
    if (this.#startedAt === undefined) return;
    const { preStop } = this.#template;
    if (preStop > 0) yield Math.min(preStop, Math.max(0, deadline - simulation.now));
    if (this.#startedAt === undefined) return;
    this.#container?.signal('SIGTERM');
    // Some programs are gone at once.
    if (this.#startedAt === undefined) return;
    yield* waitUntil<void>(simulation, Math.max(deadline, simulation.now + leastGrace), (wake) => {
      this.#whenEnded = () => wake();
      return () => {
        this.#whenEnded = undefined;
      };
    });
    if (this.#startedAt !== undefined) this.#container?.signal('SIGKILL');
  }

  *#startAgain(): Process {
    const { simulation } = this.#site;
    const end = simulation.now;
    const laidDown = this.#startsAgainAt;
    this.#startsAgainAt = undefined;
    if (laidDown === undefined) yield delayOf(simulation, 'relist', this.#name);
    if (this.#terminating) return;
    this.#record('container-ended', 'its container has ended');
    this.#report(false, 'its container has ended');
    const pause = this.#backOff.after(end);
    if (laidDown !== undefined) yield* sleepUntil(simulation, laidDown);
    else yield Math.max(0, end + pause - simulation.now) + delayOf(simulation, 'containerStart', this.#name);
    if (this.#terminating) return;
    this.#container?.restart();
    this.#containerStarted(pause > 0 ? `started again after a pause of ${pause / second} s` : 'started again');
  }

  *#terminate(): Process {
    const { simulation, pods } = this.#site;
    const { deletedAt = simulation.now, fixed } = this.#pod ?? {};
    if (fixed?.leavesAt === undefined) yield delayOf(simulation, 'termination', this.#name);
    this.#probers.liveness?.stop();
    yield* this.#end(deletedAt + this.#template.gracePeriod);
    this.#stopProbers();
    yield* sleep(delayOf(simulation, 'sandboxEnd', this.#name));
    if (this.#unplug()) this.#record('network-removed', 'its container has ended');
    this.#report(false, 'its container has ended');
    yield* this.#site.api.reached();
    yield* sleep(delayOf(simulation, 'removal', this.#name));
    this.#record('removed', 'it was deleted, and has ended');
    pods.remove(this.#name);
  }

  /** False for a pod that uses its node's network. */
  #unplug(): boolean {
    const { network, node } = this.#site;
    const address = this.#pod?.address ?? '';
    if (this.#host === undefined || this.#host === node.host) return false;
    network.unplug(this.#host, [address, this.#pod?.otherAddress ?? ''], node);
    return true;
  }

  #stopProbers(): void {
    for (const prober of Object.values(this.#probers)) prober.stop();
    this.#probers = {};
  }

  /** A new status on its way to the API server; none overtakes another. */
  #report(ready: boolean, why: string): void {
    const { simulation } = this.#site;
    this.#statusAt = Math.max(this.#statusAt, simulation.now + delayOf(simulation, 'status', this.#name));
    simulation.at(this.#statusAt, () => this.#tell(ready, why));
  }

  #tell(ready: boolean, why: string): void {
    this.#status = { ready, why };
    this.sendStatus();
  }

  /** Sends what the API server does not know; while it cannot be reached, nothing. */
  sendStatus(): void {
    const pod = this.#pod;
    const { api, pods } = this.#site;
    if (this.#off || this.#status === undefined || !api.isReachable('nodes')) return;
    const { ready, why } = this.#status;
    if (pod === undefined || pod.ready === ready) return;
    this.#record(ready ? 'ready' : 'not-ready', why);
    pods.change(this.#name, { ready });
  }

  get #pod(): Pod | undefined {
    return this.#site.pods.get(this.#name);
  }

  #spawn(process: Process): void {
    this.#tasks.push(this.#site.simulation.spawn(process));
  }

  #record(cause: string, text: string): void {
    const { simulation, node } = this.#site;
    const fields = { deployment: this.#deployment, node: node.host.host, address: this.#pod?.address ?? '', text };
    simulation.recorder.write(podLife, this.#name, noTrace, cause, fields);
  }
}
