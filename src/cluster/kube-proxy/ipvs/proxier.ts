import { noTrace } from '../../../engine/recorder.ts';
import { second } from '../../../engine/time.ts';
import { sameEndpoint, type VirtualServer } from '../../../kernel/ipvs/virtual-server.ts';
import { type AddressFamily, addressBits, familyOf, formatEndpoint, parseAddress } from '../../../network/address.ts';
import type { Address, Endpoint } from '../../../network/packet.ts';
import { proxyCommit } from '../../records.ts';
import type { IpvsOptions, ServiceDescription } from '../../world.ts';
import { chooseEndpoints, internalPolicy, isProxied } from '../endpoint-choice.ts';
import { familyOfCidr } from '../families.ts';
import type { ProxiedService, Proxier, ProxierSite, Services, SyncRequest, SyncStep } from '../proxier.ts';
import { GracefulTermination, longestPhase } from './graceful-termination.ts';
import { ipvsProxierRelease, turnsReuseOff } from './releases.ts';
import { ipvsFilterJumps, ipvsJumps, ipvsTables, type SetName, setName, sets } from './rules.ts';

const defaultOptions: IpvsOptions = { scheduler: 'rr', timeouts: { tcp: 0, tcpFin: 0, udp: 0 } };

/** Holds every Service's address, and is down. */
const dummy = 'kube-ipvs0';

const setNames: readonly SetName[] = ['CLUSTER-IP', 'LOOP-BACK', 'IPVS-IPS'];

type Port = ServiceDescription['ports'][number];

/**
 * The mode ipvs: a virtual server for each port of a Service, whose address the node owns; its end points are the real
 * servers. A Service without end points is a virtual server without real ones: never is there no rule for it.
 */
export class IpvsProxier implements Proxier {
  readonly #site: ProxierSite;
  readonly #options: IpvsOptions;
  readonly #graceful: GracefulTermination;
  readonly #rejectsOtherPorts: boolean;
  readonly #expiresOrphans: boolean;
  readonly #family: AddressFamily;

  constructor(site: ProxierSite, options = defaultOptions) {
    const { deletesUdpAtOnce, rejectsOtherPorts, expiresOrphans } = ipvsProxierRelease(site.release);
    this.#site = site;
    this.#family = familyOfCidr(site.podCidr);
    this.#options = options;
    this.#rejectsOtherPorts = rejectsOtherPorts;
    this.#expiresOrphans = expiresOrphans;
    this.#graceful = new GracefulTermination(site.simulation, site.host.ipvsAdministration, deletesUdpAtOnce);
  }

  start(): void {
    const { host, simulation } = this.#site;
    const { sysctls, stack, ipvsAdministration, sets: ipsets } = host;
    sysctls.set('net.ipv4.vs.conntrack', 1);
    sysctls.set('net.ipv4.ip_forward', 1);
    if (this.#expiresOrphans) {
      sysctls.set('net.ipv4.vs.expire_nodest_conn', 1);
      sysctls.set('net.ipv4.vs.expire_quiescent_template', 1);
    }
    if (turnsReuseOff(host.kernel)) sysctls.set('net.ipv4.vs.conn_reuse_mode', 0);
    ipvsAdministration.setTimeouts(this.#options.timeouts);
    if (!stack.devices.has(dummy)) stack.setUp(stack.addDevice(dummy, undefined), false);
    for (const name of setNames) ipsets.create(setName(name, this.#family), sets[name], this.#family);
    const isLinked = host.netfilter.print('nat', this.#family).some((line) => line.includes('-j KUBE-SERVICES'));
    if (!isLinked) {
      host.restore({ file: 'kube-proxy', text: ipvsJumps }, this.#family);
      if (this.#rejectsOtherPorts) host.restore({ file: 'kube-proxy', text: ipvsFilterJumps }, this.#family);
    }
    this.#graceful.start(simulation.stream(`kube-proxy/${host.host}/graceful`).integer(longestPhase));
  }

  stop(): void {
    this.#graceful.stop();
  }

  sync({ services }: SyncRequest): readonly SyncStep[] {
    return [{ after: 0, take: () => this.#sync(services) }];
  }

  #sync(services: Services): void {
    const { host, simulation, podCidr } = this.#site;
    const proxied = services.filter((service) => {
      return isProxied(service) && (service.whenEmpty === 'reject' || this.#endpoints(service).length > 0);
    });
    const wanted = proxied.flatMap((service) => service.ports.map((port) => this.#syncPort(service, port)));
    this.#bind(proxied);
    for (const { protocol, endpoint } of host.ipvs.servers.sorted())
      if (
        this.#isOurs(endpoint.address) &&
        !wanted.some((w) => w.protocol === protocol && sameEndpoint(w.endpoint, endpoint))
      )
        host.ipvsAdministration.deleteService(protocol, endpoint);
    this.#fillSets(proxied);
    const text = ipvsTables(podCidr, this.#family, this.#rejectsOtherPorts);
    host.restore({ file: 'kube-proxy', text }, this.#family);
    const served = proxied.filter((service) => this.#endpoints(service).length > 0);
    const addresses = served.map(({ address }) => address).join(' ');
    simulation.recorder.write(proxyCommit, host.host, noTrace, 'ipvs', { services: addresses });
  }

  /** Makes the virtual server of a port where it is not there, and gives it its real ones, in the order of their text. */
  #syncPort(service: ProxiedService, { protocol, port, targetPort }: Port): VirtualServer {
    const { ipvsAdministration: administration } = this.#site.host;
    const endpoint = { address: addressOf(service.address), port };
    const { sessionAffinity } = service;
    const wish = {
      scheduler: this.#options.scheduler,
      ...(sessionAffinity === undefined ? {} : { persistence: sessionAffinity * second }),
    };
    administration.addService(protocol, endpoint, wish);
    administration.editService(protocol, endpoint, wish);
    const server = administration.find(protocol, endpoint);
    if (server === undefined) throw new Error(`no virtual server ${formatEndpoint(endpoint)}`);
    const wanted = this.#endpoints(service)
      .map((text): Endpoint => ({ address: addressOf(text), port: targetPort }))
      .sort((a, b) => (formatEndpoint(a) < formatEndpoint(b) ? -1 : 1));
    const current = server.servers;
    for (const real of wanted) {
      if (this.#graceful.isLeaving(server, real)) this.#graceful.takeBack(server, real);
      administration.addServer(server, real, 1);
    }
    for (const real of current)
      if (!wanted.some((w) => sameEndpoint(w, real.endpoint)) && !this.#graceful.isLeaving(server, real.endpoint))
        this.#graceful.remove(server, real);
    return server;
  }

  /** The addresses that traffic for a ClusterIP goes to. */
  #endpoints(service: ServiceDescription): string[] {
    const { host, release } = this.#site;
    const { cluster, local } = chooseEndpoints(service, host.host, release);
    return (internalPolicy(service, release) === 'Local' ? local : cluster).map(({ address }) => address);
  }

  /** The addresses of the dummy device. */
  #bind(services: Services): void {
    const { stack } = this.#site.host;
    const device = stack.devices.get(dummy);
    if (device === undefined) return;
    const wanted = new Set(services.map(({ address }) => addressOf(address)));
    for (const prefix of device.addresses)
      if (this.#isOurs(prefix.address) && !wanted.has(prefix.address)) stack.removeAddress(device, prefix);
    const bound = new Set(device.addresses.map(({ address }) => address));
    for (const address of wanted)
      if (!bound.has(address)) stack.addAddress(device, { address, length: addressBits(address) });
  }

  #isOurs(address: Address): boolean {
    return familyOf(address) === this.#family;
  }

  #fillSets(services: Services): void {
    const { host } = this.#site;
    const fill = (name: SetName, members: readonly string[]) => host.sets.fill(setName(name, this.#family), members);
    const ports = services.flatMap((service) => service.ports.map((port) => ({ service, port })));
    fill(
      'CLUSTER-IP',
      ports.map(({ service, port }) => `${service.address},${port.protocol}:${port.port}`),
    );
    const local = ports.flatMap(({ service, port }) =>
      service.endpoints
        .filter(({ node }) => node === host.host)
        .map(({ address }) => `${address},${port.protocol}:${port.targetPort},${address}`),
    );
    fill('LOOP-BACK', local);
    fill(
      'IPVS-IPS',
      services.map(({ address }) => address),
    );
  }
}

function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`not an address: ${text}`);
  return address;
}
