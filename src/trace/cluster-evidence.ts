import type { Row } from '../engine/columns.ts';
import type { Micros } from '../engine/time.ts';
import type { packetDropped } from '../kernel/records.ts';
import type { PodLives } from './pod-lives.ts';
import { causeOf, type End, endInShort, endText } from './process-ends.ts';
import { inSeconds, instant } from './words.ts';

type Dropped = Row<typeof packetDropped.columns>;

interface Told {
  readonly cause: string;
  readonly text: string;
  readonly short: string;
}

/** What is known of pods, nodes and Services. */
export interface Cluster {
  readonly lives: PodLives;
  readonly ends: readonly End[];
  readonly nameOf: (address: string) => string;
  /** `namespace/name` of the Service with an address. */
  readonly serviceAt: (address: string) => string | undefined;
  /** Has a Service that leads to end points on the sender's node alone (internalTrafficPolicy) a ready one anywhere at an instant? */
  readonly isLocalElsewhere: (service: string, at: Micros) => boolean;
}

/** A packet that ended because of what had become of pods and nodes. */
export function clusterEvidence(row: Dropped, cluster: Cluster): Told | undefined {
  const { lives, ends, nameOf, serviceAt } = cluster;
  const way = `from ${nameOf(row.source)} to ${nameOf(row.destination)} port ${row.destinationPort}`;
  const lost = row.cause === 'no-power' ? lives.lostSince(row.at, row.t) : undefined;
  if (lost !== undefined) {
    const text = `${row.at} has had no power since ${inSeconds(lost)}: a packet ${way} is lost there`;
    return { cause: 'node-lost', text, short: `${row.at} is lost` };
  }
  const gone = /^route-|^no-neighbour$|^neighbour-gone$/.test(row.cause)
    ? lives.goneFrom(row.destination, row.t)
    : undefined;
  if (gone !== undefined) {
    const text = `${row.at} has no way for a packet ${way}: ${gone}`;
    return { cause: 'pod-gone', text, short: gone };
  }
  const local = emptyHere(row, cluster);
  if (local !== undefined) {
    const here = `${local} has no end point on ${row.at}, and its traffic policy Local leads to no other node`;
    const did = row.cause === 'rule-drop' ? 'dropped' : 'rejected';
    return { cause: 'no-local-endpoint', text: `${row.at} ${did} a packet ${way}, as ${here}`, short: here };
  }
  const service = emptyService(row, serviceAt);
  return service === undefined ? undefined : refusal(row, service, `${row.at} rejected a packet ${way}`, lives, ends);
}

/** A packet that was refused for the lack of an end point: there was none, or the node did not know of it yet. */
function refusal(row: Dropped, service: string, rejected: string, lives: PodLives, ends: readonly End[]): Told {
  const since = lives.readySince(service, row.t);
  if (since !== undefined) {
    const late = `${service} has had a ready end point since ${instant(since)}, and the kube-proxy of ${row.at} had not followed yet`;
    return {
      cause: 'rules-behind',
      text: `${rejected}, although ${late}`,
      short: `${row.at} did not know yet of the ready end point`,
    };
  }
  const { text: why, pods } = lives.whyNoneReady(row.t);
  const end = ends.findLast(({ at, t }) => pods.includes(at) && t <= row.t && !lives.wasReady(at, t, row.t));
  const empty = `${service} has no ready end point${why === '' ? '' : `: ${why}`}`;
  // Whoever was told to end was told so for a reason that its pod's life tells.
  if (end === undefined || causeOf(end) === 'coredns-stopped')
    return {
      cause: 'no-ready-endpoint',
      text: `${rejected}, as ${empty}`,
      short: `${service} had no ready end point`,
    };
  const again = lives.startedAgain(end.at, end.t);
  // That it has been started already is told of its pod.
  const pause = again === undefined || again.t <= row.t ? '' : `, and was ${again.text} at ${inSeconds(again.t)}`;
  const short = `CoreDNS ${end.at} ${endInShort(end)}`;
  return { cause: causeOf(end), text: `${rejected}, as ${empty}; ${end.at} ${endText(end)}${pause}`, short };
}

/** The Service with the traffic policy Local for whose lack of end points on the node a packet ended there, though others have some. */
function emptyHere(row: Dropped, { serviceAt, isLocalElsewhere }: Cluster): string | undefined {
  const [, named] = /--comment "([^ :"]+):\S+ has no local endpoints"/.exec(row.rule) ?? [];
  const service = named ?? serviceAt(row.destination) ?? row.destination;
  const byNft = row.cause === 'rule-drop' && / vmap @no-endpoint-(services|nodeports)$/.test(row.rule);
  if (named !== undefined || byNft) return service;
  // IPVS does not say which.
  return row.cause === 'ipvs-no-real-server' && isLocalElsewhere(service, row.t) ? service : undefined;
}

/** The Service for whose lack of end points a packet was refused: by a rule of iptables or nft, or by IPVS. */
function emptyService(row: Dropped, serviceAt: (address: string) => string | undefined): string | undefined {
  const [, named] = /--comment "([^ :"]+):\S+ has no endpoints"/.exec(row.rule) ?? [];
  const isRefused = row.cause === 'ipvs-no-real-server' || row.rule.endsWith(' reject-chain reject');
  return named ?? (isRefused ? (serviceAt(row.destination) ?? row.destination) : undefined);
}
