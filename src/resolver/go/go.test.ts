import { expect, test } from 'vitest';
import { leavesToLibc } from './go.ts';

const go = (resolvConf: string, nsswitch?: string) =>
  leavesToLibc({
    kind: 'go',
    release: '1.22',
    resolvConf: { file: 'resolv.conf', text: resolvConf },
    ...(nsswitch !== undefined && { nsswitch }),
  });

// Facts, resolvers 3; net/conf.go.
test.each([
  ['nameserver 10.0.0.1\noptions ndots:5 single-request\n', undefined, false],
  ['nameserver 10.0.0.1\noptions no-aaaa\n', undefined, true],
  ['nameserver 10.0.0.1\nsortlist 10.0.0.0\n', undefined, true],
  ['nameserver 10.0.0.1\n', 'hosts: files dns [!UNAVAIL=return]\n', true],
  ['nameserver 10.0.0.1\n', 'hosts: files mdns4_minimal dns\n', true],
  ['nameserver 10.0.0.1\n', 'hosts: dns files\n', false],
])('a program with cgo leaves lookups to libc: %j %j %s', (resolvConf, nsswitch, leaves) => {
  expect(go(resolvConf, nsswitch)).toBe(leaves);
});

// net/dnsconfig_unix.go of Go 1.19.8 (recording go119-n06-edns0-trust-ad): words that it does not know are libc's.
test('Go 1.19 knows neither trust-ad nor edns0', () => {
  const text = 'nameserver 10.0.0.1\noptions trust-ad edns0\n';
  const leaves = (release: string) => leavesToLibc({ kind: 'go', release, resolvConf: { file: 'resolv.conf', text } });
  expect(['1.19.8', '1.22'].map(leaves)).toEqual([true, false]);
});
