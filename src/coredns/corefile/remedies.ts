import { nearestWord } from '../../problem/suggestion.ts';

const remedies: readonly (readonly [pattern: RegExp, remedy: string])[] = [
  [/can only be used once/, 'make one line of the two'],
  [/already defined|overlap/, 'put the plugins of both into one block'],
  [/missing unit in duration/, 'write a unit: 5s'],
  [/__PILLAR__/, 'this is filled in by NodeLocal DNSCache: check the file that it has written'],
  [/not an IP address|invalid address/, 'write an address such as 192.0.2.53, or the path of a file like resolv.conf'],
  [/expecting '\}'|Unexpected EOF/, 'close the block: a lone } on a line of its own'],
  [/no matching opening brace/, 'put the } on a line of its own'],
  [/zone is not a valid domain name/, 'put a blank between the key and {'],
  [/File to import not found/, 'declare a snippet before its use; paths are relative to this file'],
];

/** The words that a plugin takes inside its braces, in some release. */
const properties: Readonly<Record<string, readonly string[]>> = {
  cache: ['success', 'denial', 'prefetch', 'serve_stale', 'serve_stale_policy', 'servfail', 'disable', 'keepttl'],
  forward: [
    ...['except', 'force_tcp', 'prefer_udp', 'max_fails', 'expire', 'max_idle_conns', 'max_age', 'read_timeout', 'tls'],
    ...['tls_servername', 'policy', 'health_check', 'max_concurrent', 'max_connect_attempts', 'next', 'next_on_nodata'],
    ...['failover', 'failfast_all_unhealthy_upstreams', 'resolver'],
  ],
  health: ['lameduck'],
  hosts: ['ttl', 'no_reverse', 'reload', 'fallthrough'],
  kubernetes: [
    ...[
      'endpoint',
      'tls',
      'kubeconfig',
      'namespaces',
      'labels',
      'namespace_labels',
      'pods',
      'endpoint_pod_names',
      'ttl',
    ],
    ...['noendpoints', 'fallthrough', 'ignore', 'startup_timeout'],
  ],
  template: ['match', 'answer', 'additional', 'authority', 'rcode', 'ederror', 'fallthrough', 'upstream'],
};
const policies = ['random', 'round_robin', 'sequential'];

/** What to do about an error in CoreDNS's own words; empty: they say it all. */
export function remedyFor(message: string): string {
  return remedies.find(([pattern]) => pattern.test(message))?.[1] ?? probablyMeant(message);
}

/** `did you mean pods?` where an unknown word is near one that the plugin takes. */
function probablyMeant(message: string): string {
  const [, plugin = ''] = /^plugin\/([a-z]+): /.exec(message) ?? [];
  const [, property] = /(?:unknown property|line ending after) '([^']+)'$/.exec(message) ?? [];
  const [, policy] = /unknown policy '([^']+)'$/.exec(message) ?? [];
  const known = policy === undefined ? (properties[plugin] ?? []) : policies;
  const word = property ?? policy ?? '';
  const near = nearestWord(word, known);
  return near === undefined || near === word ? '' : `did you mean \`${near}\`?`;
}
