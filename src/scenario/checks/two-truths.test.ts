import { expect, test } from 'vitest';
import { disk } from '../../cli/disk.ts';
import { loadScenario } from '../load.ts';

const soa = '@ 60 IN SOA ns.example.com. root.example.com. 1 3600 600 86400 60\\n';
/** What is remarked on of a second server for example.com. */
function remarksOn(records: string, more = ''): string[] {
  const server = `{ role: authoritative, address: 192.168.1.77, zones: { example.com: "${soa}${records}\\n" }${more} }`;
  const changes = [{ kind: 'settings' as const, file: '--set', lines: [`servers.old-dns=${server}`] }];
  const { remarks } = loadScenario('scenarios/a-record-failover', disk, { changes });
  return remarks.filter(({ code }) => code === 'two-truths').map(({ message }) => message);
}

test('two servers with other addresses for one name, and nobody says whose are old', () => {
  expect(remarksOn('redis 60 IN A 10.9.9.9')).toEqual([
    'redis.example.com has other addresses at old-dns than at corp-dns, and both count as right: `outdated: true` at one of them says that its are old',
  ]);
});

test.each([
  ['the same addresses', 'redis 60 IN A 10.0.0.1', ''],
  ['another name', 'other 60 IN A 10.9.9.9', ''],
  ['somebody says so', 'redis 60 IN A 10.9.9.9', ', outdated: true'],
])('%s: nothing', (_, records, more) => {
  expect(remarksOn(records, more)).toEqual([]);
});
