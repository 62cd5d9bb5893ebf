import { changed } from '../../dns/build.ts';
import type { Message } from '../../dns/message.ts';
import { lower } from '../../dns/name.ts';
import { type ResourceRecord, withTtl } from '../../dns/record.ts';
import { type Micros, second } from '../../engine/time.ts';
import type { Incoming } from '../../transport/serve.ts';
import type { Noted } from './note.ts';

/** How long whole replies are told again, in seconds (PowerDNS's `packetcache-ttl`); 0: not at all. */
export interface Packets {
  readonly ttl: number;
  /** Of errors, and of replies without records (`packetcache-servfail-ttl`). */
  readonly failureTtl: number;
}

/** What of a query counts. */
type Form = Pick<Incoming, 'message' | 'protocol' | 'trace'>;

interface Packet {
  readonly reply: Message;
  readonly ttl: number;
  /** The shortest in the reply; NaN: it has no records. */
  readonly recordTtl: number;
  /** What made `ttl` of that. */
  readonly clamp: string;
  readonly storedAt: Micros;
  readonly filledBy: number;
}

/** Whole replies by the query as it came, letters and id aside (recpacketcache.cc of PowerDNS Recursor); seconds are those of the wall clock. */
export class PacketCache {
  readonly #rules: Packets;
  readonly #packets = new Map<string, Packet>();

  constructor(rules: Packets) {
    this.#rules = rules;
  }

  /** The reply for a query that is just like an earlier one, with what is left of its TTLs. */
  find(query: Form, now: Micros): { readonly reply: Message; readonly noted: Noted } | undefined {
    if (this.#rules.ttl === 0) return undefined;
    const packet = this.#packets.get(keyOf(query));
    if (packet === undefined) return undefined;
    const { reply, ttl, recordTtl, clamp, storedAt, filledBy } = packet;
    const age = Math.floor(now / second) - Math.floor(storedAt / second);
    if (age >= ttl) return undefined;
    const aged = (records: readonly ResourceRecord[]) =>
      records.map((record) => withTtl(record, Math.max(0, record.ttl - age)));
    const { answer, authority, additional, rcode } = reply;
    const runsOut = (Math.floor(storedAt / second) + ttl) * second;
    const noted = { rcode, shown: ttl - age, ttl, recordTtl, clamp, storedAt, runsOut, filledBy };
    return {
      reply: changed(reply, { answer: aged(answer), authority: aged(authority), additional: aged(additional) }),
      noted,
    };
  }

  /** Keeps a reply for the shortest TTL in it. */
  keep(query: Form, reply: Message, now: Micros): void {
    const { ttl: most, failureTtl } = this.#rules;
    if (most === 0) return;
    const { rcode, answer, authority } = reply;
    const isFailure = (rcode !== 'NOERROR' && rcode !== 'NXDOMAIN') || (answer.length === 0 && authority.length === 0);
    const bound = isFailure && failureTtl < most ? failureTtl : most;
    const shortest = Math.min(...[...answer, ...authority].map((record) => record.ttl));
    const setting = `${bound === most ? 'packetcache-ttl' : 'packetcache-servfail-ttl'} ${bound}`;
    this.#packets.set(keyOf(query), {
      reply,
      ttl: Math.min(shortest, bound),
      recordTtl: Number.isFinite(shortest) ? shortest : Number.NaN,
      clamp: shortest <= bound ? 'whole reply' : setting,
      storedAt: now,
      filledBy: query.trace,
    });
  }

  clear(): void {
    this.#packets.clear();
  }
}

function keyOf({ message: { question, flags, edns }, protocol }: Form): string {
  const [asked] = question;
  const opt = edns === undefined ? 'plain' : `${edns.udpSize} ${edns.do}`;
  return `${lower(asked?.name ?? '')} ${asked?.type} ${protocol} ${flags.rd} ${flags.ad} ${flags.cd} ${opt}`;
}
