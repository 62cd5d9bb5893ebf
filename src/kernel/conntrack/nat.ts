import type { RandomStream } from '../../engine/random.ts';
import { isBetween, pickAddress } from '../../network/address.ts';
import { type Address, copyOf, type Packet } from '../../network/packet.ts';
import type { SocketBuffer } from '../ip/socket-buffer.ts';
import { type Connection, inverse, type TrackedProtocol, type Tuple } from './connection.ts';
import { chooseAddress } from './nat-address.ts';
import type { Tracker } from './tracker.ts';

/** Which side of a packet is rewritten. */
export type Side = 'source' | 'destination';

interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** What a rule asks for; without a rule the address stays and the port may have to move. */
export interface NatWish {
  readonly from?: Address | undefined;
  readonly to?: Address | undefined;
  readonly ports?: PortRange | undefined;
  readonly random: boolean;
  readonly randomFully: boolean;
  /** Of several addresses a client gets the same for all destinations. */
  readonly persistent?: boolean;
}

/** NF_NAT_MAX_ATTEMPTS, halved from round to round. */
const firstAttempts = 128;
const fewestAttempts = 16;
/** Identifiers of ICMP echoes are all of one class. */
const anyEcho = { from: 0, to: 65_535 } as const;

/** Chooses translations for new flows, so that no two entries have one reply tuple, and applies those chosen. */
export class Nat {
  readonly #tracker: Tracker;
  readonly #draws: RandomStream;
  /** Where the last search ended, by protocol. */
  readonly #rovers = new Map<TrackedProtocol, number>();

  constructor(tracker: Tracker, draws: RandomStream) {
    this.#tracker = tracker;
    this.#draws = draws;
  }

  decided(connection: Connection, side: Side): boolean {
    return side === 'source' ? connection.sourceDecided : connection.destinationDecided;
  }

  /** Takes the decision for a side: `wish` as a rule has it, or none. */
  decide(connection: Connection, side: Side, wish: NatWish | undefined): void {
    const current = inverse(connection.reply);
    const chosen = this.#choose(connection, current, side, wish);
    const changed =
      chosen.source !== current.source ||
      chosen.sourcePort !== current.sourcePort ||
      chosen.destination !== current.destination ||
      chosen.destinationPort !== current.destinationPort;
    connection.reply = inverse(chosen);
    if (side === 'source') {
      connection.sourceDecided = true;
      connection.sourceChanged ||= changed;
    } else {
      connection.destinationDecided = true;
      connection.destinationChanged ||= changed;
    }
  }

  /** Rewrites a side of the packet as its flow has it. */
  translate(buffer: SocketBuffer, side: Side): void {
    const { connection, packet } = buffer;
    if (connection === undefined) return;
    const changed = (side === 'source') !== buffer.reply ? connection.sourceChanged : connection.destinationChanged;
    if (!changed) return;
    const other = buffer.reply ? connection.original : connection.reply;
    const wanted = inverse(other);
    const isError = packet.protocol === 'icmp' && packet.about !== undefined;
    buffer.packet = isError ? translateError(packet, side, wanted, other) : rewrite(packet, side, wanted);
  }

  #choose(connection: Connection, current: Tuple, side: Side, wish: NatWish | undefined): Tuple {
    const { original } = connection;
    if (side === 'source' && wish?.randomFully !== true) {
      if (fits(current, side, wish)) {
        if (!this.#used(current, original)) return current;
      } else {
        const known = this.#knownMapping(original, current, wish);
        if (known !== undefined) return known;
      }
    }
    const moved = withAddress(current, side, this.#address(current, side, wish));
    if (wish?.randomFully !== true) {
      const stays = fitsPorts(moved, side, wish);
      const fixed = wish?.ports !== undefined && wish.ports.from === wish.ports.to;
      if (stays && ((fixed && wish.random !== true) || !this.#used(moved, original))) return moved;
    }
    return this.#findPort(moved, original, side, wish);
  }

  /** The mapping that this source address and port already has towards somewhere else. */
  #knownMapping(original: Tuple, current: Tuple, wish: NatWish | undefined): Tuple | undefined {
    for (const slot of this.#tracker.table.withSource(original)) {
      const { reply } = this.#tracker.table.load(slot);
      const tuple = { ...current, source: reply.destination, sourcePort: reply.destinationPort };
      if (fits(tuple, 'source', wish) && !this.#used(tuple, original)) return tuple;
    }
    return undefined;
  }

  #address(current: Tuple, side: Side, wish: NatWish | undefined): Address {
    const { from, to } = wish ?? {};
    if (from === undefined || to === undefined) return side === 'source' ? current.source : current.destination;
    return pickAddress(from, to, chooseAddress(current, wish?.persistent === true));
  }

  /** A free port of the right class; the last one tried when none is free, which clashes later. */
  #findPort(tuple: Tuple, original: Tuple, side: Side, wish: NatWish | undefined): Tuple {
    if (side === 'destination' && wish?.ports === undefined) return tuple;
    const range = wish?.ports ?? (tuple.protocol === 'icmp' ? anyEcho : portClass(tuple.sourcePort));
    const isFree = (port: number) => !this.#used(withPort(tuple, side, port), original);
    if (this.#tracker.rules.portSearch === 'random') return withPort(tuple, side, this.#searchAtRandom(range, isFree));
    const random = wish?.random === true || wish?.randomFully === true;
    return withPort(tuple, side, this.#searchOn(tuple.protocol, range, random, isFree));
  }

  /** nf_nat_l4proto_unique_tuple since 5.0. */
  #searchAtRandom({ from, to }: PortRange, isFree: (port: number) => boolean): number {
    const count = to - from + 1;
    let port = from;
    for (let attempts = Math.min(count, firstAttempts); ; attempts = attempts >> 1) {
      const start = this.#draws.integer(count);
      for (let i = 0; i < attempts; i++) {
        port = from + ((start + i) % count);
        if (isFree(port)) return port;
      }
      if (attempts >= count || attempts < fewestAttempts) return port;
    }
  }

  /** The same before: one place for all flows of a protocol, from which the search goes on. */
  #searchOn(
    protocol: TrackedProtocol,
    { from, to }: PortRange,
    random: boolean,
    isFree: (port: number) => boolean,
  ): number {
    const count = to - from + 1;
    const start = random ? this.#draws.integer(count) : (this.#rovers.get(protocol) ?? 0);
    let tried = 0;
    const port = () => from + ((start + tried) % count);
    while (tried < count - 1 && !isFree(port())) tried++;
    if (!random) this.#rovers.set(protocol, start + tried);
    return port();
  }

  #used(tuple: Tuple, original: Tuple): boolean {
    return this.#tracker.taken(inverse(tuple), original);
  }
}

/** A replacement stays in the class of the port it replaces. */
function portClass(port: number): PortRange {
  if (port < 512) return { from: 1, to: 511 };
  return port < 1024 ? { from: 600, to: 1023 } : { from: 1024, to: 65_535 };
}

function fits(tuple: Tuple, side: Side, wish: NatWish | undefined): boolean {
  const address = side === 'source' ? tuple.source : tuple.destination;
  const { from, to } = wish ?? {};
  return (from === undefined || to === undefined || isBetween(address, from, to)) && fitsPorts(tuple, side, wish);
}

function fitsPorts(tuple: Tuple, side: Side, wish: NatWish | undefined): boolean {
  const port = side === 'source' ? tuple.sourcePort : tuple.destinationPort;
  return wish?.ports === undefined || (port >= wish.ports.from && port <= wish.ports.to);
}

function withAddress(tuple: Tuple, side: Side, address: Address): Tuple {
  return side === 'source' ? { ...tuple, source: address } : { ...tuple, destination: address };
}

function withPort(tuple: Tuple, side: Side, port: number): Tuple {
  return side === 'source' ? { ...tuple, sourcePort: port } : { ...tuple, destinationPort: port };
}

function rewrite(packet: Packet, side: Side, tuple: Tuple): Packet {
  const rewritten = copyOf(packet);
  if (side === 'source') {
    rewritten.source = tuple.source;
    if (rewritten.protocol !== 'icmp') rewritten.sourcePort = tuple.sourcePort;
  } else {
    rewritten.destination = tuple.destination;
    if (rewritten.protocol !== 'icmp') rewritten.destinationPort = tuple.destinationPort;
  }
  if (rewritten.protocol === 'icmp') rewritten.id = tuple.sourcePort;
  return rewritten;
}

/** An ICMP error: itself as a packet of its direction, and what it quotes as one of the other. */
function translateError(packet: Packet & { protocol: 'icmp' }, side: Side, wanted: Tuple, quoted: Tuple): Packet {
  const about = packet.about && rewrite(packet.about, side === 'source' ? 'destination' : 'source', quoted);
  return side === 'source'
    ? { ...packet, source: wanted.source, about }
    : { ...packet, destination: wanted.destination, about };
}
