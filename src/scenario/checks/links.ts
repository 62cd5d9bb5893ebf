import { didYouMean } from '../../problem/suggestion.ts';
import type { Path } from '../document.ts';
import { linkEnds } from '../translate/links.ts';
import type { CheckContext } from './check.ts';

/** Links join hosts that exist and have a wire between them; an event changes one of these. */
export function checkLinks(context: CheckContext): void {
  const { document, file, problems } = context;
  for (const [name, link] of Object.entries(file.links)) {
    const path: Path = ['links', name];
    if (name !== 'default' && name !== 'pods') checkLink(context, name, document.keyAt(path));
    if (link.latency === undefined || link.latencies === undefined) continue;
    const hint = 'latencies are measured, latency is said: leave one of them out';
    problems.push({
      code: 'not-both',
      ...document.keyAt([...path, 'latencies']),
      message: 'stands beside latency',
      hint,
    });
  }
  for (const [i, { setLink }] of file.events.entries()) {
    if (setLink === undefined) continue;
    const path: Path = ['events', i, 'setLink', 'link'];
    if (document.get(path) === setLink.link) checkLink(context, setLink.link, document.valueAt(path));
  }
}

type Position = ReturnType<CheckContext['document']['valueAt']>;

function checkLink(context: CheckContext, name: string, position: Position): void {
  const { names, problems } = context;
  const outside = [...names.nodes, ...names.servers];
  const inside = [...names.podHosts, ...corednsHosts(context)];
  const at = (code: string, message: string, hint: string) => problems.push({ code, ...position, message, hint });
  const ends = linkEnds(name);
  if (ends === undefined) {
    at(
      'bad-link',
      `"${name}" is not a link`,
      'write default, pods, or two names as node-1..vpc-dns or node-1->vpc-dns',
    );
    return;
  }
  const unknown = [ends.from, ends.to].find((end) => !outside.includes(end) && !inside.includes(end));
  if (unknown !== undefined) {
    const hint = didYouMean(unknown, [...outside, ...inside], 'there are');
    at('unknown-host', `there is no node, server or pod "${unknown}"`, hint);
  } else if (!isLink([ends.from, ends.to], outside, context)) {
    const hint = 'a link joins two of the nodes and servers, or a pod and its node';
    at('bad-link', `${ends.from} and ${ends.to} have no link of their own`, hint);
  }
}

/** CoreDNS pods with a network of their own. */
export function corednsHosts({ file, names }: CheckContext): readonly string[] {
  return file.cluster.coredns.hostNetwork ? [] : names.coredns;
}

function isLink([a, b]: readonly [string, string], outside: readonly string[], { file }: CheckContext): boolean {
  if (outside.includes(a) && outside.includes(b)) return a !== b;
  const [pod, node] = outside.includes(b) ? [a, b] : [b, a];
  const home = file.pods[pod]?.node;
  return outside.includes(node) && (home === undefined || home === node);
}
