import type { JudgedLookup } from '../lookup.ts';
import type { RowOf, TraceRecord } from '../records.ts';
import type { Scene } from '../scene.ts';
import { counted, inSeconds, withoutDot } from '../words.ts';
import { type Draft, type Strands, stepAt } from './draft.ts';
import { packetEvidence } from './packet-line.ts';

/** What the resolver did: names tried, queries, replies, waits. */
export function resolverSteps(record: TraceRecord, lookup: JudgedLookup, strands: Strands, scene: Scene): Draft[] {
  const { kind, row } = record;
  switch (kind) {
    case 'resolver.candidate':
      return [stepAt(row, 'resolver', candidateText(row, lookup, strands, scene))];
    case 'packet.sent':
      return connectSteps(row, lookup, strands, scene);
    case 'resolver.query':
      return [queryStep(row, lookup, strands, scene)];
    case 'resolver.reply': {
      const tone = row.cause === 'used' && row.answers > 0 ? 'good' : 'plain';
      return [stepAt(row, 'resolver', replyText(row, scene), { tone })];
    }
    case 'resolver.timeout': {
      const who = scene.named(row.server);
      const text = `${resolverOf(lookup, scene)} has waited ${inSeconds(row.waited)} for ${who}, and nothing came.`;
      return [stepAt(row, 'resolver', text, { tone: 'wait' })];
    }
    case 'resolver.error': {
      // The socket's own record says the same where there is one.
      if (strands.refusals.has(`${row.at} ${row.t}`)) return [];
      const text = `The ${row.protocol.toUpperCase()} socket to ${scene.named(row.server)} fails: ${row.cause}.`;
      return [stepAt(row, 'resolver', text, { tone: 'bad' })];
    }
    case 'resolver.thread-came': {
      const text = `It has waited ${inSeconds(row.waited)} for a thread: ${row.threads} of libuv's pool at most may wait for getaddrinfo, and all of them did.`;
      return [stepAt(row, 'resolver', text, { tone: 'wait' })];
    }
    case 'resolver.turn-came': {
      const text = `It has waited ${inSeconds(row.waited)} for another look-up of that name in its program, which came to nothing: now it asks by itself.`;
      return [stepAt(row, 'resolver', text, { tone: 'wait' })];
    }
    case 'resolver.mode':
      return [stepAt(row, 'resolver', `From now on it asks ${modes[row.cause] ?? row.cause}.`)];
    case 'resolver.candidate-ended': {
      const end = ends[row.cause];
      const tone = stopsThere.includes(row.cause) ? 'bad' : 'plain';
      return end === undefined
        ? []
        : [stepAt(row, 'resolver', `So ${end.replace('NAME', withoutDot(row.candidate))}.`, { tone })];
    }
    default:
      return [];
  }
}

const modes: Readonly<Record<string, string>> = {
  'single-request': 'for A and AAAA one after the other',
  'single-request-reopen': 'for A and AAAA one after the other, each from a socket of its own',
};

/** What h_errno of a candidate says, where the reply has not said it. */
const ends: Readonly<Record<string, string>> = {
  HOST_NOT_FOUND: 'there is no NAME',
  NO_DATA: 'NAME has no address',
  TRY_AGAIN: 'it has learned nothing about NAME',
  NO_RECOVERY: 'NAME cannot be looked up',
  none: 'there is no NAME',
  EAI_NODATA: 'NAME has no address, and musl tries no other name after that',
  EAI_NONAME: 'NAME has no address, and musl tries no other name after that',
  EAI_AGAIN: 'it has learned nothing about NAME, and musl tries no other name after that',
  truncated: 'it takes what came for all there is of NAME: this musl has no TCP',
};

/** What musl makes the end of all where glibc would go on. */
const stopsThere: readonly string[] = ['EAI_NODATA', 'EAI_NONAME', 'EAI_AGAIN', 'truncated'];

/** `glibc 2.36` */
function resolverOf({ workload }: JudgedLookup, scene: Scene): string {
  const resolver = scene.resolverOf(workload);
  return resolver === undefined ? workload : `${resolver.kind} ${resolver.release}`;
}

function candidateText(
  { candidate, cause, seq }: RowOf<'resolver.candidate'>,
  { workload, name }: JudgedLookup,
  { firstListed, firstTried }: Strands,
  scene: Scene,
): string {
  const dots = counted(name.split('.').length - 1, 'dot');
  const ndots = `ndots:${scene.resolvConfOf(workload)?.ndots ?? 1}`;
  const tried = withoutDot(candidate);
  switch (cause) {
    case 'final-dot':
      return `It tries ${tried} and nothing else, because the name was given with a final dot.`;
    case 'enough-dots':
      return `It tries ${tried} as it is, because ${dots} are enough for ${ndots}.`;
    case 'search-list':
      if (seq !== firstListed) return `It tries ${tried}, the next of the search list.`;
      return seq === firstTried
        ? `It tries ${tried} first: ${dots} are fewer than ${ndots} asks for, so the search list comes before the name itself.`
        : `It tries ${tried}, the first of the search list: the name as it is has brought nothing.`;
    case 'last-resort':
      return `It tries ${tried} at last: the search list has brought nothing.`;
    default:
      return `It tries ${tried} as it is.`;
  }
}

/** The first packet of a TCP connection, before there can be a query on it. */
function connectSteps(row: RowOf<'packet.sent'>, lookup: JudgedLookup, strands: Strands, scene: Scene): Draft[] {
  if (scene.layerOf(row.at) !== 'resolver' || row.protocol !== 'tcp' || row.detail !== 'S') return [];
  const to = scene.named(row.destination, row.destinationPort);
  const text = strands.dialled.has(row.seq)
    ? `${resolverOf(lookup, scene)} opens a TCP connection to ${to}, from port ${row.sourcePort}.`
    : `Nothing has come back, so the kernel sends the first packet of the connection to ${to} once more.`;
  return [stepAt(row, 'resolver', text, { evidence: packetEvidence(row.trace, row, strands) })];
}

function queryStep(row: RowOf<'resolver.query'>, lookup: JudgedLookup, strands: Strands, scene: Scene): Draft {
  const packet = strands.packets.get(row.trace);
  const again = strands.repeated.has(row.seq) ? ' once more' : '';
  const what = `${withoutDot(row.name)} ${row.type} by ${row.protocol.toUpperCase()}`;
  const text = `${resolverOf(lookup, scene)} asks ${scene.named(row.server)}${again} for ${what}, from port ${row.localPort}.`;
  const evidence = packet === undefined ? [] : packetEvidence(row.trace, packet, strands);
  return stepAt(row, 'resolver', text, { evidence });
}

/** Netty's default. */
function neverAsksByTcp(resolver: ReturnType<Scene['resolverOf']>): boolean {
  return resolver?.kind === 'netty' && (resolver.netty?.tcp ?? 'never') === 'never';
}

function replyText(
  { resolver, server, protocol, rcode, answers, cause, name, type }: RowOf<'resolver.reply'>,
  scene: Scene,
): string {
  const empty = cause === 'truncated' ? 'an empty reply' : 'NOERROR without an answer';
  const says = rcode === 'NOERROR' ? (answers === 0 ? empty : counted(answers, 'record')) : rcode;
  const what = `${scene.nameOf(server)} has sent ${says} for ${withoutDot(name)} ${type}`;
  switch (cause) {
    case 'used':
      return `${what}.`;
    case 'truncated': {
      const isEnd = protocol === 'tcp' || neverAsksByTcp(scene.resolverOf(resolver));
      return `${what}, with TC: there is more than fits${isEnd ? '' : ', so the query goes out again by TCP'}.`;
    }
    case 'not-ours':
      return `${what}, but no query waits for that: passed over.`;
    case 'rejected':
      return `${what}; to this resolver that is a failure of the server.`;
    default:
      return `${what} (${cause}).`;
  }
}
