import type { TakeOctets } from './octets.ts';

/** A file of a report. `name` has no folder in it. */
export interface ReportFile {
  readonly name: string;
  readonly content: Content;
}

/** All of it, or, where that is much, what makes it piece by piece, as often as it is asked. */
export type Content = string | ((take: TakeOctets) => void);

/** Names of all files that a report may have: what an earlier report left under these names is ours. */
export const reportFileNames = [
  'report.html',
  'summary.json',
  'timeline.csv',
  'events.jsonl',
  'conntrack.txt',
  'ipvs.txt',
  'commands.txt',
  'kernel.log',
  'iptables-save.txt',
  'tcpdump.txt',
  'coredns.log',
  'coredns-metrics.txt',
  'lookups.svg',
  'lookups.vl.json',
  'journey.svg',
  'journey.vl.json',
  'clients.svg',
  'clients.vl.json',
  'flows.svg',
  'flows.vl.json',
  'upstream.svg',
  'upstream.vl.json',
] as const;
