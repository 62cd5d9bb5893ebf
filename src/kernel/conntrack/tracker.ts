import type { RandomStream } from '../../engine/random.ts';
import type { Simulation } from '../../engine/simulation.ts';
import { second } from '../../engine/time.ts';
import type { Packet } from '../../network/packet.ts';
import type { SocketBuffer } from '../ip/socket-buffer.ts';
import { conntrackEvent, conntrackRefresh } from '../records.ts';
import type { KernelRules } from '../releases.ts';
import type { Sysctls } from '../sysctls.ts';
import { Collector } from './collector.ts';
import { type Connection, inverse, type Tuple, tupleOf } from './connection.ts';
import { entryFields } from './entry.ts';
import { ConntrackTable, type Found } from './table.ts';
import { tcpFirst, tcpPacket } from './tcp.ts';
import { udpPacket } from './udp.ts';

/** As `conntrack -S` names them. */
export interface ConntrackCounters {
  found: number;
  invalid: number;
  insert: number;
  insert_failed: number;
  drop: number;
  early_drop: number;
  error: number;
  search_restart: number;
  clash_resolve: number;
  chaintoolong: number;
}

/** How long an entry for answers alone lives, whatever comes (__nf_conntrack_insert_prepare, 1 HZ). */
const replyOnlyLife = second;

/** Buckets that are searched for a victim from the new flow's on (NF_CT_EVICTION_RANGE). */
const evictionBuckets = 8;

type EventType = 'NEW' | 'UPDATE' | 'DESTROY';

export interface TrackerSettings {
  readonly simulation: Simulation;
  readonly host: string;
  readonly sysctls: Sysctls;
  readonly rules: KernelRules;
  /** Draws of ids and of the collector's phase. */
  readonly draws: RandomStream;
}

/** Connection tracking of one host: looks packets up, follows flows, ends them. */
export class Tracker {
  readonly table = new ConntrackTable();
  readonly counters: ConntrackCounters = {
    found: 0,
    invalid: 0,
    insert: 0,
    insert_failed: 0,
    drop: 0,
    early_drop: 0,
    error: 0,
    search_restart: 0,
    clash_resolve: 0,
    chaintoolong: 0,
  };
  readonly #settings: TrackerSettings;
  readonly #collector: Collector;

  constructor(settings: TrackerSettings) {
    this.#settings = settings;
    this.#collector = new Collector(settings.simulation, settings.draws, () => this.collect());
  }

  /** The conntrack step of PREROUTING and OUTPUT. Returns why the packet is dropped, or nothing. */
  look(buffer: SocketBuffer): string | undefined {
    if (buffer.ctState !== 'none') return undefined;
    const { packet } = buffer;
    const tuple = tupleOf(packet);
    if (tuple === undefined) {
      this.#lookAtIcmp(buffer);
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
    if (connection === undefined || connection.slot >= 0 || buffer.ctState === 'related') return undefined;
    const same = this.#find(connection.original);
    const answers = this.#find(connection.reply);
    if (same !== undefined || answers !== undefined) return this.#clash(buffer, connection, same, answers);
    this.#insert(connection);
    this.#event('NEW', connection, '');
    return undefined;
  }

  #insert(connection: Connection): void {
    connection.mark = 0;
    this.table.insert(connection);
    this.#collector.expect(connection.expires);
  }

  /** Another packet was faster. `same`, `answers`: the entries that have this one's tuples. Recording f. */
  #clash(
    buffer: SocketBuffer,
    connection: Connection,
    same: Found | undefined,
    answers: Found | undefined,
  ): string | undefined {
    const { clashRule } = this.#settings.rules;
    const resolvable = clashRule !== 'drop' && connection.original.protocol === 'udp' && same?.reply === false;
    if (resolvable && answers?.slot === same.slot) {
      this.counters.clash_resolve++;
      buffer.connection = this.table.load(same.slot);
      return undefined;
    }
    if (resolvable && answers === undefined && clashRule === 'adopt-or-reply-only') {
      this.counters.clash_resolve++;
      connection.replyOnly = true;
      connection.expires = this.#settings.simulation.now + replyOnlyLife;
      this.#insert(connection);
      return undefined;
    }
    this.counters.insert_failed++;
    this.counters.drop++;
    return 'conntrack-clash';
  }

  /** Does an entry that lives have this tuple? */
  taken(tuple: Tuple): boolean {
    return this.#find(tuple) !== undefined;
  }

  /** Ends an entry. `cause`: `expired`, `deleted` (by conntrack -D or -F), `device-gone`, `reset`, `reopened`, `early-drop`. */
  destroy(slot: number, cause: string): void {
    const connection = this.table.load(slot);
    this.table.remove(slot);
    this.#event('DESTROY', connection, cause);
  }

  /** Ends the entry whose original tuple this is, if there is one. */
  end(original: Tuple, cause: string): void {
    const found = this.#find(original);
    if (found !== undefined && !found.reply) this.destroy(found.slot, cause);
  }

  /** Ends what has expired; returns when the next entry will, or Infinity. */
  collect(): number {
    const { now } = this.#settings.simulation;
    let next = Number.POSITIVE_INFINITY;
    for (const slot of this.table.slots()) {
      const expires = this.table.expires(slot);
      if (expires <= now) this.destroy(slot, 'expired');
      else next = Math.min(next, expires);
    }
    return next;
  }

  /** Every live entry, as `conntrack -L` would find them; a dump evicts what has expired, and shows no reply-only ones. */
  list(): Connection[] {
    this.collect();
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
    this.collect();
    const gone = this.alive().filter(which);
    for (const { slot } of gone) this.destroy(slot, cause);
    return gone;
  }

  /** A live entry; one that has expired is evicted when it is met. */
  #find(tuple: Tuple): Found | undefined {
    for (;;) {
      const found = this.table.find(tuple);
      if (found === undefined || this.table.expires(found.slot) > this.#settings.simulation.now) return found;
      this.destroy(found.slot, 'expired');
    }
  }

  #begin(buffer: SocketBuffer, original: Tuple): string | undefined {
    const { simulation, sysctls, draws } = this.#settings;
    if (this.table.size >= sysctls.get('net.netfilter.nf_conntrack_max') && !this.#makeRoom()) {
      this.counters.drop++;
      return 'conntrack-table-full';
    }
    const connection: Connection = {
      slot: -1,
      original,
      reply: inverse(original),
      destinationDecided: false,
      sourceDecided: false,
      destinationChanged: false,
      sourceChanged: false,
      masqueradeDevice: 0,
      seenReply: false,
      assured: false,
      replyOnly: false,
      state: 'NONE',
      originalEnd: 0,
      replyEnd: 0,
      originalUnacknowledged: false,
      replyUnacknowledged: false,
      created: simulation.now,
      expires: 0,
      mark: 0,
      id: draws.integer(0xffffffff),
      trace: buffer.packet.trace,
    };
    const { packet } = buffer;
    if (packet.protocol === 'tcp' && !tcpFirst(connection, packet, sysctls)) {
      this.#invalid(buffer);
      return undefined;
    }
    buffer.connection = connection;
    buffer.reply = false;
    buffer.ctState = 'new';
    return this.#follow(buffer, connection, packet);
  }

  /** A full table evicts an entry that is not ASSURED, if it meets one in the few places where it looks. */
  #makeRoom(): boolean {
    const { simulation, sysctls, draws } = this.#settings;
    const perBucket = (2 * this.table.size) / sysctls.get('net.netfilter.nf_conntrack_buckets');
    const expected = evictionBuckets * perBucket;
    const candidates = Math.floor(expected) + (draws.fraction() < expected % 1 ? 1 : 0);
    for (let n = 0; n < candidates; n++) {
      const slot = this.table.anySlot(draws);
      if (slot === undefined) return false;
      if (this.table.assured(slot) && this.table.expires(slot) > simulation.now) continue;
      this.counters.early_drop++;
      this.destroy(slot, 'early-drop');
      return true;
    }
    return false;
  }

  /** Protocol, timer and flags; an UPDATE where something but the timer changed. */
  #follow(buffer: SocketBuffer, connection: Connection, packet: Packet): string | undefined {
    const { simulation, sysctls, rules } = this.#settings;
    const before = { state: connection.state, assured: connection.assured, seenReply: connection.seenReply };
    if (packet.protocol === 'tcp') {
      const verdict = tcpPacket(connection, packet, buffer.reply, simulation.now, sysctls, rules);
      if (verdict === 'invalid') {
        this.#invalid(buffer);
        return undefined;
      }
      if (verdict === 'again') {
        this.destroy(connection.slot, 'reopened');
        buffer.ctState = 'none';
        return this.look(buffer);
      }
      if (verdict === 'gone') {
        this.destroy(connection.slot, 'reset');
        return undefined;
      }
    } else if (!connection.replyOnly) udpPacket(connection, simulation.now, sysctls, rules);
    if (buffer.reply) connection.seenReply = true;
    if (connection.slot < 0) return undefined;
    this.table.store(connection);
    this.#collector.expect(connection.expires);
    const changed =
      before.state !== connection.state ||
      before.assured !== connection.assured ||
      before.seenReply !== connection.seenReply;
    if (changed) this.#event('UPDATE', connection, '');
    else if (packet.protocol === 'udp') this.#refreshed(connection, buffer);
    return undefined;
  }

  #refreshed({ id, expires, seenReply, assured }: Connection, { packet, reply }: SocketBuffer): void {
    const { simulation, host } = this.#settings;
    const timeout = Math.round((expires - simulation.now) / second);
    const fields = { id, timeout, reply, seenReply, assured };
    simulation.recorder.write(conntrackRefresh, host, packet.trace, '', fields);
  }

  /** An ICMP error belongs to the flow that it is about; anything else of ICMP is not tracked. */
  #lookAtIcmp(buffer: SocketBuffer): void {
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

  #event(type: EventType, connection: Connection, cause: string): void {
    const { simulation, host, rules } = this.#settings;
    const entry = entryFields(connection, simulation.now);
    const ends = type === 'DESTROY';
    simulation.recorder.write(conntrackEvent, host, connection.trace, cause, {
      type,
      protocol: entry.protocol,
      state: ends && !rules.destroyTellsRest ? '' : entry.state,
      timeout: ends && (cause !== 'deleted' || !rules.destroyTellsRest) ? Number.NaN : entry.timeout,
      originalSource: entry.originalSource,
      originalSourcePort: entry.originalSourcePort,
      originalDestination: entry.originalDestination,
      originalDestinationPort: entry.originalDestinationPort,
      replySource: entry.replySource,
      replySourcePort: entry.replySourcePort,
      replyDestination: entry.replyDestination,
      replyDestinationPort: entry.replyDestinationPort,
      seenReply: entry.seenReply,
      assured: entry.assured,
      id: entry.id,
    });
  }
}
