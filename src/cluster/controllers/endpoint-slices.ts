import { noTrace } from '../../engine/recorder.ts';
import type { Simulation } from '../../engine/simulation.ts';
import type { ApiServer } from '../api-server.ts';
import { delayOf } from '../delays.ts';
import { type EndpointDescription, readyAddresses } from '../endpoint.ts';
import type { ProxiedService } from '../kube-proxy/proxier.ts';
import type { Lived } from '../lived.ts';
import type { Pod, Pods } from '../pods/pods.ts';
import { endpointsChanged } from '../records.ts';
import type { ControlPlaneRelease } from './releases.ts';

interface Settings {
  readonly simulation: Simulation;
  readonly api: ApiServer;
  readonly pods: Pods;
  readonly release: ControlPlaneRelease;
  readonly lived: Lived;
  /** Services that select the pods. */
  readonly services: readonly string[];
  /** What kube-proxy makes of them without end points. */
  readonly whenEmpty: 'reject' | 'nothing';
}

/** The controller of EndpointSlices: what it has heard of the pods, in the end points of their Services. */
export class EndpointSlices {
  readonly #settings: Settings;
  /** The pods as its watch has told it, in the order in which they came. */
  readonly #heard: Map<string, Pod>;
  #toldUntil = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
    const { pods } = settings;
    this.#heard = new Map(pods.all.map((pod) => [pod.name, pod]));
    pods.watch((before, after) => this.#told(before, after));
  }

  #told(before: Pod | undefined, after: Pod | undefined): void {
    const { simulation } = this.#settings;
    const laidDown = laidDownTime(before, after, simulation.now);
    const usual = Math.max(this.#toldUntil, simulation.now + delayOf(simulation, 'controller', 'endpoint-slices'));
    if (laidDown === undefined) this.#toldUntil = usual;
    simulation.at(Math.max(simulation.now, laidDown ?? usual), () => {
      if (after !== undefined) this.#heard.set(after.name, after);
      else if (before !== undefined) this.#heard.delete(before.name);
      this.#write();
    });
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

  #tell({ name: service, endpoints: before }: ProxiedService, after: readonly EndpointDescription[]): void {
    const { simulation, lived, services, whenEmpty } = this.#settings;
    const terminating = after.filter((endpoint) => endpoint.terminating).map(({ address }) => address);
    const addresses = readyAddresses(after);
    simulation.recorder.write(endpointsChanged, service, noTrace, 'pods', {
      addresses: addresses.join(' '),
      terminating: terminating.join(' '),
    });
    const old = readyAddresses(before);
    const came = addresses.filter((address) => !old.includes(address)).map((address) => this.#nameOf(address));
    const left = old.filter((address) => !addresses.includes(address)).map((address) => this.#nameOf(address));
    const words = [
      ...(came.length > 0 ? [`${came.join(' and ')} ready, in the end points`] : []),
      ...(left.length > 0 ? [`${left.join(' and ')} out of the end points`] : []),
    ];
    // Of several Services before the same pods it is told once.
    const label = service === services[0] ? words.join('; ') : '';
    lived.event({ at: simulation.now, label, kind: 'set-endpoints', service, endpoints: after, whenEmpty });
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

function endpointOf(pod: Pod, release: ControlPlaneRelease): EndpointDescription[] {
  const { address, node, ready } = pod;
  const terminating = pod.deletedAt !== undefined;
  if (address === '' || (terminating && !release.keepsTerminating)) return [];
  return [{ address, node, ready: ready && !terminating, serving: ready, terminating }];
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
