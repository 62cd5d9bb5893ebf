import type { Files } from '../../coredns/plugin.ts';
import { readTo } from '../../coredns/plugins/forward/to.ts';
import { findRelease } from '../../coredns/releases.ts';
import { parseAddress } from '../../network/address.ts';
import { goJson } from './go-json.ts';
import type { NodeCacheRelease } from './releases.ts';

/** What the kube-dns ConfigMap says. */
export interface KubeDnsConfig {
  /** By domain, the servers as written. */
  readonly stubDomains: ReadonlyMap<string, readonly string[]>;
  readonly upstreamNameservers: readonly string[];
}

export const emptyConfig: KubeDnsConfig = { stubDomains: new Map(), upstreamNameservers: [] };

/** Reads the ConfigMap's keys (pkg/dns/config of kubernetes/dns), or tells why the whole of it is passed over. */
export function readKubeDnsConfig(data: ReadonlyMap<string, string>): KubeDnsConfig | { readonly error: string } {
  const stubs = goJson(data.get('stubDomains') ?? 'null', 'map[string][]string');
  if ('error' in stubs) return stubs;
  const upstream = goJson(data.get('upstreamNameservers') ?? 'null', '[]string');
  if ('error' in upstream) return upstream;
  const stubDomains = new Map(Object.entries(stubs.value));
  const error = wrongStubDomain(stubDomains) ?? wrongNameserver(upstream.value);
  return error === undefined ? { stubDomains, upstreamNameservers: upstream.value } : { error };
}

function wrongStubDomain(stubDomains: KubeDnsConfig['stubDomains']): string | undefined {
  for (const [domain, servers] of stubDomains) {
    if (!isSubdomain(domain)) return `invalid domain name: ${JSON.stringify(domain)}`;
    for (const server of servers) {
      const split = splitHostPort(server);
      const { host, port } = 'error' in split ? { host: server, port: '' } : split;
      const badPort = port !== '' && !(/^\d+$/.test(port) && Number(port) < 65_536);
      if (badPort || (parseAddress(host) === undefined && !isSubdomain(server)))
        return `invalid nameserver: ${JSON.stringify(server)}`;
    }
  }
  return undefined;
}

function wrongNameserver(servers: readonly string[]): string | undefined {
  if (servers.length > 3) return 'upstreamNameserver cannot have more than three entries';
  for (const server of servers) {
    if (parseAddress(server) !== undefined) continue;
    const split = splitHostPort(server);
    if ('error' in split) return split.error;
    if (parseAddress(split.host) === undefined) return `bad IP address: ${JSON.stringify(split.host)}`;
    if (!/^[+-]?\d+$/.test(split.port) || Number(split.port) < 1 || Number(split.port) > 65_535)
      return `bad port number: ${JSON.stringify(split.port)}`;
  }
  return undefined;
}

/** `net.SplitHostPort`, without IPv6. */
function splitHostPort(text: string): { readonly host: string; readonly port: string } | { readonly error: string } {
  const parts = text.split(':');
  const [host = '', port] = parts;
  if (port === undefined) return { error: `address ${text}: missing port in address` };
  return parts.length > 2 ? { error: `address ${text}: too many colons in address` } : { host, port };
}

/** RFC 1123, as Kubernetes takes names of that kind. */
function isSubdomain(text: string): boolean {
  return text.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text);
}

/** Why `forward` would not take these servers; undefined where it would, or where the release does not look. */
export function invalidServers(config: KubeDnsConfig, files: Files, release: NodeCacheRelease): string | undefined {
  const coredns = findRelease(release.coredns)?.name;
  if (!release.validatesServers || coredns === undefined) return undefined;
  const refusal = (servers: readonly string[]) => {
    const read = servers.length === 0 ? [] : readTo(servers, files, coredns);
    return typeof read === 'string' ? read : undefined;
  };
  for (const [domain, servers] of config.stubDomains) {
    const why = refusal(servers);
    if (why !== undefined) return `invalid nameservers [${servers.join(' ')}] for the stub domain ${domain}: ${why}`;
  }
  const why = refusal(config.upstreamNameservers);
  if (why === undefined) return undefined;
  return `invalid upstream nameservers [${config.upstreamNameservers.join(' ')}]: ${why}`;
}
