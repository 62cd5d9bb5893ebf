import { changed } from '../../dns/build.ts';
import type { Message } from '../../dns/message.ts';
import { isCompressed, layoutOf } from '../../dns/size.ts';
import { type Process, timedOut } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import { type Micros, second } from '../../engine/time.ts';
import { isSocketError } from '../../kernel/socket/socket.ts';
import type { Arrived, Client, Query } from '../client.ts';
import { sameQuestion } from '../query-message.ts';
import type { GoRelease } from '../releases.ts';
import type { ResolvConf } from '../resolv-conf.ts';
import { badReply, type GoError, ioTimeout, noSuchHost, systemError } from './go-error.ts';

/** Octets that are read of a datagram (maxDNSPacketSize of net/dnsclient_unix.go). */
const datagramBuffer = 1232;

export type GoAnswer = { readonly reply: Message } | { readonly error: GoError };

/** Who asks. `offset`: the place of the server whose turn is first. */
interface Asker {
  readonly client: Client;
  readonly release: GoRelease;
  readonly conf: ResolvConf;
  readonly offset: number;
}

/** One name and type at the servers in turn, with a new socket and a new id each time: `tryOneName` of net/dnsclient_unix.go. */
export function* tryOneName(
  asker: Asker,
  { name, type }: { readonly name: string; readonly type: string },
  trace: TraceId,
): Process<GoAnswer> {
  const { client, release, conf, offset } = asker;
  const offered = release.udpSize === undefined ? {} : { udpSize: release.udpSize };
  let last: GoAnswer = { error: noSuchHost('') };
  for (let attempt = 0; attempt < conf.attempts; attempt++) {
    for (let turn = 0; turn < conf.nameservers.length; turn++) {
      const server = conf.nameservers[(offset + turn) % conf.nameservers.length] ?? '';
      const query = client.query({ name, type, ad: conf.flags.has('trust-ad'), ...offered });
      const exchanged = yield* exchange(asker, server, query, trace);
      last = 'error' in exchanged ? exchanged : judge(exchanged.reply, release, type, endpointText(server));
      if ('reply' in last || last.error.notFound) return last;
    }
  }
  return last;
}

/** NXDOMAIN and an answer without the type end the search for this name; other rcodes are the next server's turn. */
function judge(reply: Message, release: GoRelease, type: string, server: string): GoAnswer {
  const { rcode, answer, additional, edns, flags } = reply;
  if (rcode === 'NXDOMAIN') return { error: noSuchHost(server) };
  const hasMore = release.referralIsBare && (additional.length > 0 || edns !== undefined);
  const isBare = answer.length === 0 && !hasMore;
  if (rcode === 'NOERROR' && isBare && !flags.aa && !flags.ra) return { error: badReply('lame referral', server) };
  if (rcode === 'SERVFAIL') return { error: badReply('server misbehaving', server, true) };
  if (rcode !== 'NOERROR') return { error: badReply('server misbehaving', server) };
  return answer.some(({ data }) => data.type === type) ? { reply } : { error: noSuchHost(server) };
}

/** By UDP, and by TCP when the reply is truncated; each has the whole time-out. */
function* exchange({ client, release, conf }: Asker, server: string, query: Query, trace: TraceId): Process<GoAnswer> {
  const deadline = () => client.simulation.now + conf.timeout * second;
  if (!conf.flags.has('use-vc')) {
    const answer = yield* overUdp(client, server, query, deadline(), trace);
    if ('error' in answer || !answer.reply.flags.tc) return answer;
  }
  const answer = yield* overTcp(client, server, query, deadline(), trace);
  if ('error' in answer || !answer.reply.flags.tc || release.takesTruncatedOverTcp) return answer;
  return { error: badReply('no answer from DNS server', endpointText(server)) };
}

function* overUdp(client: Client, server: string, query: Query, deadline: Micros, trace: TraceId): Process<GoAnswer> {
  const peer = endpointText(server);
  const channel = client.udp({ receiveErrors: false });
  if (isSocketError(channel)) return { error: systemError(`dial udp ${peer}`, 'socket', channel, peer) };
  const refused = channel.connect(server, trace);
  if (refused !== undefined) return { error: systemError(`dial udp ${peer}`, 'connect', refused, peer) };
  const route = `udp ${channel.local}->${peer}`;
  const started = client.simulation.now;
  const failure = channel.send(query, server, trace);
  let answer: GoAnswer | undefined = failure && { error: systemError(`write ${route}`, 'write', failure, peer) };
  while (answer === undefined) {
    const arrived = yield* channel.receive(deadline);
    if (arrived === timedOut) {
      client.noteTimeout(server, client.simulation.now - started, trace);
      answer = { error: ioTimeout(`read ${route}`, peer) };
    } else if (isSocketError(arrived)) answer = { error: systemError(`read ${route}`, 'read', arrived, peer) };
    else {
      const isOurs = isReplyTo(arrived.message, query);
      channel.noteReply(arrived, isOurs ? (arrived.message.flags.tc ? 'truncated' : 'used') : 'not-ours');
      if (isOurs) answer = { reply: inBuffer(arrived) };
    }
  }
  channel.close();
  return answer;
}

function* overTcp(client: Client, server: string, query: Query, deadline: Micros, trace: TraceId): Process<GoAnswer> {
  const peer = endpointText(server);
  const connection = yield* client.tcp(server, trace, deadline);
  if (connection === timedOut) return { error: ioTimeout(`dial tcp ${peer}`, peer) };
  if (isSocketError(connection)) return { error: systemError(`dial tcp ${peer}`, 'connect', connection, peer) };
  const route = `tcp ${connection.local}->${peer}`;
  const failure = connection.send(query, trace);
  const arrived = failure ?? (yield* connection.receive(deadline));
  connection.close();
  if (arrived === timedOut) return { error: ioTimeout(`read ${route}`, peer) };
  if (arrived === 'end') return { error: badReply('EOF', peer) };
  if (isSocketError(arrived)) return { error: systemError(`read ${route}`, 'read', arrived, peer) };
  connection.noteReply(arrived, isReplyTo(arrived.message, query) ? 'used' : 'not-ours');
  return isReplyTo(arrived.message, query)
    ? { reply: arrived.message }
    : { error: badReply('invalid DNS response', peer) };
}

/** What a datagram larger than the buffer still says: the records that are whole in it. The error behind them is heard only without any. */
function inBuffer({ message, size }: Arrived): Message {
  if (size <= datagramBuffer) return message;
  const compress = isCompressed(message, size);
  const whole = layoutOf(message, { compress }).records.filter(({ end }) => end <= datagramBuffer);
  return changed(message, { answer: message.answer.slice(0, whole.length) });
}

/** net.JoinHostPort. */
function endpointText(server: string): string {
  return server.includes(':') ? `[${server}]:53` : `${server}:53`;
}

function isReplyTo(reply: Message, { payload: { message } }: Query): boolean {
  return reply.response && reply.id === message.id && sameQuestion(reply.question, message.question);
}
