import { AddressNumbers } from '../../network/address-numbers.ts';
import type { Connection, Tuple } from './connection.ts';
import { TcpFlows } from './tcp-flow.ts';
import { type TcpState, tcpStates } from './tcp-states.ts';

const none = -1;

/** Columns of a node. */
const column = { source: 0, destination: 1, ports: 2, next: 3 } as const;
const width = 4;

/** Bits of the status column. */
const bits = {
  seenReply: 1,
  assured: 2,
  destinationChanged: 4,
  sourceChanged: 8,
  replyOnly: 16,
  tcp: 32,
  icmp: 64,
  ipv6: 128,
} as const;
/** What two tuples must share beside addresses and ports. */
const kindBits = bits.tcp | bits.icmp | bits.ipv6;

/** Where a lookup ended: the entry, and whether its reply tuple was met. */
export interface Found {
  readonly slot: number;
  readonly reply: boolean;
}

/**
 * All entries in typed columns, hashed by both of their tuples. A node is `2 * slot` for the original tuple
 * and one more for the reply's. Nothing here knows the time: who asks judges `expires`.
 */
export class ConntrackTable {
  #capacity = 0;
  #size = 0;
  #used = 0;
  readonly #free: number[] = [];
  /** A power of two of them; the upper bits of a hash say which. */
  #buckets = new Int32Array(16).fill(none);
  #shift = 28;
  readonly #salt: number;

  readonly #numbers = new AddressNumbers();
  /** By node: source, destination, both ports, and the next node of its bucket; side by side, as a lookup reads them all. */
  #nodes = new Int32Array(0);

  // By slot.
  #live = new Uint8Array(0);
  #status = new Uint8Array(0);
  #state = new Uint8Array(0);
  #device = new Int32Array(0);
  #created = new Float64Array(0);
  #expires = new Float64Array(0);
  #mark = new Uint32Array(0);
  #id = new Uint32Array(0);
  #trace = new Int32Array(0);
  readonly #tcpFlows = new TcpFlows();

  // Entries whose source was changed, hashed by their original source: what NAT asks before it picks a port.
  #sources = new Int32Array(8).fill(none);
  #nextOfSource = new Int32Array(0);

  /** `salt`: hashes differ by it, as they do from boot to boot. */
  constructor(salt = 0) {
    this.#salt = salt;
  }

  get size(): number {
    return this.#size;
  }

  /** Every slot in use, in order. */
  *slots(): Generator<number> {
    for (let slot = 0; slot < this.#used; slot++) if (this.#live[slot] === 1) yield slot;
  }

  expires(slot: number): number {
    return this.#expires[slot] ?? 0;
  }

  device(slot: number): number {
    return this.#device[slot] ?? 0;
  }

  state(slot: number): TcpState {
    return tcpStates[this.#state[slot] ?? 0] ?? 'NONE';
  }

  assured(slot: number): boolean {
    return ((this.#status[slot] ?? 0) & bits.assured) !== 0;
  }

  find(tuple: Tuple): Found | undefined {
    const ports = packPorts(tuple);
    const kind = kindOf(tuple);
    const source = this.#numbers.known(tuple.source);
    const destination = this.#numbers.known(tuple.destination);
    if (source === undefined || destination === undefined) return undefined;
    const nodes = this.#nodes;
    const bucket = this.#hash(source, destination, ports, kind) >>> this.#shift;
    for (let node = this.#buckets[bucket] ?? none; node >= 0; ) {
      const at = node * width;
      if (
        nodes[at + column.ports] === ports &&
        nodes[at + column.source] === source &&
        nodes[at + column.destination] === destination &&
        ((this.#status[node >> 1] ?? 0) & kindBits) === kind
      )
        return { slot: node >> 1, reply: (node & 1) === 1 };
      node = nodes[at + column.next] ?? none;
    }
    return undefined;
  }

  /** The most recent entry first: those whose original source is that of `tuple`. */
  withSource(tuple: Tuple): readonly number[] {
    const slots: number[] = [];
    const [source, port, kind] = [this.#numbers.known(tuple.source), tuple.sourcePort, kindOf(tuple)];
    if (source === undefined) return slots;
    for (let slot = this.#sources[this.#sourceBucket(source, port, kind)] ?? none; slot >= 0; ) {
      const itsKind = (this.#status[slot] ?? 0) & kindBits;
      const same = this.#node(2 * slot, column.source) === source && this.#portOf(slot) === port && itsKind === kind;
      if (same) slots.push(slot);
      slot = this.#nextOfSource[slot] ?? none;
    }
    return slots;
  }

  /** The bucket of a tuple, if there were `size` of them: the hash scaled to that (reciprocal_scale). */
  bucketOf(tuple: Tuple, size: number): number {
    const [source, destination] = [this.#numbers.of(tuple.source), this.#numbers.of(tuple.destination)];
    return scaled(this.#hash(source, destination, packPorts(tuple), kindOf(tuple)), size);
  }

  /** The entries in a bucket of such a table: an entry is where either of its tuples is. */
  inBucket(bucket: number, size: number): number[] {
    const slots: number[] = [];
    const end = firstHash(bucket + 1, size) - 1;
    for (let own = firstHash(bucket, size) >>> this.#shift; own <= end >>> this.#shift; own++) {
      for (let node = this.#buckets[own] ?? none; node >= 0; node = this.#node(node, column.next))
        if (scaled(this.#hashOf(node), size) === bucket) slots.push(node >> 1);
    }
    return slots;
  }

  /** In which of `parts` parts of the table an entry is. */
  part(slot: number, parts: number): number {
    return scaled(this.#hashOf(2 * slot), parts);
  }

  insert(connection: Connection): void {
    const slot = this.#free.pop() ?? this.#used++;
    if (slot >= this.#capacity) this.#grow();
    connection.slot = slot;
    this.#size++;
    this.#live[slot] = 1;
    this.#created[slot] = connection.created;
    this.#id[slot] = connection.id;
    this.#trace[slot] = connection.trace;
    this.#device[slot] = connection.masqueradeDevice;
    this.store(connection);
    this.#putNode(2 * slot, connection.original);
    this.#putNode(2 * slot + 1, connection.reply);
    if (!connection.replyOnly) this.#link(2 * slot);
    this.#link(2 * slot + 1);
    if (connection.sourceChanged) this.#linkSource(slot);
  }

  remove(slot: number): void {
    if ((this.#status[slot] ?? 0) & bits.sourceChanged) this.#unlinkSource(slot);
    if (((this.#status[slot] ?? 0) & bits.replyOnly) === 0) this.#unlink(2 * slot);
    this.#unlink(2 * slot + 1);
    this.#live[slot] = 0;
    this.#size--;
    this.#free.push(slot);
  }

  load(slot: number): Connection {
    const status = this.#status[slot] ?? 0;
    return {
      slot,
      original: this.#tuple(2 * slot),
      reply: this.#tuple(2 * slot + 1),
      destinationDecided: true,
      sourceDecided: true,
      destinationChanged: (status & bits.destinationChanged) !== 0,
      sourceChanged: (status & bits.sourceChanged) !== 0,
      masqueradeDevice: this.#device[slot] ?? 0,
      seenReply: (status & bits.seenReply) !== 0,
      assured: (status & bits.assured) !== 0,
      replyOnly: (status & bits.replyOnly) !== 0,
      state: this.state(slot),
      tcp: (status & bits.tcp) === 0 ? undefined : this.#tcpFlows.load(slot),
      created: this.#created[slot] ?? 0,
      expires: this.#expires[slot] ?? 0,
      mark: this.#mark[slot] ?? 0,
      id: this.#id[slot] ?? 0,
      trace: this.#trace[slot] ?? 0,
    };
  }

  /** Writes back what packets change. */
  store(connection: Connection): void {
    const { slot } = connection;
    this.#status[slot] =
      (connection.seenReply ? bits.seenReply : 0) |
      (connection.assured ? bits.assured : 0) |
      (connection.destinationChanged ? bits.destinationChanged : 0) |
      (connection.sourceChanged ? bits.sourceChanged : 0) |
      (connection.replyOnly ? bits.replyOnly : 0) |
      kindOf(connection.original);
    this.#state[slot] = tcpStates.indexOf(connection.state);
    if (connection.tcp !== undefined) this.#tcpFlows.store(slot, connection.tcp, this.#capacity);
    this.#expires[slot] = connection.expires;
    this.#mark[slot] = connection.mark;
  }

  #tuple(node: number): Tuple {
    const ports = this.#node(node, column.ports);
    const kind = (this.#status[node >> 1] ?? 0) & kindBits;
    const isIpv6 = (kind & bits.ipv6) !== 0;
    return {
      protocol: kind & bits.tcp ? 'tcp' : kind & bits.icmp ? 'icmp' : 'udp',
      source: this.#numbers.address(this.#node(node, column.source), isIpv6),
      sourcePort: ports >>> 16,
      destination: this.#numbers.address(this.#node(node, column.destination), isIpv6),
      destinationPort: ports & 0xffff,
    };
  }

  #putNode(node: number, tuple: Tuple): void {
    const at = node * width;
    this.#nodes[at + column.source] = this.#numbers.of(tuple.source);
    this.#nodes[at + column.destination] = this.#numbers.of(tuple.destination);
    this.#nodes[at + column.ports] = packPorts(tuple);
  }

  #node(node: number, which: number): number {
    return this.#nodes[node * width + which] ?? 0;
  }

  /** The port of an entry's original source. */
  #portOf(slot: number): number {
    return this.#node(2 * slot, column.ports) >>> 16;
  }

  #hash(source: number, destination: number, ports: number, kind: number): number {
    const addresses = Math.imul(source ^ Math.imul(destination, 0x85ebca6b), 0x9e3779b1) ^ kind ^ this.#salt;
    return mix(addresses ^ (addresses >>> 15) ^ ports);
  }

  #hashOf(node: number): number {
    const kind = (this.#status[node >> 1] ?? 0) & kindBits;
    const at = node * width;
    const [source = 0, destination = 0, ports = 0] = [this.#nodes[at], this.#nodes[at + 1], this.#nodes[at + 2]];
    return this.#hash(source, destination, ports, kind);
  }

  #link(node: number): void {
    const bucket = this.#hashOf(node) >>> this.#shift;
    this.#nodes[node * width + column.next] = this.#buckets[bucket] ?? none;
    this.#buckets[bucket] = node;
  }

  #unlink(node: number): void {
    unlink(this.#buckets, this.#hashOf(node) >>> this.#shift, this.#nodes, node, width, column.next);
  }

  #sourceBucket(source: number, port: number, kind: number): number {
    return mix(source ^ Math.imul(port, 0x85ebca6b) ^ kind) & (this.#sources.length - 1);
  }

  #bucketOfSource(slot: number): number {
    const kind = (this.#status[slot] ?? 0) & kindBits;
    return this.#sourceBucket(this.#node(2 * slot, column.source), this.#portOf(slot), kind);
  }

  #linkSource(slot: number): void {
    const bucket = this.#bucketOfSource(slot);
    this.#nextOfSource[slot] = this.#sources[bucket] ?? none;
    this.#sources[bucket] = slot;
  }

  #unlinkSource(slot: number): void {
    unlink(this.#sources, this.#bucketOfSource(slot), this.#nextOfSource, slot, 1, 0);
  }

  #grow(): void {
    const capacity = Math.max(64, this.#capacity * 2);
    const bigger = <A extends Uint8Array | Uint32Array | Int32Array | Float64Array>(column: A, fresh: A): A => {
      fresh.set(column);
      return fresh;
    };
    this.#nodes = bigger(this.#nodes, new Int32Array(2 * width * capacity));
    this.#nextOfSource = bigger(this.#nextOfSource, new Int32Array(capacity));
    this.#live = bigger(this.#live, new Uint8Array(capacity));
    this.#status = bigger(this.#status, new Uint8Array(capacity));
    this.#state = bigger(this.#state, new Uint8Array(capacity));
    this.#device = bigger(this.#device, new Int32Array(capacity));
    this.#created = bigger(this.#created, new Float64Array(capacity));
    this.#expires = bigger(this.#expires, new Float64Array(capacity));
    this.#mark = bigger(this.#mark, new Uint32Array(capacity));
    this.#id = bigger(this.#id, new Uint32Array(capacity));
    this.#trace = bigger(this.#trace, new Int32Array(capacity));
    this.#capacity = capacity;
    this.#rehash();
  }

  #rehash(): void {
    this.#buckets = new Int32Array(2 * this.#capacity).fill(none);
    this.#shift = Math.clz32(this.#buckets.length) + 1;
    for (const slot of this.slots()) {
      if (((this.#status[slot] ?? 0) & bits.replyOnly) === 0) this.#link(2 * slot);
      this.#link(2 * slot + 1);
    }
    const before = this.#sources;
    this.#sources = new Int32Array(this.#capacity).fill(none);
    for (const head of before) this.#relinkSources(head);
  }

  /** The last of a chain first, so that the most recent stays in front. */
  #relinkSources(slot: number): void {
    if (slot < 0) return;
    const chain: number[] = [];
    for (let at = slot; at >= 0; at = this.#nextOfSource[at] ?? none) chain.push(at);
    for (const member of chain.reverse()) this.#linkSource(member);
  }
}

function kindOf(tuple: Tuple): number {
  const { protocol, source } = tuple;
  const ofProtocol = protocol === 'tcp' ? bits.tcp : protocol === 'icmp' ? bits.icmp : 0;
  return ofProtocol | (typeof source === 'bigint' ? bits.ipv6 : 0);
}

function packPorts(tuple: Tuple): number {
  return (tuple.sourcePort << 16) | tuple.destinationPort;
}

/** A hash's place among `size` buckets. */
function scaled(hash: number, size: number): number {
  return Math.floor((hash * size) / 2 ** 32);
}

/** The least hash of a bucket among `size`. */
function firstHash(bucket: number, size: number): number {
  return Math.ceil((bucket * 2 ** 32) / size);
}

/** Spreads what differs anywhere over all bits. */
function mix(key: number): number {
  let hash = Math.imul(key ^ (key >>> 16), 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 13), 0x27d4eb2f);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Takes `member` out of the chain that begins at a bucket; the next of `n` stands in `next[n * step + from]`. */
function unlink(
  buckets: Int32Array,
  bucket: number,
  next: Int32Array,
  member: number,
  step: number,
  from: number,
): void {
  let previous = none;
  for (let at = buckets[bucket] ?? none; at >= 0; at = next[at * step + from] ?? none) {
    if (at === member) {
      const behind = next[at * step + from] ?? none;
      if (previous < 0) buckets[bucket] = behind;
      else next[previous * step + from] = behind;
      return;
    }
    previous = at;
  }
}
