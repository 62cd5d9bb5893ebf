import type { Resumable, Simulation } from '../engine/simulation.ts';
import { formatAddress } from './address.ts';
import type { Backlog } from './backlog.ts';
import type { LinkQuality, SegmentDescription } from './description.ts';
import { Lane, type LossCause } from './lane.ts';
import type { Address, Fragment, Packet } from './packet.ts';
import { packetLost } from './records.ts';
import { fragmentLength, ipLength } from './size.ts';

/** An interface of a host on a segment. */
export interface Station {
  readonly host: string;
  /** Of the interface. */
  readonly name: string;
  /** Without it the others have no carrier on a link of two. */
  isUp(): boolean;
  /** Does it answer "who has this address?" */
  answersFor(address: Address): boolean;
  /** `fragment`: the part of the packet that this is, when it is not all of it. */
  arrive(packet: Packet, fragment?: Fragment): void;
}

/** Where a station is plugged in, as long as it is. */
export class Port {
  readonly station: Station;
  /** Among all that were ever plugged in on the segment. */
  readonly number: number;
  plugged = true;
  /** To others, by their numbers. */
  readonly lanes: (Lane | undefined)[] = [];

  constructor(station: Station, number: number) {
    this.station = station;
    this.number = number;
  }
}

/** A packet, or a fragment of it, on its way to a station. */
class Flight implements Resumable {
  readonly #to: Port;
  readonly #packet: Packet;
  readonly #fragment: Fragment | undefined;

  constructor(to: Port, packet: Packet, fragment: Fragment | undefined) {
    this.#to = to;
    this.#packet = packet;
    this.#fragment = fragment;
  }

  resume(): void {
    if (this.#to.plugged) this.#to.station.arrive(this.#packet, this.#fragment);
  }
}

/** A wire or a switch that carries packets between the stations on it. */
export class Segment {
  readonly name: string;
  readonly #simulation: Simulation;
  readonly #backlog: Backlog;
  readonly #quality: LinkQuality;
  readonly #pairs = new Map<string, LinkQuality>();
  /** In the order in which they were plugged in. */
  readonly #ports = new Set<Port>();
  #lastNumber = 0;

  constructor(simulation: Simulation, backlog: Backlog, description: SegmentDescription) {
    this.name = description.name;
    this.#simulation = simulation;
    this.#backlog = backlog;
    this.#quality = description.quality;
    for (const { between, quality, oneWay } of description.pairs) {
      this.#pairs.set(between.join(' '), quality);
      if (oneWay !== true) this.#pairs.set(between.toReversed().join(' '), quality);
    }
  }

  attach(station: Station): Port {
    const port = new Port(station, this.#lastNumber++);
    this.#ports.add(port);
    return port;
  }

  detach(port: Port): void {
    port.plugged = false;
    this.#ports.delete(port);
  }

  /** Who else on this segment answers for an address. */
  find(address: Address, asking: Port): Port | undefined {
    for (const port of this.#ports) if (port !== asking && port.station.answersFor(address)) return port;
    return undefined;
  }

  /** What the link from one host to another is like from now on. */
  setQuality(from: string, to: string, quality: LinkQuality): void {
    this.#pairs.set(`${from} ${to}`, quality);
    for (const sender of this.#ports)
      for (const receiver of this.#ports) {
        const lane = sender.lanes[receiver.number];
        if (lane !== undefined && sender.station.host === from && receiver.station.host === to) lane.quality = quality;
      }
  }

  /** Takes a packet, or a fragment of it, from one station to another. */
  carry(from: Port, to: Port, packet: Packet, fragment?: Fragment): void {
    const octets = fragment === undefined ? ipLength(packet) : fragmentLength(packet, fragment);
    const arrival = this.#lane(from, to).carry(octets, this.#simulation.now);
    if (typeof arrival === 'string') {
      this.#lose(from.station, packet, arrival);
      return;
    }
    const flight = new Flight(to, packet, fragment);
    if (arrival === this.#simulation.now) this.#backlog.put(flight);
    else this.#simulation.resumeAt(arrival, flight);
  }

  #lane(from: Port, to: Port): Lane {
    let lane = from.lanes[to.number];
    if (lane === undefined) {
      const [sender, receiver] = [from.station.host, to.station.host];
      const quality = this.#pairs.get(`${sender} ${receiver}`) ?? this.#quality;
      lane = new Lane(quality, this.#simulation.stream(`segment/${this.name}/${sender}/${receiver}`));
      from.lanes[to.number] = lane;
    }
    return lane;
  }

  #lose(from: Station, packet: Packet, cause: LossCause): void {
    this.#simulation.recorder.write(packetLost, from.host, packet.trace, cause, {
      segment: this.name,
      protocol: packet.protocol,
      source: formatAddress(packet.source),
      sourcePort: packet.protocol === 'icmp' ? 0 : packet.sourcePort,
      destination: formatAddress(packet.destination),
      destinationPort: packet.protocol === 'icmp' ? 0 : packet.destinationPort,
    });
  }
}
