import type { Edns } from '../../dns/message.ts';

/** Why there is no answer, as a client with EDNS is told beside the rcode (RFC 8914). */
export interface ExtendedError {
  readonly infoCode: number;
  readonly text: string;
}

const extendedErrorOption = 15;

/** "No Reachable Authority": the time for a question is over (kr_query_inform_timeout of Knot Resolver 5.6.0, lib/resolve.h). */
export const outOfTime: ExtendedError = { infoCode: 22, text: 'RRPF' };

/** Why an old answer is told, in the words of BIND 9.18's lib/ns/query.c. */
export type StaleReason =
  | 'resolver failure'
  | 'client timeout'
  | 'query within stale refresh time window'
  | 'stale data prioritized over lookup';

/** "Stale Answer" */
export const staleAnswer = (text: StaleReason): ExtendedError => ({ infoCode: 3, text });

export function optionFor({ infoCode, text }: ExtendedError): Edns['options'][number] {
  const octets = [infoCode >> 8, infoCode & 0xff, ...new TextEncoder().encode(text)];
  return { code: extendedErrorOption, octets: Uint8Array.from(octets) };
}
