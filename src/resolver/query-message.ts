import { query } from '../dns/build.ts';
import type { Edns, Question } from '../dns/message.ts';
import { sameName } from '../dns/name.ts';
import { sizeOf } from '../dns/size.ts';
import { DnsPayload } from '../transport/payload.ts';

/** What a client asks for. */
export interface QueryOptions {
  /** Absolute. */
  readonly name: string;
  readonly type: string;
  readonly ad?: boolean;
  /** Size offered with EDNS; absent: no OPT record. */
  readonly udpSize?: number;
  /** EDNS options. */
  readonly options?: Edns['options'];
}

/** A query as stub resolvers write it: RD, one question, perhaps an OPT record. */
export function makeQuery(id: number, { name, type, ad = false, udpSize, options = [] }: QueryOptions): DnsPayload {
  const edns = udpSize === undefined ? undefined : { udpSize, do: false, version: 0, options };
  const message = query(id, { name, type }, edns === undefined ? { flags: { ad } } : { flags: { ad }, edns });
  return new DnsPayload(message, sizeOf(message, { compress: false }), false);
}

/** Is it the same question, whatever its letters' case? */
export function sameQuestion(left: readonly Question[], right: readonly Question[]): boolean {
  const [a, b] = [left[0], right[0]];
  if (a === undefined || b === undefined || left.length !== right.length) return false;
  return sameName(a.name, b.name) && a.type === b.type && a.class === b.class;
}
