/** What CoreDNS takes out of a file like resolv.conf: words as they are, comments too (`ClientConfigFromReader` of miekg/dns). */
export function readResolvConf(text: string): {
  readonly servers: readonly string[];
  readonly search: readonly string[];
} {
  const servers: string[] = [];
  let search: readonly string[] = [];
  for (const line of text.split('\n')) {
    const [keyword, ...rest] = line.trim().split(/\s+/);
    if (keyword === 'nameserver') servers.push(...rest.slice(0, 1));
    else if (keyword === 'domain') search = rest.slice(0, 1);
    else if (keyword === 'search') search = rest;
  }
  return { servers, search };
}
