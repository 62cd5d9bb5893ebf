import type { Quote } from '../../trace/quote.ts';
import type { TraceRecord } from '../../trace/records.ts';
import { counted, inSeconds } from '../../trace/words.ts';

/** What a record says, as far as it decides what happens next. */
export interface Clause {
  /** The same in both runs as long as the same is done; no ids, ports or places, which may shift with nothing meant by it. */
  readonly key: string;
  /** A sentence without its end. */
  readonly words: (quote: Quote) => string;
}

/** Kinds that only follow from others: where packets are, and what the kernel notes of them. */
const followers: ReadonlySet<string> = new Set([
  'packet.sent',
  'packet.captured',
  'packet.delivered',
  'conntrack.event',
  'conntrack.refresh',
  'netfilter.nat',
  'authority.answer',
  'coredns.log',
]);

/** Can a record of that kind have a clause? */
export function mayDecide(kind: string): boolean {
  return !followers.has(kind);
}

/** The clause of a record; undefined for kinds that only follow from others. */
export function clauseOf(record: TraceRecord): Clause | undefined {
  for (const clauseFrom of [corednsClause, clientClause, resolverClause, outsideClause, clusterClause]) {
    const found = clauseFrom(record);
    if (found !== undefined) return found;
  }
  return undefined;
}

function clause(words: string | ((quote: Quote) => string), parts: readonly (string | number | boolean)[]): Clause {
  return { key: parts.join(' '), words: typeof words === 'string' ? () => words : words };
}

/** `redis.example.com A`. */
function question({ name, type }: { readonly name: string; readonly type: string }): string {
  return `${name.replace(/(.)\.$/, '$1')} ${type}`;
}

/** What a query allows a reply by UDP to have. */
function offered(edns: number): string {
  return Number.isNaN(edns) ? '' : ` with room for ${edns}`;
}

function sized(octets: number): string {
  return Number.isNaN(octets) ? '' : ` of ${counted(octets, 'octet')}`;
}

/** ", because of `cache 5` (Corefile:14)"; empty where no line of a file did it. */
function because(quote: Quote, process: string, place: string, t: number): string {
  const line = place === '' ? '' : quote(process, place, t);
  return line === '' ? '' : `, because of \`${line}\` (${place})`;
}

function corednsClause({ kind, row }: TraceRecord): Clause | undefined {
  switch (kind) {
    case 'coredns.cache':
      return cacheClause(row);
    case 'coredns.forward':
      return forwardClause(row);
    case 'coredns.health':
      return clause(`${row.at} takes upstream ${row.to} for ${row.state}`, [
        kind,
        row.at,
        row.to,
        row.state,
        row.fails,
      ]);
    case 'coredns.request':
      return clause(
        (quote) =>
          `${row.at} took the query for ${question(row)} in its block for ${row.zone || 'no zone'}${because(quote, row.at, row.place, row.t)}`,
        [kind, row.at, row.name, row.type, row.protocol, row.zone, row.cause],
      );
    case 'coredns.reply':
      return clause(
        `${row.at} replied ${row.rcode} to ${question(row)}, ${counted(row.size, 'octet')}${row.truncated ? ', truncated' : ''}`,
        [kind, row.at, row.name, row.type, row.rcode, row.size, row.truncated, row.cause],
      );
    case 'coredns.plugin':
      return clause(
        (quote) =>
          `plugin ${row.plugin} of ${row.at}: ${row.result === '' ? row.cause : `${row.cause} ${row.result}`} for ${question(row)}${because(quote, row.at, row.place, row.t)}`,
        [kind, row.at, row.plugin, row.name, row.type, row.cause, row.result],
      );
    default:
      return undefined;
  }
}

function forwardClause(row: Extract<TraceRecord, { kind: 'coredns.forward' }>['row']): Clause {
  const { at, to, protocol, room, outcome, rcode, error } = row;
  const came =
    outcome === 'answered'
      ? `had ${rcode}`
      : outcome === 'cut'
        ? 'had a reply too long for its buffer'
        : `failed: ${error || outcome}`;
  return clause(
    `${at} asked ${to} for ${question(row)} by ${protocol.toUpperCase()}, with room for ${room}, and ${came}`,
    ['coredns.forward', at, row.name, row.type, to, protocol, row.attempt, room, outcome, rcode, error],
  );
}

function cacheClause(row: Extract<TraceRecord, { kind: 'coredns.cache' }>['row']): Clause {
  const { at, outcome } = row;
  const what = question(row);
  const did: Readonly<Record<string, string>> = {
    hit: `answered ${what} from its cache, ${row.ttl} s left`,
    stale: `answered ${what} from its cache although it had run out`,
    miss: `had no ${what} in its cache`,
    stored: `kept the answer for ${what} for ${inSeconds(row.originalTtl * 1e6)}`,
    'not-stored': `did not keep the answer for ${what}`,
    refresh: `asked again for ${what} ahead of time`,
    evicted: `threw ${what} out of its full cache`,
  };
  return clause(
    (quote) => `${at} ${did[outcome] ?? `${outcome} ${what}`}${because(quote, at, row.place, row.t)}`,
    ['coredns.cache', at, row.name, row.type, outcome, row.rcode, row.ttl, row.originalTtl],
  );
}

function clientClause({ kind, row }: TraceRecord): Clause | undefined {
  switch (kind) {
    case 'workload.lookup-started':
      return clause(`${row.at} looked ${row.name} up`, [kind, row.at, row.name, row.family]);
    case 'workload.datagram':
      return clause(`${row.at} sent a query`, [kind, row.at, row.error]);
    case 'workload.lookup':
      return clause(`${row.at} got ${row.result === 'OK' ? row.addresses || 'no address' : row.result}`, [
        kind,
        row.at,
        row.result,
        row.addresses.split(' ').sort().join(' '),
      ]);
    case 'workload.reply':
      return clause(`${row.at} got ${row.error || row.rcode} for ${question(row)}`, [
        kind,
        row.at,
        row.name,
        row.type,
        row.error,
        row.rcode,
        row.answer.split('\n').sort().join(' '),
      ]);
    default:
      return undefined;
  }
}

function resolverClause({ kind, row }: TraceRecord): Clause | undefined {
  switch (kind) {
    case 'resolver.candidate':
      return clause(`${row.at} tried the name ${row.candidate} (${row.cause})`, [
        kind,
        row.at,
        row.candidate,
        row.cause,
      ]);
    case 'resolver.query':
      return clause(
        `${row.at} asked ${row.server} for ${question(row)} by ${row.protocol.toUpperCase()}${offered(row.edns)}${row.retransmission ? ' again' : ''}`,
        [kind, row.at, row.server, row.protocol, row.name, row.type, row.edns, row.retransmission],
      );
    case 'resolver.reply':
      return clause(
        `${row.at} had ${row.rcode} with ${counted(row.answers, 'record')} from ${row.server} for ${question(row)}`,
        [kind, row.at, row.server, row.protocol, row.name, row.type, row.rcode, row.answers, row.cause],
      );
    case 'resolver.timeout':
      return clause(`${row.at} had waited ${inSeconds(row.waited)} for ${row.server}`, [
        kind,
        row.at,
        row.server,
        row.waited,
      ]);
    case 'resolver.error':
      return clause(`${row.at} was told ${row.cause} about ${row.server}`, [kind, row.at, row.server, row.cause]);
    case 'resolver.cache-hit':
      return clause(`${row.holder} of ${row.at} answered ${row.name} from its cache`, [
        kind,
        row.at,
        row.name,
        row.addresses.split(' ').sort().join(' '),
        row.expired,
        row.cause,
      ]);
    case 'resolver.cache-stored':
      return clause(`${row.holder} of ${row.at} kept the answer for ${row.name} until ${inSeconds(row.runsOut)}`, [
        kind,
        row.at,
        row.name,
        row.cause,
        row.setting,
      ]);
    default:
      return undefined;
  }
}

function outsideClause({ kind, row }: TraceRecord): Clause | undefined {
  switch (kind) {
    case 'server.query':
      return clause(
        `${row.server} was asked for ${question(row)} by ${row.protocol.toUpperCase()}${offered(row.edns)}: ${row.did}${sized(row.size)}`,
        [kind, row.server, row.name, row.type, row.protocol, row.edns, row.do, row.did, row.size],
      );
    case 'recursor.cache':
      return recursorClause(row);
    case 'recursor.try':
      return clause(`${row.at} asked ${row.upstream} for ${question(row)}: ${row.cause}`, [
        kind,
        row.at,
        row.upstream,
        row.protocol,
        row.name,
        row.type,
        row.attempt,
        row.cause,
      ]);
    case 'recursor.given-up':
      return clause(`${row.at} had given up ${row.upstreams} and asked nobody for ${question(row)}`, [
        kind,
        row.at,
        row.upstreams,
        row.name,
        row.type,
      ]);
    case 'packet.lost':
      return clause(`a packet was lost on ${row.segment}`, [kind, row.segment, row.protocol]);
    case 'packet.dropped':
      return clause(`${row.at} dropped a packet to ${row.destination} (${row.rule || row.cause})`, [
        kind,
        row.at,
        row.where,
        row.rule,
        row.cause,
        row.destination,
      ]);
    case 'socket.error':
      return clause(`${row.at} ${row.seen ? 'was told' : 'did not hear of'} ${row.cause} by ${row.peer}`, [
        kind,
        row.at,
        row.owner,
        row.cause,
      ]);
    default:
      return undefined;
  }
}

function recursorClause(row: Extract<TraceRecord, { kind: 'recursor.cache' }>['row']): Clause {
  const what = question(row);
  const did: Readonly<Record<string, string>> = {
    hit: `answered ${what} from its cache: ${row.rcode}, ${row.ttl} s left`,
    stale: `answered ${what} from its cache, though run out: ${row.rcode}`,
    miss: `was asked for ${what} and had it not in its cache`,
    stored: `kept ${row.rcode} for ${what} for ${row.originalTtl} s (${row.clamp})`,
    'not-stored': `did not keep the answer for ${what}`,
  };
  return clause(`${row.at} ${did[row.outcome] ?? `${row.outcome} ${what}`}`, [
    'recursor.cache',
    row.at,
    row.name,
    row.type,
    row.outcome,
    row.rcode,
    row.ttl,
    row.originalTtl,
  ]);
}

function clusterClause({ kind, row }: TraceRecord): Clause | undefined {
  switch (kind) {
    case 'cluster.event':
      return clause(`event: ${row.label || row.cause}`, [kind, row.at, row.cause, row.label]);
    case 'coredns.exit':
      return clause(`${row.at} ended with code ${row.code} (${row.cause})`, [kind, row.at, row.code, row.cause]);
    case 'coredns.life':
      return clause(`${row.at}: ${row.cause.replaceAll('-', ' ')}`, [kind, row.at, row.cause]);
    case 'kube-proxy.commit':
      return clause(`kube-proxy of ${row.at} put its ${row.cause} table in place`, [
        kind,
        row.at,
        row.cause,
        row.services,
      ]);
    default:
      return undefined;
  }
}
