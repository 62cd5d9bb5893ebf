import type { Row } from '../engine/columns.ts';
import type { packetDropped } from '../kernel/records.ts';
import type { PodLives } from './pod-lives.ts';
import { crashBefore, type End } from './process-ends.ts';
import { inSeconds } from './words.ts';

interface Told {
  readonly cause: string;
  readonly text: string;
  readonly short: string;
}

/** A packet that ended because of what had become of pods and nodes. */
export function clusterEvidence(
  row: Row<typeof packetDropped.columns>,
  lives: PodLives,
  ends: readonly End[],
  nameOf: (address: string) => string,
): Told | undefined {
  const way = `from ${nameOf(row.source)} to ${nameOf(row.destination)} port ${row.destinationPort}`;
  const lost = row.cause === 'no-power' ? lives.lostSince(row.at, row.t) : undefined;
  if (lost !== undefined) {
    const text = `${row.at} has had no power since ${inSeconds(lost)}: a packet ${way} is lost there`;
    return { cause: 'node-lost', text, short: `${row.at} is lost` };
  }
  const gone = /^route-|^no-neighbour$/.test(row.cause) ? lives.goneFrom(row.destination, row.t) : undefined;
  if (gone !== undefined) {
    const text = `${row.at} has no way for a packet ${way}: ${gone}`;
    return { cause: 'pod-gone', text, short: gone };
  }
  const service = emptyService(row, nameOf);
  const empty = service === undefined ? undefined : lives.whyEmpty(service, row.t);
  if (empty === undefined) return row.cause === 'ipvs-no-real-server' ? noRealServer(row) : undefined;
  const crash = ends.findLast((end) => empty.pods.includes(end.at) && crashBefore({ ...row, at: end.at }, ends));
  const last = crash === undefined ? '' : `; its last words: "${crash.line}"`;
  const text = `${row.at} rejected a packet ${way}, as ${service} has no ready end point: ${empty.text}${last}`;
  return { cause: crash === undefined ? row.cause : 'coredns-crashed', text, short: empty.text };
}

/** The Service for whose lack of end points a packet was refused: by a rule of iptables or nft, or by IPVS. */
function emptyService(row: Row<typeof packetDropped.columns>, nameOf: (address: string) => string): string | undefined {
  const [, named] = /--comment "([^ :"]+):\S+ has no endpoints"/.exec(row.rule) ?? [];
  const isRefused = row.cause === 'ipvs-no-real-server' || row.rule.endsWith(' reject-chain reject');
  return named ?? (isRefused ? `kube-system/${nameOf(row.destination)}` : undefined);
}

function noRealServer({ at, cause, destination, destinationPort }: Row<typeof packetDropped.columns>): Told {
  const service = `${destination}:${destinationPort}`;
  const text = `IPVS had no real server for ${service} on ${at}, which answered "port unreachable"`;
  return { cause, text, short: `${service} without a real server` };
}
