import { parseResolvConf, type ResolvConf } from '../../resolver/resolv-conf.ts';
import { resolvConfRules } from '../../resolver/rules.ts';
import type { JudgedLookup } from '../lookup.ts';
import type { RowOf, TraceRecord } from '../records.ts';
import type { Scene } from '../scene.ts';
import { counted, inMilliseconds, inSeconds, instant, listed, withoutDot } from '../words.ts';
import { type Draft, type Strands, stepAt } from './draft.ts';
import { packetEvidence } from './packet-line.ts';

const families: Readonly<Record<string, string>> = {
  any: 'its IPv4 and IPv6 addresses',
  ipv4: 'its IPv4 addresses',
  ipv6: 'its IPv6 addresses',
};

/** What the application and its resolver did. */
export function clientSteps({ kind, row }: TraceRecord, lookup: JudgedLookup, strands: Strands, scene: Scene): Draft[] {
  const resolver = resolverName(lookup.workload, scene);
  switch (kind) {
    case 'workload.lookup-started':
      return [
        stepAt(
          row,
          'application',
          `${row.workload} asks ${resolver} for ${withoutDot(row.name)}: ${families[row.family] ?? row.family}.`,
        ),
      ];
    case 'workload.datagram': {
      const packet = strands.packets.get(row.trace);
      const sent =
        packet === undefined
          ? ''
          : ` from ${packet.source}:${packet.sourcePort} to ${scene.named(packet.destination, packet.destinationPort)}`;
      const evidence = packet === undefined ? [] : packetEvidence(row.trace, packet, strands);
      return [
        stepAt(
          { ...row, seq: (packet?.seq ?? row.seq) - 0.25 },
          'application',
          `${row.workload} asks for ${withoutDot(row.text)}${sent}, from the port it always uses.`,
          { evidence },
        ),
      ];
    }
    case 'resolver.candidate':
      return [stepAt(row, 'resolver', candidateText(row.candidate, row.cause, lookup, scene))];
    case 'resolver.query': {
      const packet = strands.packets.get(row.trace);
      const again = row.retransmission ? ' once more' : '';
      const text = `${resolver} asks ${scene.named(row.server)}${again} for ${withoutDot(row.name)} ${row.type} by ${row.protocol.toUpperCase()}, from port ${row.localPort}.`;
      return [
        stepAt(row, 'resolver', text, {
          evidence: packet === undefined ? [] : packetEvidence(row.trace, packet, strands),
        }),
      ];
    }
    case 'resolver.reply':
      return [
        stepAt(row, 'resolver', replyText(row), { tone: row.cause === 'used' && row.answers > 0 ? 'good' : 'plain' }),
      ];
    case 'resolver.timeout':
      return [
        stepAt(
          row,
          'resolver',
          `${resolver} has waited ${inSeconds(row.waited)} for ${scene.named(row.server)}, and nothing came.`,
          { tone: 'wait' },
        ),
      ];
    case 'resolver.error':
      return [
        stepAt(
          row,
          'resolver',
          `Its ${row.protocol.toUpperCase()} socket to ${scene.named(row.server)} fails: ${row.cause}.`,
          { tone: 'bad' },
        ),
      ];
    case 'resolver.mode':
      return [stepAt(row, 'resolver', `From now on it asks ${modes[row.cause] ?? row.cause}.`)];
    case 'resolver.candidate-ended':
      return endedText(row.candidate, row.cause).map((text) => stepAt(row, 'resolver', text));
    case 'resolver.cache-hit': {
      const kept = row.addresses === '' ? 'a failure' : listed(row.addresses.split(' '));
      const life = `stored at ${inSeconds(row.storedAt)} (${inSeconds(row.t - row.storedAt)} ago), kept until ${inSeconds(row.runsOut)}`;
      const evidence = [
        {
          kind: 'cache-entry',
          age: row.t - row.storedAt,
          remaining: row.runsOut - row.t,
          setting: row.setting,
          clamp: row.setting,
        } as const,
      ];
      return [
        stepAt(
          row,
          'application',
          `The JVM's own cache has ${kept}: ${life} because of ${row.setting}. No query is sent.`,
          { evidence },
        ),
      ];
    }
    case 'resolver.cache-stored':
      return [stepAt(row, 'application', `The JVM keeps that until ${inSeconds(row.runsOut)} (${row.setting}).`)];
    case 'workload.lookup':
    case 'workload.reply':
      return [endStep(row, lookup)];
    default:
      return [];
  }
}

const modes: Readonly<Record<string, string>> = {
  'single-request': 'for A and AAAA one after the other',
  'single-request-reopen': 'for A and AAAA one after the other, each from a socket of its own',
};

/** `glibc 2.36`; the words for who asks where no resolver is between. */
function resolverName(workload: string, scene: Scene): string {
  const resolver = scene.resolverOf(workload);
  return resolver === undefined ? workload : `${resolver.kind} ${resolver.release}`;
}

/** What its resolver takes out of a workload's resolv.conf. */
function resolvConfOf(workload: string, scene: Scene): ResolvConf | undefined {
  const resolver = scene.resolverOf(workload);
  return resolver === undefined ? undefined : parseResolvConf(resolver.resolvConf, resolvConfRules(resolver));
}

function candidateText(candidate: string, cause: string, { workload, name }: JudgedLookup, scene: Scene): string {
  const conf = resolvConfOf(workload, scene);
  const dots = counted(name.split('.').length - 1, 'dot');
  const ndots = `ndots:${conf?.ndots ?? 1}`;
  const tries = `tries ${withoutDot(candidate)}`;
  switch (cause) {
    case 'final-dot':
      return `It ${tries} and nothing else, because the name ends with a dot.`;
    case 'enough-dots':
      return `It ${tries} first, as it is: ${dots} are enough for ${ndots}.`;
    case 'search-list': {
      const domain = candidate.slice(name.length + 1).replace(/\.$/, '');
      return `It ${tries}: ${dots} are fewer than ${ndots}, so that the search list comes first, here ${domain}.`;
    }
    case 'last-resort':
      return `It ${tries} at last, as it is: nothing of the search list was found.`;
    default:
      return `It ${tries}, as it is.`;
  }
}

function replyText({ server, rcode, answers, cause, name, type }: RowOf<'resolver.reply'>): string {
  const says = rcode === 'NOERROR' ? (answers === 0 ? 'NOERROR without an answer' : counted(answers, 'record')) : rcode;
  const what = `${server} replies ${says} for ${withoutDot(name)} ${type}`;
  switch (cause) {
    case 'used':
      return `${what}.`;
    case 'truncated':
      return `${what}, with TC: it is not complete, so the query is repeated by TCP.`;
    case 'not-ours':
      return `${what}, which is no reply to a query that waits: passed over.`;
    case 'rejected':
      return `${what}, which this resolver takes for a failure of that server.`;
    default:
      return `${what} (${cause}).`;
  }
}

/** What is not said by the reply itself. */
function endedText(name: string, cause: string): string[] {
  const candidate = withoutDot(name);
  switch (cause) {
    case 'HOST_NOT_FOUND':
      return [`So ${candidate} does not exist.`];
    case 'NO_DATA':
      return [`So ${candidate} has no address.`];
    case 'TRY_AGAIN':
      return [`So nothing is known of ${candidate}.`];
    case 'NO_RECOVERY':
      return [`So ${candidate} cannot be looked up.`];
    default:
      return [];
  }
}

function endStep(
  row: { t: number; seq: number; trace: number; at: string; cause: string },
  lookup: JudgedLookup,
): Draft {
  const after = inMilliseconds(lookup.end - lookup.start);
  if (lookup.verdict === 'failed')
    return stepAt(row, 'application', `${lookup.workload} gets ${lookup.result} after ${after}.`, { tone: 'bad' });
  const got = `${lookup.workload} gets ${listed(lookup.addresses)} after ${after}`;
  return lookup.verdict === 'stale'
    ? stepAt(row, 'application', `${got}; that has not been served since ${instant(lookup.staleSince ?? 0)}.`, {
        tone: 'bad',
      })
    : stepAt(row, 'application', `${got}.`, { tone: 'good' });
}
