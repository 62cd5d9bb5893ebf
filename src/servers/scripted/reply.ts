import { changed, replyTo } from '../../dns/build.ts';
import type { Message, Question, Rcode } from '../../dns/message.ts';
import { rcodeOf } from '../../dns/numbers.ts';
import type { ResourceRecord } from '../../dns/record.ts';
import { udpRoom } from '../../dns/size.ts';
import { parseRecord } from '../../dns/text.ts';
import { madeOnce } from '../../engine/made-once.ts';
import type { Payload } from '../../network/packet.ts';
import { encode } from '../../transport/decode.ts';
import { type DnsPayload, Garbage } from '../../transport/payload.ts';
import type { ScriptedAnswer, ScriptedState } from '../description.ts';
import { foldNames } from '../fold-names.ts';
import { findAnswer, isProbe } from './state.ts';

/** What the server makes of a query: a reply or silence, the word for it, and the delay in seconds. */
export interface ScriptedReply {
  readonly payload: Payload | undefined;
  readonly did: string;
  readonly delay: number;
  readonly also: readonly { readonly payload: Payload; readonly delay: number }[];
}

const failures: ReadonlyMap<string, Rcode> = new Map([
  ['servfail', 'SERVFAIL'],
  ['refused', 'REFUSED'],
  ['nxdomain', 'NXDOMAIN'],
  ['notimp', 'NOTIMP'],
  ['formerr', 'FORMERR'],
]);

/** What is to be answered. */
interface Asked {
  readonly query: Message;
  readonly question: Question;
  readonly protocol: 'udp' | 'tcp';
}

type Distortion = (reply: Message, question: Question) => Message;

/** Replies that are wrong in one thing. */
const distortions: ReadonlyMap<string, Distortion> = new Map<string, Distortion>([
  ['wrongid', (reply) => changed(reply, { id: (reply.id + 1) & 0xffff })],
  ['wrongname', (reply, q) => changed(reply, { question: [{ ...q, name: 'other.test.' }] })],
  ['wrongtype', (reply, q) => changed(reply, { question: [{ ...q, type: 'TXT' }] })],
  ['wrongclass', (reply, q) => changed(reply, { question: [{ ...q, class: 'CH' }] })],
  ['uppercase', (reply, q) => changed(reply, { question: [{ ...q, name: q.name.toUpperCase() }] })],
  ['noquestion', (reply) => changed(reply, { question: [] })],
  ['notreply', (reply) => changed(reply, { response: false })],
]);

/** The reply to a query; `nth` counts the queries for this name and type from 1. */
export function scriptedReply(
  state: ScriptedState,
  query: Message,
  protocol: 'udp' | 'tcp',
  nth: number,
): ScriptedReply {
  const [question] = query.question;
  if (question === undefined) return { payload: undefined, did: 'drop', delay: 0, also: [] };
  const forced = isProbe(question) ? state.health : undefined;
  const found = findAnswer(state, question, nth);
  const answer = found && { ...found, ...found[protocol] };
  const general = protocol === 'tcp' && state.tcp !== 'answer' ? state.tcp : state.mode;
  const own = forced === undefined && general === 'answer' ? answer?.mode : undefined;
  const mode = forced ?? own ?? general;
  const delay = (forced === undefined ? answer?.delay : undefined) ?? state.delay;
  const asked: Asked = { query, question, protocol };
  const { payload, did } = replyInMode(state, asked, mode, answer);
  return { payload, did, delay, also: answer?.also === undefined ? [] : beside(state, asked, answer.also) };
}

/** What is sent besides the reply. */
function beside(state: ScriptedState, asked: Asked, also: NonNullable<ScriptedAnswer['also']>): ScriptedReply['also'] {
  return also.map(({ mode, delay = 0 }) => {
    const { payload = new Garbage(0) } = replyInMode({ ...state, answers: {} }, { ...asked, protocol: 'udp' }, mode);
    return { payload, delay };
  });
}

/** As dnspython writes it. */
function write(reply: Message, { compress }: { readonly compress: boolean }): DnsPayload {
  return encode(compress ? foldNames(reply) : reply, { compress, pointsIntoTargets: false });
}

type Written = Pick<ScriptedReply, 'payload' | 'did'>;

function replyInMode(state: ScriptedState, asked: Asked, mode: string, answer?: ScriptedAnswer): Written {
  const { query, question } = asked;
  if (mode === 'drop') return { payload: undefined, did: 'drop' };
  if (mode === 'garbage') return { payload: new Garbage(5), did: 'garbage' };
  const bare = bareReply(state, query);
  const failure = failures.get(mode);
  if (failure !== undefined) {
    const authority = mode === 'nxdomain' ? records(answer?.authority, question) : [];
    return { payload: write(changed(bare, { rcode: failure, authority }), { compress: true }), did: mode };
  }
  const distort = distortions.get(mode);
  const reply = distort === undefined ? bare : distort(bare, question);
  if (answer === undefined) return unknownName(state, reply, question);
  const full = filled(reply, answer, question, mode);
  const did = distort === undefined ? 'answer' : mode;
  return limited(state, full, asked, { compress: answer.compress ?? state.compress, did });
}

function bareReply(state: ScriptedState, query: Message): Message {
  const reply = replyTo(query);
  const edns =
    query.edns === undefined || state.edns === false
      ? undefined
      : { udpSize: state.edns ?? 1232, do: state.echo_do && query.edns.do, version: 0, options: [] };
  return changed(reply, { flags: { ...reply.flags, cd: false, ra: state.ra, aa: state.aa }, edns });
}

function filled(reply: Message, answer: ScriptedAnswer, question: Question, mode: string): Message {
  const flags = {
    ...reply.flags,
    ad: answer.ad === true,
    aa: reply.flags.aa || answer.aa === true,
    tc: answer.tc === true || mode === 'tc',
  };
  return changed(reply, {
    flags,
    rcode: rcodeOf(answer.rcode?.toUpperCase() ?? '') ?? 'NOERROR',
    answer: mode === 'tc' ? [] : records(answer.answer, question),
    authority: records(answer.authority, question),
    additional: records(answer.additional, question),
  });
}

function unknownName(state: ScriptedState, reply: Message, question: Question): Written {
  if (isProbe(question)) return { payload: write(reply, { compress: true }), did: 'answer' };
  const rcode: Rcode = state.default === 'nxdomain' ? 'NXDOMAIN' : 'NOERROR';
  return {
    payload: write(changed(reply, { rcode, authority: records([state.soa], question) }), { compress: true }),
    did: state.default,
  };
}

/** A server that keeps to the limit answers TC where the reply is larger. */
function limited(
  state: ScriptedState,
  reply: Message,
  { query, protocol }: Asked,
  { compress, did }: { readonly compress: boolean; readonly did: string },
): Written {
  const whole = write(reply, { compress });
  if (protocol === 'tcp' || state.limit === 'none') return { payload: whole, did };
  const limit = state.limit === 'edns' ? udpRoom(query.edns) : state.limit;
  if (whole.size <= limit) return { payload: whole, did };
  const flags = { ...reply.flags, tc: true };
  const empty = changed(reply, { flags, answer: [], authority: [], additional: [] });
  if (state.truncate !== 'partial') return { payload: write(empty, { compress }), did: 'tc' };
  const fits = (count: number) => write(changed(empty, { answer: reply.answer.slice(0, count) }), { compress });
  let count = reply.answer.length;
  while (count > 0 && fits(count).size > limit) count--;
  return { payload: fits(count), did: 'tc-partial' };
}

/** It says the same again and again. */
const recordOf = madeOnce(parseRecord);

/** Records from text; `@` as owner is the name asked for. */
function records(lines: readonly string[] | undefined, question: Question): ResourceRecord[] {
  return (lines ?? []).flatMap((line) => {
    const record = recordOf(line.startsWith('@ ') ? question.name + line.slice(1) : line);
    return record === undefined ? [] : [record];
  });
}
