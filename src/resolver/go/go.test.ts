import fc from 'fast-check';
import { expect, test } from 'vitest';
import { filesThenDns } from '../nsswitch.ts';
import { goRelease } from '../releases.ts';
import { hasUnknownWords } from './go.ts';
import { goOrder, leavesToLibc } from './lookup-order.ts';

const words = (text: string, release: string) => hasUnknownWords({ file: 'resolv.conf', text }, goRelease(release));

// net/dnsconfig_unix.go; Go 1.19.8 knows neither trust-ad nor edns0 (recording go119-n06-edns0-trust-ad).
test.each([
  ['options ndots:5 single-request\n', '1.22', false],
  ['options no-aaaa\n', '1.22', true],
  ['sortlist 10.0.0.0\n', '1.22', true],
  ['options trust-ad edns0\n', '1.22', false],
  ['options trust-ad edns0\n', '1.19.8', true],
])('%j has words that Go %s leaves to libc: %s', (text, release, unknown) => {
  expect(words(`nameserver 10.0.0.1\n${text}`, release)).toBe(unknown);
});

// Go 1.22.10 and 1.26.8 built with cgo, told apart by the EDNS that glibc does not send.
test.each([
  ['host.example.com', filesThenDns, '1.26', false],
  ['host.example.com', 'hosts: files dns [!UNAVAIL=return]\n', '1.26', true],
  ['host.example.com', 'hosts: dns [NOTFOUND=return] files\n', '1.26', false],
  ['host.example.com', 'hosts: files mdns4_minimal [NOTFOUND=return] dns\n', '1.26', false],
  ['host.example.com', 'hosts: dns db files\n', '1.26', true],
  ['host.example.com', 'hosts: dns\tfiles\n', '1.26', true],
  ['host.example.com', 'nonsense\nhosts: dns files\n', '1.26', true],
  ['host.example.com', 'hosts: files dns myhostname\n', '1.26', false],
  ['localhost', 'hosts: files dns myhostname\n', '1.26', true],
  ['web.app.svc.cluster.local', filesThenDns, '1.22', true],
  ['web.app.svc.cluster.local.', filesThenDns, '1.22', true],
  ['web.app.svc.cluster.local', filesThenDns, '1.26', false],
  ['web.app.svc.cluster.local', 'hosts: files mdns4 dns\n', '1.26', true],
])('%s with %j: Go %s with cgo leaves it to libc: %s', (name, nsswitch, release, leaves) => {
  expect(leavesToLibc(name, nsswitch, false, goRelease(release))).toBe(leaves);
});

// Recordings go119-k*, go121-k*, go127-k*.
test.each([
  ['resolve [!UNAVAIL=return] files', 'files dns', 'dns files'],
  ['resolve', 'files dns', 'dns'],
  ['mymachines resolve files myhostname dns', 'files dns', 'files dns'],
  ['dns myhostname files', 'dns files', 'dns files'],
  ['mdns4 dns', 'dns', 'dns'],
  ['dns [SUCCESS=return] files', 'dns files', 'dns files'],
  ['dns [!UNAVAIL=return] files', 'files dns', 'dns files'],
  ['files\tdns', 'files dns', 'dns'],
  ['dns [NOTFOUND return] files', 'files dns', 'files dns'],
  ['files', 'files', 'files'],
])('hosts: %j is %j to Go 1.19, %j to 1.21', (line, old, young) => {
  const order = (release: string) => goOrder('db.example.com', `hosts: ${line}\n`, false, goRelease(release)).join(' ');
  expect([order('1.19.8'), order('1.21')]).toEqual([old, young]);
});

test('any nsswitch.conf is read', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('hosts', ':', ' ', '\t', '[', ']', '=', '!', '\n', 'dns', 'files', '#')),
      (parts) => {
        for (const release of ['1.19', '1.27'])
          expect(goOrder('x.y', parts.join(''), false, goRelease(release)).length).toBeGreaterThan(0);
      },
    ),
    { seed: 8 },
  );
});
