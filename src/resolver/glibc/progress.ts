import type { Message } from '../../dns/message.ts';
import type { Errno } from '../../kernel/socket/socket.ts';
import type { Query } from '../client.ts';
import { sameQuestion } from '../query-message.ts';

/** The queries of one candidate: A and AAAA, or one of them. */
export interface Pair {
  readonly first: Query;
  readonly second: Query | undefined;
}

/** The replies in the order of arrival, which need not be that of the queries. `earlier` absent: it was rejected. */
export interface Replies {
  readonly earlier: Message | undefined;
  readonly later: Message | undefined;
}

/** What one server gave. `next`: nothing of use; `truncated`: ask again over TCP. */
export type FromServer = Replies | 'next' | 'truncated';

/** What one exchange remembers from server to server. */
export interface Progress {
  /** Has any server answered, or been silent for its whole time? Otherwise all refused. */
  gotSomewhere: boolean;
  /** errno of the last failure over TCP; undefined: the stream just ended. */
  streamError: Errno | undefined;
}

/** `takesBareErrors`: a server that refuses may leave out the question. */
export function isReplyTo(reply: Message, query: Query | undefined, takesBareErrors: boolean): boolean {
  const asked = query?.payload.message;
  if (asked === undefined || reply.id !== asked.id) return false;
  const isBare = reply.question.length === 0 && isError(reply);
  return (takesBareErrors && isBare) || sameQuestion(reply.question, asked.question);
}

/** Is it the next server's turn? Also after an empty reply that looks like a referral by a server that does not recurse. */
export function isRejection(reply: Message): boolean {
  const { rcode, answer, additional, edns, flags } = reply;
  if (isError(reply)) return true;
  const isEmpty = answer.length === 0 && additional.length === 0 && edns === undefined;
  return rcode === 'NOERROR' && isEmpty && !flags.aa && !flags.ra;
}

function isError({ rcode }: Message): boolean {
  return rcode === 'SERVFAIL' || rcode === 'NOTIMP' || rcode === 'REFUSED';
}
