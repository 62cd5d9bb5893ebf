import { expect, test } from 'vitest';
import { literalOf } from './literal.ts';
import type { Family } from './lookup.ts';
import { libcServer, plainServer } from './server-address.ts';

// path-literals: glibc 2.36 and musl 1.2.3 read what inet_aton takes, Go what netip takes
test.each<[string, Family, string | undefined, string | undefined]>([
  ['10.1.2.3', 'any', '10.1.2.3', '10.1.2.3'],
  ['1.2.3', 'any', '1.2.0.3', undefined],
  ['0x7f.1', 'ipv4', '127.0.0.1', undefined],
  ['0', 'any', '0.0.0.0', undefined],
  ['08.1', 'any', undefined, undefined],
  ['256.1.1.1', 'any', undefined, undefined],
  ['1.2.3.4.', 'any', undefined, undefined],
  ['::1', 'any', '::1', '::1'],
  ['::1', 'ipv4', 'other-family', 'other-family'],
  ['10.1.2.3', 'ipv6', 'other-family', 'other-family'],
  ['fe80::1%eth0', 'any', 'fe80::1', 'fe80::1'],
  ['::ffff:10.0.0.1', 'any', '::ffff:10.0.0.1', '10.0.0.1'],
  ['::ffff:10.0.0.1', 'ipv4', '10.0.0.1', '10.0.0.1'],
  ['face.example.org', 'any', undefined, undefined],
])('%s for %s', (name, family, libc, go) => {
  const said = (found: ReturnType<typeof literalOf>) => (typeof found === 'object' ? found.address : found);
  expect(said(literalOf(name, family, libcServer, ['ipv4']))).toBe(libc);
  expect(said(literalOf(name, family, plainServer, ['any', 'ipv4', 'ipv6']))).toBe(go);
});
