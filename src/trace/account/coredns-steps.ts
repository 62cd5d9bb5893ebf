import type { RecordHeader } from '../../engine/recorder.ts';
import { second } from '../../engine/time.ts';
import { splitEndpoint } from '../../network/address.ts';
import { lifeOf } from '../read-hops.ts';
import type { RowOf, TraceRecord } from '../records.ts';
import type { Scene } from '../scene.ts';
import { lifetimeReason } from '../stale.ts';
import { counted, inMilliseconds, processTitle, withoutDot } from '../words.ts';
import type { Evidence } from './account.ts';
import { type Draft, lineEvidence, type Strands, stepAt } from './draft.ts';
import { packetEvidence } from './packet-line.ts';

/** What CoreDNS did: server block, plugins, cache, upstreams, reply. */
export function corednsSteps({ kind, row }: TraceRecord, strands: Strands, scene: Scene): Draft[] {
  switch (kind) {
    case 'coredns.request':
      return [requestStep(row, scene)];
    case 'coredns.plugin':
      return [pluginStep(row, scene)];
    case 'coredns.cache':
      return cacheSteps(row, scene);
    case 'coredns.forward':
      return attemptSteps(row, strands, scene);
    case 'tls.handshake':
      return [handshakeStep(row, scene)];
    case 'coredns.forward-over-limit': {
      const text = `Plugin forward refuses the query: ${row.limit} are under way, and more are not allowed.`;
      return [stepAt(row, 'coredns', text, { tone: 'bad', evidence: lineEvidence(row.at, row.place, row.t, scene) })];
    }
    case 'coredns.forward-all-down': {
      const text = `Plugin forward asks nobody: all its upstreams (${row.upstreams}) are marked down, and with failfast_all_unhealthy_upstreams it then says SERVFAIL at once.`;
      return [stepAt(row, 'coredns', text, { tone: 'bad', evidence: lineEvidence(row.at, row.place, row.t, scene) })];
    }
    case 'coredns.forward-ignored': {
      const text = `A reply of ${row.to} has ${row.size} octets, of which CoreDNS reads ${row.room}; what is left does not unpack (${row.error}), and forward goes on waiting.`;
      return [stepAt(row, 'coredns', text, { tone: 'bad' })];
    }
    case 'coredns.reply':
      return [replyStep(row)];
    default:
      return [];
  }
}

const refusals: Readonly<Record<string, string>> = {
  'no-question': 'has no question',
  class: 'is of a class that no server block serves',
  'edns-version': 'is of an EDNS version that nobody knows',
  'no-zone': 'belongs to no server block',
};

function requestStep(row: RowOf<'coredns.request'>, scene: Scene): Draft {
  const query = `${withoutDot(row.name)} ${row.type}`;
  if (row.cause !== 'served')
    return stepAt(row, 'coredns', `${processTitle(row.at)} gets ${query}, which ${refusals[row.cause] ?? row.cause}.`, {
      tone: 'bad',
    });
  const text = `${processTitle(row.at)} takes ${query} into the server block of zone ${row.zone} (${short(row.place)}).`;
  return stepAt(row, 'coredns', text, { evidence: lineEvidence(row.at, row.place, row.t, scene) });
}

const decisions: Readonly<Record<string, string>> = {
  'no-name': 'has no such name in its zone',
  'no-data': 'has the name, but no record of that type',
  'no-entry': 'has no such entry',
  'no-match': 'has no template for it',
  'erratic-drop': 'drops the query on purpose',
  'acl-block': 'refuses to serve that client',
  'acl-drop': 'does not answer that client',
  'acl-filter': 'gives that client an empty answer',
  'not-synced': 'has not heard from the Kubernetes API yet',
  'not-its-zone': 'passes the query on: the name is in none of its zones',
  'not-its-type': 'passes the query on: it is for another class or type',
  fallthrough: 'knows nothing of the name and passes the query on: fallthrough',
  answered: 'answers',
  rewritten: 'rewrites the query',
  loop: 'has seen its own query come back',
};

function pluginStep(row: RowOf<'coredns.plugin'>, scene: Scene): Draft {
  const did = decisions[row.cause] ?? row.cause;
  // Of acl that is the zone, which its line says.
  const result = row.plugin === 'acl' ? '' : row.result;
  const text = `Plugin ${row.plugin} ${did}${result === '' ? '' : `: ${result}`}.`;
  return stepAt(row, 'coredns', text, { evidence: lineEvidence(row.at, row.place, row.t, scene) });
}

function cacheSteps(row: RowOf<'coredns.cache'>, scene: Scene): Draft[] {
  const line = row.place === '' ? [] : lineEvidence(row.at, row.place, row.t, scene);
  const reason = lifetimeReason(lifeOf(row, scene.quote(row.at, row.place, row.t)));
  switch (row.outcome) {
    case 'hit':
    case 'stale': {
      const isStale = row.outcome === 'stale';
      const left = isStale ? `${row.age} s old; it was to be kept for` : `${row.age} s old, ${row.ttl} s left of`;
      const late = isStale ? ', and is handed out all the same, because of `serve_stale`' : '';
      const what = row.rcode === 'NOERROR' ? 'the answer' : row.rcode;
      const text = `Plugin cache has ${what}: ${left} ${row.originalTtl} s, ${reason}${late}.`;
      const entry: Evidence = {
        kind: 'cache-entry',
        age: row.age * second,
        remaining: (row.originalTtl - row.age) * second,
        setting: reason,
        clamp: row.clamp,
      };
      const allowed = isStale ? lineEvidence(row.at, row.staleBy, row.t, scene) : [];
      return [stepAt(row, 'coredns', text, { evidence: [entry, ...line, ...allowed] })];
    }
    case 'miss':
      return [
        stepAt(
          row,
          'coredns',
          `Plugin cache has nothing for ${withoutDot(row.name)} ${row.type} and passes the query on.`,
        ),
      ];
    case 'stored':
      return [
        stepAt(
          row,
          'coredns',
          `Plugin cache keeps ${row.rcode === 'NOERROR' ? 'the reply' : row.rcode} for ${row.originalTtl} s, ${reason}.`,
          {
            evidence: line,
          },
        ),
      ];
    case 'not-stored':
      return [stepAt(row, 'coredns', 'Plugin cache does not keep that reply.')];
    case 'refresh':
      return [stepAt(row, 'coredns', 'Plugin cache asks anew behind the entry that it has handed out.')];
    default:
      return [];
  }
}

function attemptSteps(row: RowOf<'coredns.forward'>, strands: Strands, scene: Scene): Draft[] {
  const tone = row.outcome === 'answered' ? 'plain' : 'bad';
  const who = upstreamOf(row, scene);
  return [
    askStep(row, strands, scene),
    stepAt(row, 'coredns', attemptEnd(row, who, strands.replySizes.get(row.upstream) ?? 0), { tone }),
  ];
}

/** The beginning of an attempt, of which the record tells at its end. */
export function askStep(row: RowOf<'coredns.forward'>, strands: Strands, scene: Scene): Draft {
  const packet = strands.packets.get(row.upstream);
  const evidence = packet === undefined ? [] : packetEvidence(row.upstream, packet, strands);
  const line = lineEvidence(row.at, row.place, row.t, scene);
  const text = `Plugin forward asks ${upstreamOf(row, scene)} by ${row.protocol.toUpperCase()}.`;
  return stepAt(begunAt(row, strands), 'coredns', text, { evidence: [...line, ...evidence] });
}

function handshakeStep(row: RowOf<'tls.handshake'>, scene: Scene): Draft {
  const { version, resumed, seconds, connecting, serverName, error } = row;
  const who = upstreamOf(row, scene);
  const took = inMilliseconds(Math.round(seconds * second));
  const before = `${inMilliseconds(Math.round(connecting * second))} for the TCP connection`;
  if (row.cause !== '')
    return stepAt(
      row,
      'coredns',
      `The TLS handshake with ${who} as ${serverName} fails ${took} after ${before}: ${error}.`,
      {
        tone: 'bad',
      },
    );
  const session = resumed ? 'the session before is resumed' : 'the certificate is accepted';
  const text = `The TLS ${version} handshake with ${who} as ${serverName} takes ${took}, after ${before}: ${session}.`;
  return stepAt(row, 'coredns', text);
}

/** Place and time of an attempt's beginning: just before its first packet. */
export function begunAt(row: RowOf<'coredns.forward'>, { begins }: Strands): Omit<RecordHeader, 'cause'> {
  const { at, trace } = row;
  const t = row.t - Math.round(row.seconds * second);
  return { t, seq: (begins.get(row.upstream) ?? row.seq) - 0.5, at, trace };
}

function upstreamOf({ to }: { readonly to: string }, scene: Scene): string {
  const { address, port } = splitEndpoint(to);
  return scene.named(address, port);
}

function attemptEnd(row: RowOf<'coredns.forward'>, who: string, size: number): string {
  const { outcome, rcode, error, room, seconds, protocol } = row;
  const after = inMilliseconds(Math.round(seconds * second));
  switch (outcome) {
    case 'answered':
      return `${who} answers ${rcode} after ${after}.`;
    case 'mismatch':
      return `${who} answers another question than the one asked, after ${after}.`;
    case 'cut':
      return `The reply of ${who} is longer than the ${room} octets that CoreDNS reads: what is left counts as an empty reply with TC.`;
    case 'closed':
      return `The pooled connection to ${who} had been closed; forward tries again.`;
    default:
      return protocol === 'udp' && error.startsWith('dns: ') && size > room
        ? `The reply has ${size} octets, of which CoreDNS reads ${room}; what is left does not unpack: ${error}.`
        : `That fails after ${after}: ${error}.`;
  }
}

function replyStep(row: RowOf<'coredns.reply'>): Draft {
  if (row.cause === 'silent') return stepAt(row, 'coredns', `${processTitle(row.at)} sends no reply.`, { tone: 'bad' });
  const tc = row.truncated ? ' with TC' : '';
  const tone = row.rcode === 'NOERROR' || row.rcode === 'NXDOMAIN' ? 'plain' : 'bad';
  const replies = `${processTitle(row.at)} replies ${row.rcode}${tc}, ${counted(row.size, 'octet')}`;
  const text = row.cause === 'unwritten' ? `No plugin has come to an answer, so ${replies}.` : `${replies}.`;
  return stepAt(row, 'coredns', text, { tone });
}

function short(place: string): string {
  return place.slice(place.lastIndexOf('/') + 1);
}
