/** Public resolvers whose certificates hold their addresses, by the name that belongs to them. */
export const publicNames: Readonly<Record<string, string>> = {
  '1.1.1.1': 'cloudflare-dns.com',
  '1.0.0.1': 'cloudflare-dns.com',
  '8.8.8.8': 'dns.google',
  '8.8.4.4': 'dns.google',
  '9.9.9.9': 'dns.quad9.net',
  '149.112.112.112': 'dns.quad9.net',
};
