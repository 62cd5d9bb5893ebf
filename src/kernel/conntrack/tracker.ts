import type { RandomStream } from '../../engine/random.ts';
import type { Simulation } from '../../engine/simulation.ts';
import { type Micros, second } from '../../engine/time.ts';
import type { Packet } from '../../network/packet.ts';
import type { SocketBuffer } from '../ip/socket-buffer.ts';
import type { KernelRules } from '../releases.ts';
import type { Sysctls } from '../sysctls.ts';
import { resolveClash } from './clash.ts';
import { Collector } from './collector.ts';
import { type Connection, canBegin, inverse, newConnection, type Tuple, tupleOf } from './connection.ts';
import { earlyDrop } from './early-drop.ts';
import { type EventListener, EventLog } from './event-log.ts';
import { icmpPacket } from './icmp.ts';
import { zeroCounters } from './statistics.ts';
import { ConntrackTable, type Found } from './table.ts';
import { tcpCanBegin, tcpPacket } from './tcp.ts';
import { newTcpFlow } from './tcp-flow.ts';
import { closes } from './tcp-states.ts';
import { udpPacket } from './udp.ts';

/** How long an entry for answers alone lives, whatever comes (__nf_conntrack_insert_prepare, 1 HZ). */
const replyOnlyLife = second;

/** The host whose connections are tracked, and by which rules. */
export interface TrackerSettings {
  readonly simulation: Simulation;
  readonly host: string;
  readonly sysctls: Sysctls;
  readonly rules: KernelRules;
  /** Draws of ids, of the hash's salt and of the collector's phase. */
  readonly draws: RandomStream;
  /** How often the collector looks, where its machine has more to do than the release's rule knows. */
  readonly collectorInterval?: Micros | undefined;
}

/** Connection tracking of one host: looks packets up, follows flows, ends them (nf_conntrack_core.c). */
export class Tracker {
  readonly rules: KernelRules;
  readonly counters = zeroCounters();
  readonly #settings: TrackerSettings;
  #work: { readonly table: ConntrackTable; readonly collector: Collector } | undefined;
  readonly #log: EventLog;
  /**
   * Slots whose changes nobody has heard of: a packet's events are told at the end of its way, or, where it was dropped
   * before, at the end of the flow's next one, be it an ICMP error (nf_ct_deliver_cached_events). True: TCP's state changed.
   */
  readonly #untold = new Map<number, boolean>();

  constructor(settings: TrackerSettings) {
    this.#settings = settings;
    this.rules = settings.rules;
    this.#log = new EventLog(settings);
  }

  get table(): ConntrackTable {
    this.#work ??= this.#begun();
    return this.#work.table;
  }

  get #collector(): Collector {
    this.#work ??= this.#begun();
    return this.#work.collector;
  }

  /** On a host without rules nothing is tracked, so that it needs neither. */
  #begun() {
    const { simulation, draws, rules, collectorInterval: interval } = this.#settings;
    const table = new ConntrackTable(draws.integer(0xffffffff));
    const collector = new Collector({
      simulation,
      table,
      draws,
      rule: rules.collector,
      interval,
      endExpired: (slot) => this.#endExpired(slot),
      makeRoom: (slot) => this.#giveUp(slot),
    });
    return { table, collector };
  }

  /** The conntrack step of PREROUTING and OUTPUT. Returns why the packet is dropped, or nothing. */
  look(buffer: SocketBuffer): string | undefined {
    if (buffer.ctState !== 'none') {
      if (buffer.ctState === 'untracked') this.counters.ignore++;
      return undefined;
    }
    const { packet } = buffer;
    const tuple = tupleOf(packet);
    if (tuple === undefined) {
      this.#lookAtError(buffer);
      return undefined;
    }
    const found = this.#find(tuple);
    if (found === undefined) return this.#begin(buffer, tuple);
    const connection = this.table.load(found.slot);
    buffer.connection = connection;
    buffer.reply = found.reply;
    buffer.ctState = found.reply || connection.seenReply ? 'established' : 'new';
    return this.#follow(buffer, connection, packet);
  }

  /** The last step: the flow of a first packet enters the table. Returns why the packet is dropped, or nothing. */
  confirm(buffer: SocketBuffer): string | undefined {
    const { connection } = buffer;
    if (connection === undefined) return undefined;
    if (connection.slot >= 0) {
      if (this.#untold.size > 0) this.#tell(connection);
      return undefined;
    }
    if (buffer.ctState === 'related') return undefined;
    const same = this.#find(connection.original);
    const answers = this.#find(connection.reply);
    if (same !== undefined || answers !== undefined) return this.#clash(buffer, connection, same, answers);
    if (this.#isFull(connection.original)) return this.#refuse(buffer);
    this.#insert(connection);
    this.#log.event('NEW', connection, '');
    return undefined;
  }

  #tell(connection: Connection): void {
    const newState = this.#untold.get(connection.slot);
    if (newState === undefined) return;
    this.#untold.delete(connection.slot);
    this.#log.event('UPDATE', connection, '', newState);
  }

  #insert(connection: Connection): void {
    this.table.insert(connection);
    this.#collector.expect(connection.slot);
  }

  /** Another packet was faster. `same`, `answers`: the entries that have this one's tuples. Recording f. */
  #clash(buffer: SocketBuffer, connection: Connection, same: Found | undefined, answers: Found | undefined) {
    const { simulation } = this.#settings;
    const resolution = resolveClash(this.rules.clashRule, connection, same, answers);
    this.#log.clash(buffer.packet, resolution, connection.id, same === undefined ? 0 : this.table.load(same.slot).id);
    switch (resolution) {
      case 'adopt':
        this.counters.clash_resolve++;
        if (same !== undefined) buffer.connection = this.table.load(same.slot);
        return undefined;
      case 'reply-only':
        if (this.#isFull(connection.original)) return this.#refuse(buffer);
        this.counters.clash_resolve++;
        connection.replyOnly = true;
        connection.expires = simulation.now + replyOnlyLife;
        this.#insert(connection);
        return undefined;
      case 'drop':
        this.counters.insert_failed++;
        this.counters.drop++;
        return 'conntrack-clash';
    }
  }

  /** Does an entry that lives have this tuple? `origin`: whose entry is overlooked, as it is the same flow's. */
  taken(tuple: Tuple, origin?: Tuple): boolean {
    const found = this.#find(tuple);
    if (found === undefined || origin === undefined || !this.rules.overlooksSameOrigin) return found !== undefined;
    return found.slot !== this.table.find(origin)?.slot;
  }

  /** Ends an entry. `cause`: `expired`, `deleted` (by conntrack -D or -F), `device-gone`, `reset`, `reopened`, `early-drop`. */
  destroy(slot: number, cause: string): void {
    const connection = this.table.load(slot);
    this.table.remove(slot);
    this.#untold.delete(slot);
    this.#log.event('DESTROY', connection, cause);
  }

  get now(): Micros {
    return this.#settings.simulation.now;
  }

  /** Tells a listener of all events from now on. */
  follow(listener: EventListener): void {
    this.#log.listen(listener);
  }

  /** Ends the entry whose original tuple this is, if there is one. */
  end(original: Tuple, cause: string): void {
    const found = this.#find(original);
    if (found !== undefined && !found.reply) this.destroy(found.slot, cause);
  }

  /** Every live entry, as `conntrack -L` would find them; a dump evicts what has expired, and shows no reply-only ones. */
  list(): Connection[] {
    for (const slot of this.table.slots()) this.#endExpired(slot);
    return this.alive().filter((connection) => !connection.replyOnly);
  }

  /** The same entries, found by nobody: nothing is evicted. */
  alive(): Connection[] {
    const { now } = this.#settings.simulation;
    return [...this.table.slots()]
      .filter((slot) => this.table.expires(slot) > now)
      .map((slot) => this.table.load(slot));
  }

  /** Ends the entries that `which` accepts and returns them. */
  delete(which: (connection: Connection) => boolean, cause = 'deleted'): Connection[] {
    const gone = this.list().filter(which);
    for (const { slot } of gone) this.destroy(slot, cause);
    return gone;
  }

  #endExpired(slot: number): boolean {
    if (this.table.expires(slot) > this.#settings.simulation.now) return false;
    this.destroy(slot, 'expired');
    return true;
  }

  /** A live entry; one that has expired is evicted when it is met. */
  #find(tuple: Tuple): Found | undefined {
    for (;;) {
      const found = this.table.find(tuple);
      if (found === undefined || !this.#endExpired(found.slot)) return found;
    }
  }

  #begin(buffer: SocketBuffer, original: Tuple): string | undefined {
    const { simulation, sysctls, draws } = this.#settings;
    const { packet } = buffer;
    if (this.#isFull(original)) return this.#refuse(buffer);
    if (!canBegin(original) || (packet.protocol === 'tcp' && !tcpCanBegin(packet, sysctls))) {
      this.#invalid(buffer);
      return undefined;
    }
    const connection = newConnection(original, {
      tcp: packet.protocol === 'tcp' ? newTcpFlow() : undefined,
      created: simulation.now,
      id: draws.integer(0xffffffff),
      trace: packet.trace,
    });
    buffer.connection = connection;
    buffer.reply = false;
    buffer.ctState = 'new';
    return this.#follow(buffer, connection, packet);
  }

  /** Is there no room for a flow, even after something was given up for it? Asked again at the end of its packet's way. */
  #isFull(original: Tuple): boolean {
    const most = this.#settings.sysctls.get('net.netfilter.nf_conntrack_max');
    return most > 0 && this.table.size >= most && !this.#makeRoom(original);
  }

  #refuse({ packet }: SocketBuffer): string {
    this.counters.drop++;
    this.#collector.wantRoom();
    this.#log.tableFull(packet);
    return 'conntrack-table-full';
  }

  #makeRoom(original: Tuple): boolean {
    return earlyDrop(this.rules.earlyDrop, original, {
      table: this.table,
      buckets: this.#settings.sysctls.get('net.netfilter.nf_conntrack_buckets'),
      endExpired: (slot) => this.#endExpired(slot),
      evict: (slot) => this.#evict(slot),
    });
  }

  #evict(slot: number): void {
    this.counters.early_drop++;
    this.destroy(slot, 'early-drop');
  }

  /** What the collector gives up of a table that is 95 % full: what is not ASSURED, and TCP that closes. */
  #giveUp(slot: number): void {
    const { sysctls } = this.#settings;
    const enough = Math.floor(sysctls.get('net.netfilter.nf_conntrack_max') / 100) * 95;
    if (!this.rules.collectorMakesRoom || this.table.size < enough) return;
    if (!this.table.assured(slot) || closes(this.table.state(slot))) this.#evict(slot);
  }

  /** Protocol, timer and flags; an UPDATE is due where something but the timer changed. */
  #follow(buffer: SocketBuffer, connection: Connection, packet: Packet): string | undefined {
    const { rules } = this;
    const { simulation, sysctls } = this.#settings;
    const before = { state: connection.state, assured: connection.assured, seenReply: connection.seenReply };
    if (packet.protocol === 'tcp') {
      const flow = connection.tcp ?? newTcpFlow();
      const verdict = tcpPacket(connection, flow, packet, buffer.reply, simulation.now, sysctls, rules);
      if (verdict === 'invalid') {
        this.#invalid(buffer);
        return undefined;
      }
      if (verdict === 'again') {
        this.destroy(connection.slot, 'reopened');
        buffer.ctState = 'none';
        return this.look(buffer);
      }
      if (verdict === 'in-sync') before.state = 'SYN_SENT';
      if (verdict === 'gone') {
        this.table.store(connection);
        this.destroy(connection.slot, 'reset');
        return undefined;
      }
    } else if (packet.protocol === 'icmp') icmpPacket(connection, simulation.now, sysctls);
    else if (!connection.replyOnly) udpPacket(connection, simulation.now, sysctls, rules);
    if (buffer.reply) connection.seenReply = true;
    if (connection.slot < 0) return undefined;
    this.table.store(connection);
    this.#collector.expect(connection.slot);
    const newState = before.state !== connection.state;
    const changed = newState || before.assured !== connection.assured || before.seenReply !== connection.seenReply;
    if (changed) this.#untold.set(connection.slot, newState || this.#untold.get(connection.slot) === true);
    else if (packet.protocol === 'udp') this.#log.refresh(connection, packet, buffer.reply);
    return undefined;
  }

  /** An ICMP error belongs to the flow that it is about. */
  #lookAtError(buffer: SocketBuffer): void {
    const { packet } = buffer;
    const about = packet.protocol === 'icmp' ? packet.about : undefined;
    const tuple = about && tupleOf(about);
    if (tuple === undefined) {
      buffer.ctState = 'untracked';
      return;
    }
    const found = this.#find(inverse(tuple));
    if (found === undefined) {
      this.#invalid(buffer);
      return;
    }
    buffer.ctState = 'related';
    buffer.connection = this.table.load(found.slot);
    buffer.reply = found.reply;
  }

  #invalid(buffer: SocketBuffer): void {
    this.counters.invalid++;
    buffer.ctState = 'invalid';
    buffer.connection = undefined;
  }
}
