import { expect, test } from 'vitest';
import { served } from '../../testing/served.ts';

// corefile-local-names
test.each([
  ['1.8.6', 'LocalHost.', 'MX', 'NOERROR', ['LocalHost. 604800 IN SOA localhost. root.localhost. 1 0 0 0 604800']],
  [
    '1.8.6',
    'localhost.a.test.',
    'MX',
    'NOERROR',
    ['localhost.a.test. 604800 IN SOA localhost. root.localhost. 1 0 0 0 604800'],
  ],
  ['1.8.6', 'A.Localhost.', 'A', 'NXDOMAIN', ['Localhost. 604800 IN SOA localhost. root.localhost. 1 0 0 0 604800']],
  ['1.15.0', 'A.Localhost.', 'A', 'NOERROR', []],
  [
    '1.8.6',
    '1.0.0.127.in-addr.arpa.',
    'A',
    'NOERROR',
    ['127.in-addr.arpa. 604800 IN SOA localhost. root.localhost. 1 0 0 0 604800'],
  ],
])('%s: %s %s', (release, name, type, rcode, authority) => {
  expect(served('. {\n local\n}', { release }).ask(name, type)).toMatchObject({ rcode, authority });
});
