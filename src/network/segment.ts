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
  readonly device: string;
  /** Does it answer "who has this address?" */
  answersFor(address: Address): boolean;
  /** `fragment`: the part of the packet that this is, when it is not all of it. */
  arrive(packet: Packet, fragment?: Fragment): void;
}

/** A packet, or a fragment of it, on its way to a station. */
class Flight implements Resumable {
  readonly #segment: Segment;
  readonly #to: Station;
  readonly #packet: Packet;
  readonly #fragment: Fragment | undefined;

  constructor(segment: Segment, to: Station, packet: Packet, fragment: Fragment | undefined) {
    this.#segment = segment;
    this.#to = to;
    this.#packet = packet;
    this.#fragment = fragment;
  }

  resume(): void {
    if (this.#segment.has(this.#to)) this.#to.arrive(this.#packet, this.#fragment);
  }
}

/** A wire or a switch that carries packets between the stations on it. */
export class Segment {
  readonly name: string;
  readonly #simulation: Simulation;
  readonly #backlog: Backlog;
  readonly #quality: LinkQuality;
  readonly #pairs = new Map<string, LinkQuality>();
  readonly #lanes = new Map<Station, Map<Station, Lane>>();
  /** In the order in which they were plugged in. */
  readonly #stations = new Set<Station>();

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

  attach(station: Station): void {
    this.#stations.add(station);
  }

  detach(station: Station): void {
    this.#stations.delete(station);
  }

  /** Is the station still plugged in? */
  has(station: Station): boolean {
    return this.#stations.has(station);
  }

  /** Who else on this segment answers for an address. */
  find(address: Address, asking: Station): Station | undefined {
    for (const station of this.#stations) if (station !== asking && station.answersFor(address)) return station;
    return undefined;
  }

  /** What the link from one host to another is like from now on. */
  setQuality(from: string, to: string, quality: LinkQuality): void {
    this.#pairs.set(`${from} ${to}`, quality);
    for (const [sender, lanes] of this.#lanes)
      for (const [receiver, lane] of lanes) if (sender.host === from && receiver.host === to) lane.quality = quality;
  }

  /** Takes a packet, or a fragment of it, from one station to another. */
  carry(from: Station, to: Station, packet: Packet, fragment?: Fragment): void {
    const octets = fragment === undefined ? ipLength(packet) : fragmentLength(packet, fragment);
    const arrival = this.#lane(from, to).carry(octets, this.#simulation.now);
    if (typeof arrival === 'string') {
      this.#lose(from, packet, arrival);
      return;
    }
    const flight = new Flight(this, to, packet, fragment);
    if (arrival === this.#simulation.now) this.#backlog.put(flight);
    else this.#simulation.resumeAt(arrival, flight);
  }

  #lane(from: Station, to: Station): Lane {
    let lanes = this.#lanes.get(from);
    if (lanes === undefined) {
      lanes = new Map();
      this.#lanes.set(from, lanes);
    }
    let lane = lanes.get(to);
    if (lane === undefined) {
      const quality = this.#pairs.get(`${from.host} ${to.host}`) ?? this.#quality;
      lane = new Lane(quality, this.#simulation.stream(`segment/${this.name}/${from.host}/${to.host}`));
      lanes.set(to, lane);
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
