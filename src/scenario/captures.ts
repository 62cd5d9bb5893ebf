/** What a report can show as the tools on the nodes print it. */
export const captureNames = ['conntrack', 'iptables', 'tcpdump', 'coredns-log', 'coredns-metrics'] as const;

export type CaptureName = (typeof captureNames)[number];

export function isCaptureName(word: string): word is CaptureName {
  return captureNames.some((name) => name === word);
}
