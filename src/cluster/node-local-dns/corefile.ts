import type { KubeDnsConfig } from './kube-dns-config.ts';
import type { NodeCacheRelease } from './releases.ts';

/** What takes the place of the placeholders in the base Corefile. */
export interface Replacements {
  readonly localAddresses: readonly string[];
  readonly port: string;
  /** ClusterIP of the upstream Service; undefined: the environment does not know it. */
  readonly clusterDns: string | undefined;
}

const upstreamServers = '__PILLAR__UPSTREAM__SERVERS__';
/** Only in exactly this layout is a block known as one over TCP. */
const overTcp = `\n    forward . ${upstreamServers} {\n            force_tcp\n    }\n`;
const overUdp = `\n    forward . ${upstreamServers}\n`;
const ownResolvConf = '/etc/resolv.conf';
const stubCacheSeconds = 30;

/** A Corefile made of the base Corefile, and what is said about it. */
export interface FilledCorefile {
  readonly text: string;
  /** Whom other names are asked of, as the log says it. */
  readonly upstream: string;
  readonly warnings: readonly string[];
}

/**
 * Fills the base Corefile (cmd/node-cache/app/configmap.go): own upstream servers instead of resolv.conf, then without
 * force_tcp where the layout is known; a block for each stub domain behind it.
 */
export function fillCorefile(
  base: string,
  config: KubeDnsConfig,
  { localAddresses, port, clusterDns }: Replacements,
  release: NodeCacheRelease,
): FilledCorefile {
  const own = config.upstreamNameservers.join(' ');
  const upstream = own === '' ? ownResolvConf : own;
  const shorter = own === '' ? base : base.replaceAll(overTcp, overUdp.replace(upstreamServers, own));
  const warns = own !== '' && shorter.includes(upstreamServers);
  const addresses = localAddresses.join(' ');
  const filled = shorter
    .replaceAll(upstreamServers, upstream)
    .replaceAll('__PILLAR__CLUSTER__DNS__', clusterDns ?? '<nil>')
    .replaceAll('__PILLAR__LOCAL__DNS__', addresses)
    .replaceAll('__PILLAR__DNS__SERVER__', release.watchesBaseCorefile ? '' : '__PILLAR__DNS__SERVER__');
  const stubs = [...config.stubDomains].map(([domain, servers]) =>
    [
      '',
      `${domain}:${port} {`,
      '    errors',
      `    cache ${stubCacheSeconds}`,
      `    bind ${addresses}`,
      `    forward . ${servers.join(' ')}`,
      '}',
      '',
    ].join('\n'),
  );
  return {
    text: filled + stubs.join(''),
    upstream,
    warnings: warns ? ['Did not find TCP upstream block to replace, assuming upstreams already use UDP.'] : [],
  };
}

/**
 * The Corefile of the addon's manifest (kubernetes/kubernetes, cluster/addons/dns/nodelocaldns). With a cluster domain
 * in place of __PILLAR__DNS__DOMAIN__, which is filled when the manifest is applied.
 */
export function stockCorefile(domain: string, release: NodeCacheRelease): string {
  const bind = `bind __PILLAR__LOCAL__DNS__${release.watchesBaseCorefile ? ' __PILLAR__DNS__SERVER__' : ''}`;
  const block = (zone: string, cache: readonly string[], forward: readonly string[], more: readonly string[] = []) =>
    [
      `${zone}:53 {`,
      ...['errors', ...cache, 'reload', 'loop', bind, ...forward, 'prometheus :9253', ...more].map((l) => `    ${l}`),
      '    }',
    ].join('\n');
  const toCluster = ['forward . __PILLAR__CLUSTER__DNS__ {', '        force_tcp', '}'];
  const clusterCache = ['cache {', '        success 9984 30', '        denial 9984 5', '}'];
  return [
    block(domain, clusterCache, toCluster, ['health __PILLAR__LOCAL__DNS__:8080']),
    block('in-addr.arpa', ['cache 30'], toCluster),
    block('ip6.arpa', ['cache 30'], toCluster),
    block('.', ['cache 30'], [`forward . ${upstreamServers}`]),
    '',
  ].join('\n');
}
