import type { ClusterView, EndpointView, ServiceView } from '../../cluster-view.ts';
import { type History, inRelease } from '../../history.ts';
import type { Release } from '../../releases.ts';
import type { Options } from './options.ts';
import type { Asked } from './request.ts';

/** One thing that a name stands for: an address or a host name, with the port that SRV tells. */
export interface Found {
  readonly host: string;
  /** Undefined: the Service has no ports. */
  readonly port: number | undefined;
  /** Its own name below the zone, for SRV: `service.namespace.svc` or `endpoint.service.namespace.svc`. */
  readonly key: string;
}

/** Nothing of that name: NXDOMAIN. An empty list of findings is NODATA. */
export type Findings = readonly Found[] | 'no-name';

/** `*` and `any` stand for every label. */
export const wildcards: History<boolean> = [
  ['1.6.7', true],
  ['1.9.0', false],
];
/** EndpointSlices were read without a look at their readiness. */
export const includesUnready: History<boolean> = [
  ['1.6.7', false],
  ['1.8.1', true],
  ['1.8.4', false],
];
const noPorts = [{ name: '', protocol: 'TCP', port: undefined }] as const;

/** Finds what names stand for among Services, endpoints and pods (`plugin/kubernetes` kubernetes.go). */
export class ClusterRecords {
  readonly #view: ClusterView;
  readonly #options: Options;
  readonly #release: Release;

  constructor(view: ClusterView, options: Options, release: Release) {
    this.#view = view;
    this.#options = options;
    this.#release = release;
  }

  find(asked: Asked): Findings {
    if (asked.kind === '') return [];
    if (!this.#isWildcard(asked.namespace) && !this.#exposed(asked.namespace)) return 'no-name';
    return asked.kind === 'pod' ? this.#pods(asked) : this.#services(asked);
  }

  /** Names below the zone that an address has: the Service's, or those of its endpoints. */
  namesOf(address: string): readonly string[] {
    const exposed = ({ namespace }: { readonly namespace: string }) => this.#exposed(namespace);
    const service = this.#view.services().find((one) => exposed(one) && one.clusterIPs.includes(address));
    if (service !== undefined) return [`${service.name}.${service.namespace}.svc`];
    const endpoints = this.#ready().filter((one) => exposed(one) && one.address === address);
    return endpoints.map((one) => `${this.#label(one)}.${one.service}.${one.namespace}.svc`);
  }

  #pods({ namespace, service: label }: Asked): Findings {
    const { podMode } = this.#options;
    if (podMode === 'disabled') return 'no-name';
    if (label === '') return [];
    const host = /^\d+-\d+-\d+-\d+$/.test(label) ? label.replaceAll('-', '.') : label.replaceAll('-', ':');
    const found = [{ host, port: undefined, key: '' }];
    if (podMode === 'insecure') return isAddress(host) ? found : 'no-name';
    const exists = this.#view.podsAt(host).some((pod) => this.#matches(namespace, pod.namespace));
    return exists ? found : 'no-name';
  }

  #services(asked: Asked): Findings {
    if (asked.service === '') return [];
    const found: Found[] = [];
    let named = false;
    for (const service of this.#view.services()) {
      if (!this.#matches(asked.namespace, service.namespace) || !this.#matches(asked.service, service.name)) continue;
      if (!this.#exposed(service.namespace)) continue;
      const own = this.#ofService(service, asked);
      if (own === 'no-name') continue;
      named = true;
      found.push(...own);
    }
    return named ? found : 'no-name';
  }

  #ofService(service: ServiceView, asked: Asked): Findings {
    const key = `${service.name}.${service.namespace}.svc`;
    if (service.externalName !== undefined) {
      const plain = asked.endpoint === '' && asked.port === '' && asked.protocol === '';
      return plain ? [{ host: service.externalName, port: undefined, key }] : 'no-name';
    }
    const headless = service.clusterIPs.length === 0;
    const mine = ({ service: name, namespace }: EndpointView) =>
      name === service.name && namespace === service.namespace;
    if (headless || asked.endpoint !== '') {
      const endpoints = this.#ready().filter((one) => mine(one));
      const wanted = endpoints.filter(
        (one) => asked.endpoint === '' || this.#matches(asked.endpoint, this.#label(one)),
      );
      const found = wanted.flatMap((one) => this.#ports(one.ports, asked, [one.address], `${this.#label(one)}.${key}`));
      return found.length === 0 ? 'no-name' : found;
    }
    if (this.#options.ignoreEmptyService && !this.#ready().some(mine)) return 'no-name';
    const found = this.#ports(service.ports, asked, service.clusterIPs, key);
    return found.length === 0 ? 'no-name' : found;
  }

  #ports(ports: ServiceView['ports'], asked: Asked, hosts: readonly string[], key: string): Found[] {
    const all = ports.length === 0 ? noPorts : ports;
    const matching = all.filter(
      ({ name, protocol }) => this.#matches(asked.port, name) && this.#matches(asked.protocol, protocol.toLowerCase()),
    );
    return matching.flatMap(({ port }) => hosts.map((host) => ({ host, port, key })));
  }

  #ready(): readonly EndpointView[] {
    if (!this.#options.endpoints) return [];
    if (inRelease(includesUnready, this.#release.name)) return this.#view.endpoints();
    const unready = new Set(
      this.#view
        .services()
        .filter((one) => one.publishNotReadyAddresses)
        .map((one) => `${one.namespace}/${one.name}`),
    );
    return this.#view.endpoints().filter((one) => one.ready || unready.has(`${one.namespace}/${one.service}`));
  }

  /** An endpoint's label: its hostname, its pod's name where asked for, or its address with dashes. */
  #label({ hostname, pod, address }: EndpointView): string {
    if (hostname !== undefined && hostname !== '') return hostname;
    if (this.#options.endpointPodNames && pod !== undefined && pod.length < 64) return pod;
    return address.replace(/[.:]/g, '-');
  }

  #exposed(namespace: string): boolean {
    const { namespaces } = this.#options;
    return (namespaces.length === 0 || namespaces.includes(namespace)) && this.#view.namespaces().includes(namespace);
  }

  #isWildcard(label: string): boolean {
    return inRelease(wildcards, this.#release.name) && (label === '*' || label === 'any');
  }

  /** Empty: not asked for, anything will do. */
  #matches(asked: string, label: string): boolean {
    return asked === '' || asked === label.toLowerCase() || this.#isWildcard(asked);
  }
}

function isAddress(text: string): boolean {
  return /^(\d{1,3}\.){3}\d{1,3}$/.test(text)
    ? text.split('.').every((part) => Number(part) <= 255)
    : /^[0-9a-f:]+:[0-9a-f:]*$/.test(text);
}
