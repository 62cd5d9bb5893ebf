import { ArtefactReader, unpackCorefile } from './artefacts.ts';
import type { YamlDocument } from './document.ts';
import type { Files } from './files.ts';
import type { ScenarioFile } from './schema/scenario.ts';

/**
 * A scenario in which NodeLocal DNSCache listens where its Corefile binds, unless it says otherwise: of the DaemonSet's
 * `-localip` operators seldom have more at hand. Only where all of them may be such addresses: kube-dns's ClusterIP, and
 * those that are valid on one link alone. What is wrong with the file is told when it is read for good.
 */
export function withBoundAddresses(file: ScenarioFile, document: YamlDocument, files: Files): ScenarioFile {
  const { nodeLocalDNS, coredns } = file.cluster;
  if (nodeLocalDNS?.corefile === undefined || nodeLocalDNS.addresses !== undefined) return file;
  const text = new ArtefactReader(document, files, [], new Map()).read(['cluster', 'nodeLocalDNS', 'corefile']);
  const corefile = text === undefined ? undefined : unpackCorefile(text, [])?.corefile.source.text;
  const addresses = [...new Set(boundIn(corefile ?? ''))];
  const mayBe = (text: string) => text === coredns.serviceIP || isOfLink(text);
  if (!addresses.every(mayBe) || !addresses.some(isOfLink)) return file;
  return { ...file, cluster: { ...file.cluster, nodeLocalDNS: { ...nodeLocalDNS, addresses } } };
}

/** What a Corefile binds, as written. */
export function boundIn(corefile: string): string[] {
  return [...corefile.matchAll(/^[ \t]*bind[ \t]+([^#\n{]+)/gm)].flatMap(([, words = '']) => words.trim().split(/\s+/));
}

/** Valid on one link alone: 169.254.0.0/16. */
export function isOfLink(text: string): boolean {
  return /^169\.254\.\d+\.\d+$/.test(text);
}
