import type { Micros } from '../../engine/time.ts';
import type { LinkQuality, SegmentDescription } from '../../network/description.ts';
import type { ScenarioFile } from '../schema/scenario.ts';

type Link = ScenarioFile['links'][string];

/** What a link is like when the scenario does not say: round trips of 0.1 ms to a pod of the same node and 0.4 ms between machines of a zone. */
export const defaultQuality = {
  pods: { latency: 25, jitter: 0, loss: 0 },
  machines: { latency: 200, jitter: 0, loss: 0 },
} as const satisfies Record<string, LinkQuality>;

/** The wire that joins all machines; each pod has one of its own, which has its name. */
export const fabric = 'fabric';

/** A link's name, taken apart. */
export interface LinkEnds {
  readonly from: string;
  readonly to: string;
  /** `a->b`: only that direction. */
  readonly oneWay: boolean;
}

/** `a..b` or `a->b`; undefined for anything else. */
export function linkEnds(name: string): LinkEnds | undefined {
  const [, from, sign, to] = /^([^.>]+?)(\.\.|->)([^.>]+)$/.exec(name) ?? [];
  return from === undefined || to === undefined ? undefined : { from, to, oneWay: sign === '->' };
}

/** Links as a scenario has them. `latencies`: what was measured, by the link's name. */
export interface Links {
  readonly file: ScenarioFile;
  readonly latencies: Readonly<Record<string, readonly Micros[]>>;
}

/** The wire between machines. */
export function fabricSegment(links: Links): SegmentDescription {
  const quality = machineQuality(links);
  return { name: fabric, quality, pairs: pairsOf(links, quality, (name) => isMachine(links.file, name)) };
}

/** The wire between a pod and its node. */
export function podSegment(links: Links, pod: string, node: string): SegmentDescription {
  const quality = ownQuality(links, podQuality(links), { from: pod, to: node, oneWay: false });
  const pairs = pairsOf(links, quality, (name) => name === pod || name === node);
  return { name: pod, quality, pairs: pairs.filter(({ oneWay }) => oneWay === true) };
}

/** Where a link lies and what it is like with a change of its own: what the change does not name is as the scenario says. */
export function changedLink(
  links: Links,
  name: string,
  change: Omit<Link, 'latencies'>,
): { readonly segment: string; readonly ends: LinkEnds; readonly quality: LinkQuality } | undefined {
  const ends = linkEnds(name);
  if (ends === undefined) return undefined;
  const pod = [ends.from, ends.to].find((end) => !isMachine(links.file, end));
  const own = ownQuality(links, pod === undefined ? machineQuality(links) : podQuality(links), ends);
  return { segment: pod ?? fabric, ends, quality: withChange(own, change) };
}

/** Links of their own; what is said of one direction alone comes last, so that it holds. */
function pairsOf(links: Links, base: LinkQuality, isHere: (host: string) => boolean): SegmentDescription['pairs'] {
  const all = Object.keys(links.file.links).flatMap((name) => linkEnds(name) ?? []);
  return all
    .filter(({ from, to }) => isHere(from) && isHere(to))
    .sort((a, b) => Number(a.oneWay) - Number(b.oneWay))
    .map((ends) => ({
      between: [ends.from, ends.to] as const,
      ...(ends.oneWay && { oneWay: true }),
      quality: ownQuality(links, base, ends),
    }));
}

/** What is said of both directions, then what is said of this one. */
function ownQuality(links: Links, base: LinkQuality, { from, to, oneWay }: LinkEnds): LinkQuality {
  const names = [`${from}..${to}`, `${to}..${from}`, ...(oneWay ? [`${from}->${to}`] : [])];
  return names.reduce((quality, name) => qualityOf(links, quality, name), base);
}

function machineQuality(links: Links): LinkQuality {
  return qualityOf(links, defaultQuality.machines, 'default');
}

export function podQuality(links: Links): LinkQuality {
  return qualityOf(links, defaultQuality.pods, 'pods');
}

function isMachine({ cluster, servers }: ScenarioFile, name: string): boolean {
  return name in cluster.nodes || name in servers;
}

function qualityOf({ file, latencies }: Links, base: LinkQuality, name: string): LinkQuality {
  const link = file.links[name];
  const sample = latencies[name];
  const measured = sample === undefined ? undefined : ({ kind: 'empirical', sample } as const);
  return link === undefined ? base : withChange(base, { ...link, ...(measured && { latency: measured }) });
}

function withChange(base: LinkQuality, change: Omit<Link, 'latencies'>): LinkQuality {
  const { latency, jitter, loss, lossRun, packetsPerSecond, rate, queue } = change;
  const spread = latency === undefined || latency.kind === 'constant' ? undefined : latency;
  return {
    ...base,
    ...(latency?.kind === 'constant' && { latency: latency.value }),
    ...(jitter !== undefined && { jitter }),
    ...(spread !== undefined && { latency: 0, jitter: spread }),
    ...(loss !== undefined && { loss }),
    ...(lossRun !== undefined && { lossRun }),
    ...(packetsPerSecond !== undefined && { packetsPerSecond }),
    ...(rate !== undefined && { bitsPerSecond: bitsPerSecond(rate) }),
    ...(queue !== undefined && { queue }),
  };
}

/** `100Mbit`. */
function bitsPerSecond(rate: string): number {
  const factors: Readonly<Record<string, number>> = { k: 1e3, M: 1e6, G: 1e9 };
  return Math.round(Number.parseFloat(rate) * (factors[rate.at(-4) ?? ''] ?? 1));
}
