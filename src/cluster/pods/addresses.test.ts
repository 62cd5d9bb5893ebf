import { expect, test } from 'vitest';
import { freeAddress, nodeRanges } from './addresses.ts';

test.each([
  ['10.244.0.0/16', 3, ['10.244.0.0/24', '10.244.1.0/24', '10.244.2.0/24']],
  // Four networks in a /24.
  ['10.42.7.0/24', 3, ['10.42.7.0/26', '10.42.7.64/26', '10.42.7.128/26']],
  ['fd00:10:244::/56', 2, ['fd00:10:244::/64', 'fd00:10:244:1::/64']],
])('%s for %d nodes', (cidr, nodes, ranges) => {
  expect(nodeRanges(cidr, nodes)).toEqual(ranges);
});

test('the next free address, round and round; .0, .1 and the last stay free', () => {
  const taken = new Set(['10.244.0.2', '10.244.0.254']);
  const free = (from: number) => freeAddress('10.244.0.0/24', from, (address) => taken.has(address))?.address;
  expect([free(0), free(252), free(253)]).toEqual(['10.244.0.3', '10.244.0.3', '10.244.0.3']);
  expect(freeAddress('10.244.0.0/30', 0, () => true)).toBeUndefined();
});
