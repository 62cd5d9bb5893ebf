import { noTrace } from '../../engine/recorder.ts';
import type { Simulation } from '../../engine/simulation.ts';
import type { ApiServer } from '../api-server.ts';
import { delayOf } from '../delays.ts';
import type { EndpointDescription } from '../endpoint.ts';
import type { ProxiedService } from '../kube-proxy/proxier.ts';
import type { Lived } from '../lived.ts';
import { drawsFor } from '../pods/description.ts';
import type { Pod, Pods } from '../pods/pods.ts';
import { endpointsChanged } from '../records.ts';
import type { ControlPlane } from './control-plane.ts';
import type { ControlPlaneRelease } from './releases.ts';

interface Settings {
  readonly simulation: Simulation;
  readonly api: ApiServer;
  readonly manager: ControlPlane;
  readonly pods: Pods;
  readonly release: ControlPlaneRelease;
  readonly lived: Lived;
  readonly deployment: string;
  /** Services that select its pods. */
  readonly services: readonly string[];
  /** What kube-proxy makes of them without end points. */
  readonly whenEmpty: 'reject' | 'nothing';
}

/** The controller of EndpointSlices: what it has heard of a Deployment's pods, in the end points of their Services. */
export class EndpointSlices {
  readonly #settings: Settings;
  /** The pods as its watch has told it, in the order in which they came. */
  readonly #heard: Map<string, Pod>;
  #toldUntil = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
    const { pods, deployment } = settings;
    this.#heard = new Map(pods.of(deployment).map((pod) => [pod.name, pod]));
    pods.watch((before, after) => {
      if ((after ?? before)?.deployment === deployment) this.#told(before, after);
    });
  }

  #told(before: Pod | undefined, after: Pod | undefined): void {
    const { simulation, deployment } = this.#settings;
    const laidDown = laidDownTime(before, after, simulation.now);
    const delay = delayOf(simulation, 'controller', drawsFor('endpoint-slices', deployment));
    const usual = Math.max(this.#toldUntil, simulation.now + delay);
    if (laidDown === undefined) this.#toldUntil = usual;
    const heard = () => {
      if (after !== undefined) this.#heard.set(after.name, after);
      else if (before !== undefined) this.#heard.delete(before.name);
      this.#write();
    };
    simulation.at(Math.max(simulation.now, laidDown ?? usual), () => this.#settings.manager.run(heard));
  }

  #write(): void {
    const { api, services, release } = this.#settings;
    const endpoints = [...this.#heard.values()].flatMap((pod) => endpointOf(pod, release));
    for (const name of services) {
      const service = api.get(name);
      if (service === undefined || sameEndpoints(service.endpoints, endpoints)) continue;
      this.#tell(service, endpoints);
      api.set({ ...service, endpoints, whenEmpty: this.#settings.whenEmpty });
    }
  }

  #tell({ name: service, endpoints: before, whenEmpty }: ProxiedService, after: readonly EndpointDescription[]): void {
    const { simulation, lived, deployment } = this.#settings;
    const [old, now] = [conditionsOf(before), conditionsOf(after)];
    if (Object.values(old).join('; ') === Object.values(now).join('; ')) return;
    const { ready, serving, terminating } = now;
    const fields = { addresses: ready, serving, terminating };
    simulation.recorder.write(endpointsChanged, service, noTrace, deployment, fields);
    const came = this.#words(ready, old.ready, 'ready, in the end points');
    const left = this.#words(old.ready, ready, 'out of the end points');
    const ended = this.#words(old.serving, `${serving} ${ready}`, 'ended');
    const label = [came, left, ended].filter((text) => text !== '').join('; ');
    if (label === '') return;
    const outcome = label === ended ? 'ended' : 'moved';
    lived.event({ at: simulation.now, label, kind: 'set-endpoints', service, endpoints: after, whenEmpty, outcome });
  }

  /** Who is among some and not among others; a dual-stack pod has two addresses. */
  #words(some: string, others: string, what: string): string {
    const more = some.split(' ').filter((address) => address !== '' && !others.split(' ').includes(address));
    const names = [...new Set(more.map((address) => this.#nameOf(address)))];
    return names.length === 0 ? '' : `${names.join(' and ')} ${what}`;
  }

  #nameOf(address: string): string {
    return this.#settings.lived.nameAt(address);
  }
}

/** When this change is to be known, where that is laid down. */
function laidDownTime(before: Pod | undefined, after: Pod | undefined, now: number): number | undefined {
  const { deletedAt, fixed: { leavesAt = 0 } = {} } = after ?? before ?? {};
  if (deletedAt !== undefined && leavesAt >= now) return leavesAt;
  if (after === undefined) return undefined;
  return before?.ready === false && after.ready ? after.fixed?.readyAt : undefined;
}

/** Addresses by condition, with blanks between; those that serve without being ready. */
function conditionsOf(endpoints: readonly EndpointDescription[]) {
  const which = (is: (endpoint: EndpointDescription) => boolean) =>
    endpoints
      .filter(is)
      .map(({ address }) => address)
      .join(' ');
  return {
    ready: which(({ ready }) => ready),
    serving: which(({ ready, serving }) => serving && !ready),
    terminating: which(({ terminating }) => terminating),
  };
}

function endpointOf(pod: Pod, release: ControlPlaneRelease): EndpointDescription[] {
  const { address, otherAddress, node, ready } = pod;
  const terminating = pod.deletedAt !== undefined;
  if (address === '' || (terminating && !release.keepsTerminating)) return [];
  const conditions = { node, ready: ready && !terminating, serving: ready, terminating };
  return [address, otherAddress].flatMap((one) => (one === undefined ? [] : [{ address: one, ...conditions }]));
}

function sameEndpoints(a: readonly EndpointDescription[], b: readonly EndpointDescription[]): boolean {
  return (
    a.length === b.length &&
    a.every((one, i) => {
      const other = b[i];
      return (
        one.address === other?.address &&
        one.ready === other.ready &&
        one.serving === other.serving &&
        one.terminating === other.terminating
      );
    })
  );
}
