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
  const [, service] = /--comment "([^ :"]+):\S+ has no endpoints"/.exec(row.rule) ?? [];
  const empty = service === undefined ? undefined : lives.whyEmpty(service, row.t);
  if (empty === undefined) return undefined;
  const crash = ends.findLast((end) => empty.pods.includes(end.at) && crashBefore({ ...row, at: end.at }, ends));
  const last = crash === undefined ? '' : `; its last words: "${crash.line}"`;
  const text = `${row.at} rejected a packet ${way}, as ${service} has no ready end point: ${empty.text}${last}`;
  return { cause: crash === undefined ? row.cause : 'coredns-crashed', text, short: empty.text };
}
