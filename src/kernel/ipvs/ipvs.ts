import type { Simulation } from '../../engine/simulation.ts';
import { type Micros, second } from '../../engine/time.ts';
import { formatAddress } from '../../network/address.ts';
import { type Address, copyOf, type Endpoint, type Packet, type Transport } from '../../network/packet.ts';
import type { Tracker } from '../conntrack/tracker.ts';
import { accepted, type Hook, type Verdict } from '../ip/hook.ts';
import type { SocketBuffer } from '../ip/socket-buffer.ts';
import { timerExpiry } from '../jiffies.ts';
import { ipvsConnection, ipvsPacket } from '../records.ts';
import type { KernelRules } from '../releases.ts';
import type { Sysctls } from '../sysctls.ts';
import type { IpvsConnection } from './connection.ts';
import { IpvsConnections } from './connections.ts';
import { connectionsText, servicesText } from './print.ts';
import { nextTcpState, type TcpState, tcpTimeouts } from './tcp-states.ts';
import { type RealServer, type VirtualServer, VirtualServers } from './virtual-server.ts';

/** A template in use is looked at again after this (ip_vs_conn_expire). */
const templateRecheck = 60 * second;

type Direction = 'in' | 'out';

export interface IpvsSettings {
  readonly simulation: Simulation;
  readonly host: string;
  readonly sysctls: Sysctls;
  readonly rules: KernelRules;
  readonly tracker: Tracker;
  readonly isLocal: (address: Address) => boolean;
}

/** Why a connection ends. */
type End = 'expired' | 'server-gone' | 'reused';

/** IP Virtual Server of one host: points packets for virtual servers at real ones (net/netfilter/ipvs/ip_vs_core.c), forwarding by masquerade. */
export class Ipvs {
  readonly servers = new VirtualServers();
  readonly connections = new IpvsConnections();
  /** Of TCP by state, and of UDP; what `ipvsadm --set` changes. */
  readonly timeouts: { UDP: Micros } & { [state in TcpState]: Micros } = { ...tcpTimeouts, UDP: 300 * second };
  readonly #settings: IpvsSettings;

  constructor(settings: IpvsSettings) {
    this.#settings = settings;
  }

  /** Answers first (ip_vs_out), then requests (ip_vs_in), behind the filter table in INPUT and FORWARD and behind nat in OUTPUT. */
  handle(hook: Hook, buffer: SocketBuffer): Verdict {
    if (buffer.byIpvs) return accepted;
    if (buffer.packet.protocol === 'icmp') return this.#icmp(hook, buffer);
    if (this.#answer(buffer, buffer.packet) || hook === 'FORWARD') return accepted;
    return this.#request(buffer, buffer.packet);
  }

  /** Every connection as `ipvsadm -Lnc` prints it. */
  printConnections(): string[] {
    return connectionsText(this.connections, this.#settings.simulation.now);
  }

  /** Every server as `ipvsadm -Ln` prints it. */
  printServers(): string[] {
    return servicesText(this.servers.sorted());
  }

  /** Ends the connections to servers that are there no more. */
  flushUnavailable(): void {
    for (const connection of [...this.connections])
      if (!connection.server.isAvailable) this.#end(connection, 'server-gone');
  }

  #answer(buffer: SocketBuffer, packet: Transport): boolean {
    const connection = this.connections.findReply(packet.protocol, sourceOf(packet), destinationOf(packet));
    if (connection === undefined) return false;
    const { address, port } = connection.virtual;
    const answer = copyOf(packet);
    [answer.source, answer.sourcePort] = [address, port];
    buffer.packet = answer;
    this.#follow(connection, 'out', packet);
    this.#handled(buffer, connection);
    return true;
  }

  #request(buffer: SocketBuffer, packet: Transport): Verdict {
    let connection = this.connections.find(packet.protocol, sourceOf(packet), destinationOf(packet));
    const ends = connection && this.#endsWith(connection, packet);
    if (connection !== undefined && ends !== undefined) {
      const isDropped = this.#isDropped(connection, ends, buffer);
      if (ends === 'reused' || this.#settings.sysctls.get('net.ipv4.vs.expire_nodest_conn') !== 0)
        this.#end(connection, ends);
      if (isDropped) return { verdict: 'drop', cause: `ipvs-${ends}`, rule: '' };
      connection = undefined;
    }
    if (connection === undefined) {
      const service = this.servers.find(packet.protocol, packet.destination, packet.destinationPort);
      // Without SYN a stranger's packet of TCP is left to the host itself, which resets it.
      if (service === undefined || (packet.protocol === 'tcp' && !packet.syn)) return accepted;
      connection = this.#schedule(service, packet);
      if (connection === undefined)
        return { verdict: 'drop', cause: 'ipvs-no-real-server', rule: '', reject: 'port-unreachable' };
    }
    return this.#forward(buffer, packet, connection);
  }

  #forward(buffer: SocketBuffer, packet: Transport, connection: IpvsConnection): Verdict {
    this.#follow(connection, 'in', packet);
    const { address, port } = connection.server.endpoint;
    const request = copyOf(packet);
    [request.destination, request.destinationPort] = [address, port];
    buffer.packet = request;
    const flow = buffer.connection;
    // A flow that is new to conntrack too learns where its answers will come from (ip_vs_update_conntrack).
    if (connection.tracked && flow !== undefined && flow.slot < 0 && !buffer.reply)
      flow.reply = { ...flow.reply, source: address, sourcePort: port };
    this.#handled(buffer, connection);
    return this.#onwards(buffer, address);
  }

  /** A real server on this host gets the packet as it stands; to another it leaves as from here. */
  #onwards(buffer: SocketBuffer, server: Address): Verdict {
    return buffer.input === undefined || this.#settings.isLocal(server) ? accepted : { verdict: 'redirect' };
  }

  #handled(buffer: SocketBuffer, { tracked }: IpvsConnection): void {
    buffer.byIpvs = true;
    if (tracked) return;
    buffer.ctState = 'untracked';
    buffer.connection = undefined;
  }

  /** Errors about forwarded packets are told under the virtual server's address, those of clients to the real server. */
  #icmp(hook: Hook, buffer: SocketBuffer): Verdict {
    const { packet } = buffer;
    const about = packet.protocol === 'icmp' ? packet.about : undefined;
    if (packet.protocol !== 'icmp' || about === undefined || about.protocol === 'icmp') return accepted;
    const [source, destination] = [sourceOf(about), destinationOf(about)];
    const asked = this.connections.findReply(about.protocol, destination, source);
    if (asked !== undefined) {
      const { address, port } = asked.virtual;
      const quoted = { ...about, destination: address, destinationPort: port };
      buffer.packet = { ...packet, source: address, about: quoted };
      this.#handled(buffer, asked);
      return accepted;
    }
    const answered = hook === 'FORWARD' ? undefined : this.connections.find(about.protocol, destination, source);
    if (answered === undefined) return accepted;
    const { address, port } = answered.server.endpoint;
    buffer.packet = { ...packet, destination: address, about: { ...about, source: address, sourcePort: port } };
    this.#handled(buffer, answered);
    return this.#onwards(buffer, address);
  }

  /** Is this the packet that ends a connection: it begins another in its place, or its server is gone? */
  #endsWith({ protocol, server, state, template }: IpvsConnection, packet: Transport): End | undefined {
    const { sysctls, rules } = this.#settings;
    const reuse = sysctls.get('net.ipv4.vs.conn_reuse_mode') !== 0;
    if (protocol === 'tcp' && packet.protocol === 'tcp' && packet.syn) {
      const leaves = sysctls.get('net.ipv4.vs.expire_nodest_conn') !== 0 && server.weight === 0;
      if (leaves && (reuse || rules.ipvsLeavesWeightZero)) return 'reused';
      if (reuse && template === undefined && (state === 'TIME_WAIT' || state === 'CLOSE')) return 'reused';
    }
    return server.isAvailable ? undefined : 'server-gone';
  }

  #isDropped({ tracked }: IpvsConnection, ends: End, { connection: flow }: SocketBuffer): boolean {
    const { sysctls, rules } = this.#settings;
    const isOld = tracked && flow !== undefined && flow.slot >= 0;
    if (ends === 'reused') return rules.ipvsReuse === 'old-entry' ? isOld : tracked && flow !== undefined;
    const expires = sysctls.get('net.ipv4.vs.expire_nodest_conn') !== 0;
    return !expires || rules.ipvsOrphans === 'next-packet' || isOld;
  }

  #schedule(service: VirtualServer, packet: Transport): IpvsConnection | undefined {
    const client = sourceOf(packet);
    if (service.persistence === undefined) {
      const server = service.schedule.choose(service.servers, packet);
      return server && this.#begin(service, client, server, undefined, packet);
    }
    const known = this.connections.findTemplate(service.protocol, client.address, service.endpoint);
    const template = known !== undefined && this.#holds(known) ? known : this.#template(service, packet);
    if (template === undefined) return undefined;
    template.controlled++;
    this.#renew(template);
    return this.#begin(service, client, template.server, template, packet);
  }

  /** May a template still be followed (ip_vs_check_template)? */
  #holds(template: IpvsConnection): boolean {
    const { isAvailable, weight } = template.server;
    const quiescent = this.#settings.sysctls.get('net.ipv4.vs.expire_quiescent_template') !== 0 && weight === 0;
    template.isInvalid = !isAvailable || quiescent;
    return !template.isInvalid;
  }

  #template(service: VirtualServer, packet: Transport): IpvsConnection | undefined {
    const server = service.schedule.choose(service.servers, packet);
    return server && this.#begin(service, { address: packet.source, port: 0 }, server, undefined, packet);
  }

  #begin(
    { protocol, endpoint, persistence = 0 }: VirtualServer,
    client: Endpoint,
    server: RealServer,
    template: IpvsConnection | undefined,
    { trace }: Packet,
  ): IpvsConnection {
    const isTemplate = client.port === 0;
    const connection: IpvsConnection = {
      protocol,
      client,
      virtual: endpoint,
      server,
      isTemplate,
      template,
      state: protocol === 'udp' ? 'UDP' : 'NONE',
      assured: false,
      isInvalid: false,
      controlled: 0,
      active: false,
      tracked: this.#settings.sysctls.get('net.ipv4.vs.conntrack') !== 0,
      timeout: isTemplate ? persistence : 3 * second,
      expires: 0,
      due: 0,
      looksAt: Number.POSITIVE_INFINITY,
      begun: this.#settings.simulation.now,
      packets: 0,
      isGone: false,
      trace,
    };
    if (!isTemplate) server.inactiveConnections++;
    this.connections.add(connection);
    this.#renew(connection);
    this.#write('begun', connection);
    return connection;
  }

  /** State and timer after a packet of either direction. */
  #follow(connection: IpvsConnection, direction: Direction, packet: Transport): void {
    const { simulation, host } = this.#settings;
    const left = Math.max(0, connection.expires - simulation.now) / second;
    if (packet.protocol === 'tcp' && connection.state !== 'UDP') {
      connection.state = nextTcpState(connection.state, direction, packet);
      this.#setActive(connection, connection.state === 'ESTABLISHED');
    }
    connection.timeout = this.timeouts[connection.state];
    const isAnswered = connection.state === 'UDP' ? direction === 'out' : connection.state === 'ESTABLISHED';
    if (isAnswered && connection.template !== undefined) connection.template.assured = true;
    this.#renew(connection);
    const isNew = connection.begun === simulation.now && connection.packets === 0;
    simulation.recorder.write(ipvsPacket, host, packet.trace, '', {
      ...fieldsOf(connection),
      age: (simulation.now - connection.begun) / second,
      left: isNew ? 0 : left,
      timeout: connection.timeout / second,
      isNew,
      reply: direction === 'out',
    });
    connection.packets++;
  }

  #setActive(connection: IpvsConnection, active: boolean): void {
    if (connection.active === active) return;
    connection.active = active;
    connection.server.activeConnections += active ? 1 : -1;
    connection.server.inactiveConnections -= active ? 1 : -1;
  }

  #renew(connection: IpvsConnection): void {
    const { simulation } = this.#settings;
    connection.expires = simulation.now + connection.timeout;
    connection.due = timerExpiry(simulation.now, connection.timeout);
    this.#lookAt(connection);
  }

  #lookAt(connection: IpvsConnection): void {
    if (connection.due >= connection.looksAt) return;
    connection.looksAt = connection.due;
    this.#settings.simulation.at(connection.due, () => {
      const { now } = this.#settings.simulation;
      if (connection.isGone || connection.looksAt !== now) return;
      connection.looksAt = Number.POSITIVE_INFINITY;
      if (connection.due > now) this.#lookAt(connection);
      else this.#end(connection, 'expired');
    });
  }

  #end(connection: IpvsConnection, cause: End): void {
    if (connection.controlled > 0) {
      connection.timeout = templateRecheck;
      this.#renew(connection);
      return;
    }
    connection.isGone = true;
    this.connections.remove(connection);
    const { server, template, tracked, protocol, client, virtual } = connection;
    if (!connection.isTemplate) {
      if (connection.active) server.activeConnections--;
      else server.inactiveConnections--;
    }
    if (template !== undefined) {
      template.controlled--;
      if (cause === 'server-gone' && template.controlled === 0 && !template.assured) this.#end(template, cause);
    }
    if (tracked && !connection.isTemplate) {
      const [source, sourcePort] = [client.address, client.port];
      const [destination, destinationPort] = [virtual.address, virtual.port];
      this.#settings.tracker.end({ protocol, source, sourcePort, destination, destinationPort }, 'ipvs');
    }
    this.#write(cause, connection);
  }

  #write(cause: End | 'begun', connection: IpvsConnection): void {
    const { simulation, host } = this.#settings;
    simulation.recorder.write(ipvsConnection, host, connection.trace, cause, fieldsOf(connection));
  }
}

function fieldsOf({ protocol, state, client, virtual, server }: IpvsConnection) {
  return {
    protocol,
    state,
    client: formatAddress(client.address),
    clientPort: client.port,
    virtual: formatAddress(virtual.address),
    virtualPort: virtual.port,
    server: formatAddress(server.endpoint.address),
    serverPort: server.endpoint.port,
    weight: server.weight,
    isAvailable: server.isAvailable,
  };
}

function sourceOf({ source, sourcePort }: Transport): Endpoint {
  return { address: source, port: sourcePort };
}

function destinationOf({ destination, destinationPort }: Transport): Endpoint {
  return { address: destination, port: destinationPort };
}
