import { expect, test } from 'vitest';
import { lookInHosts, parseHosts } from './hosts-file.ts';

const hosts = parseHosts(
  '127.0.0.1 localhost\n::1 localhost ip6-localhost # loopback\n# 10.0.0.9 gone\n10.0.0.1 Db.example.com db\n10.0.0.2 db\nnonsense db\n',
);

test.each([
  ['localhost', 'any', ['127.0.0.1', '::1']],
  ['localhost', 'ipv4', ['127.0.0.1']],
  ['localhost', 'ipv6', ['::1']],
  ['db', 'any', ['10.0.0.1', '10.0.0.2']],
  ['DB.EXAMPLE.COM', 'ipv4', ['10.0.0.1']],
  ['gone', 'any', []],
] as const)('%s for %s: %j', (name, family, addresses) => {
  expect(lookInHosts(hosts, name, family)).toEqual(addresses);
});
