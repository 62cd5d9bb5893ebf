import type { Simulation } from '../../engine/simulation.ts';
import { second } from '../../engine/time.ts';
import type { Packet } from '../../network/packet.ts';
import { KernelLog } from '../kernel-log.ts';
import { conntrackClash, conntrackEvent, conntrackRefresh } from '../records.ts';
import type { KernelRules } from '../releases.ts';
import type { Resolution } from './clash.ts';
import type { Connection } from './connection.ts';
import { type EntryOutput, entryFields, eventLine } from './entry.ts';

type EventType = 'NEW' | 'UPDATE' | 'DESTROY';

/** Someone who runs `conntrack -E`. `line`: the event as it is printed. */
export type EventListener = (type: EventType, connection: Connection, line: (output: EntryOutput) => string) => void;

const clashCauses: Readonly<Record<Resolution, string>> = {
  adopt: 'adopted',
  'reply-only': 'reply-only',
  drop: 'dropped',
};

/** Tells what happens to entries: as `conntrack -E` does, and to the kernel's log. */
export class EventLog {
  readonly #simulation: Simulation;
  readonly #host: string;
  readonly #rules: KernelRules;
  readonly #kernelLog: KernelLog;
  readonly #listeners: EventListener[] = [];

  constructor({ simulation, host, rules }: { simulation: Simulation; host: string; rules: KernelRules }) {
    this.#simulation = simulation;
    this.#host = host;
    this.#rules = rules;
    this.#kernelLog = new KernelLog(simulation, host);
  }

  listen(listener: EventListener): void {
    this.#listeners.push(listener);
  }

  /** `cause`: of a DESTROY, what ended the entry. `tellsState`: an UPDATE shows the TCP state only where that has changed. */
  event(type: EventType, connection: Connection, cause: string, tellsState = true): void {
    const { recorder, now } = this.#simulation;
    if (this.#listeners.length === 0 && recorder.counted(conntrackEvent, cause)) return;
    const entry = entryFields(connection, now);
    const { destroyTellsRest } = this.#rules;
    const ends = type === 'DESTROY';
    const state = (ends && !destroyTellsRest) || !tellsState ? '' : entry.state;
    const timeout = ends && (entry.timeout === 0 || !destroyTellsRest) ? Number.NaN : entry.timeout;
    for (const listener of this.#listeners)
      listener(type, connection, (output) =>
        eventLine(type, { ...entry, state, timeout }, { ...output, userspace: cause === 'deleted' }),
      );
    recorder.write(conntrackEvent, this.#host, connection.trace, cause, {
      type,
      protocol: entry.protocol,
      state,
      timeout,
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

  /** A packet set the timer again and changed nothing else. */
  refresh({ id, expires, seenReply, assured }: Connection, { trace }: Packet, reply: boolean): void {
    const { recorder, now } = this.#simulation;
    if (recorder.counted(conntrackRefresh, '')) return;
    const timeout = Math.round((expires - now) / second);
    recorder.write(conntrackRefresh, this.#host, trace, '', { id, timeout, reply, seenReply, assured });
  }

  /** A packet's flow could not be entered. */
  clash({ trace }: Packet, resolution: Resolution, id: number, faster: number): void {
    const { recorder } = this.#simulation;
    recorder.write(conntrackClash, this.#host, trace, clashCauses[resolution], { id, faster });
  }

  /** No room for the flow of a packet. */
  tableFull({ trace }: Packet): void {
    this.#kernelLog.write(trace, 'conntrack-table-full', 'nf_conntrack: nf_conntrack: table full, dropping packet');
  }
}
