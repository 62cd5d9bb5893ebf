import { replyTo } from '../dns/build.ts';
import type { Rcode } from '../dns/message.ts';
import { sleep } from '../engine/process.ts';
import { fromSeconds } from '../engine/time.ts';
import { isSocketError } from '../kernel/socket/socket.ts';
import { encode } from '../transport/decode.ts';
import { type Answering, type ServerSite, type Serving, serveUdp } from '../transport/serve.ts';
import { serveTcp, unlimitedTcp } from '../transport/serve-tcp.ts';
import type { ServerFaults, TlsSide } from './description.ts';
import { processingTime } from './processing.ts';
import { recordQuery } from './record-query.ts';
import { serveTls } from './tls.ts';

/** How a server fares as a whole; the words are those of scripted servers. */
export interface Condition {
  /** `answer`, `drop`, `closed` (nobody listens), `servfail`, `refused`, `notimp`, `formerr`. */
  readonly mode: string;
  /** Seconds before each answer. */
  readonly delay: number;
}

/** A server that listens on UDP and TCP and can be taken down. */
export interface Service {
  set(change: Partial<Condition>): void;
  stop(): void;
}

const failures: ReadonlyMap<string, Rcode> = new Map([
  ['servfail', 'SERVFAIL'],
  ['refused', 'REFUSED'],
  ['notimp', 'NOTIMP'],
  ['formerr', 'FORMERR'],
]);

/** How a service is served. */
interface ServiceDescription {
  readonly faults: ServerFaults;
  /** Absent: not over TLS. */
  readonly tls?: TlsSide | undefined;
}

/** Listens on UDP and TCP, and where it is said over TLS; `answering` is asked as long as the server is well. */
export function startService(site: ServerSite, { faults, tls }: ServiceDescription, answering: Answering): Service {
  let condition: Condition = { mode: 'answer', delay: 0 };
  let serving: readonly Serving[] = [];

  const inCondition: Answering = function* (query, send) {
    const { mode, delay } = condition;
    const rcode = failures.get(mode);
    if (rcode === undefined && mode !== 'drop') {
      yield* sleep(fromSeconds(delay));
      return yield* answering(query, send);
    }
    const reply = rcode && encode(replyTo(query.message, rcode), { compress: true });
    recordQuery(site, query, { did: mode, size: reply?.size });
    yield* sleep(processingTime + fromSeconds(delay));
    return reply;
  };

  const open = () => {
    const limits = { ...unlimitedTcp, connections: faults.tcpConnections ?? Number.POSITIVE_INFINITY };
    const udp = serveUdp(site, inCondition);
    const tcp = faults.tcp === 'open' ? [serveTcp(site, inCondition, { limits: () => limits })] : [];
    const idle = tls?.idle ?? Number.POSITIVE_INFINITY;
    const patient = { ...limits, firstRead: idle, idle };
    const secure = tls === undefined ? [] : [serveTls(site, inCondition, tls, () => patient)];
    serving = [udp, ...tcp, ...secure].flatMap((one) => (isSocketError(one) ? [] : [one]));
  };
  const close = () => {
    for (const one of serving) one.kill();
    serving = [];
  };
  open();

  return {
    set(change) {
      condition = { ...condition, ...change };
      if (condition.mode === 'closed') close();
      else if (serving.length === 0) open();
    },
    stop: close,
  };
}
