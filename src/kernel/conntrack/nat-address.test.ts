import { expect, it } from 'vitest';
import { parseAddress } from '../../network/address.ts';
import { chooseAddress } from './nat-address.ts';

const address = (text: string) => parseAddress(text) ?? 0;

// What Linux 6.18 made of SNAT and DNAT alike to 10.9.0.1-10.9.0.50: the last octet, without and with --persistent.
it.each([
  ['10.7.0.1', '10.7.0.200', 22, 38],
  ['10.7.0.1', '10.7.0.201', 42, 38],
  ['10.7.0.2', '10.7.0.200', 18, 16],
  ['10.7.0.2', '10.7.0.201', 34, 16],
  ['10.7.0.3', '10.7.0.200', 36, 41],
  ['10.7.0.3', '10.7.0.201', 34, 41],
  ['10.8.200.7', '10.7.0.200', 2, 2],
  ['10.8.200.7', '10.7.0.201', 11, 2],
])('from %s to %s: 10.9.0.%i, persistent 10.9.0.%i', (source, destination, plain, persistent) => {
  const flow = { source: address(source), destination: address(destination) };
  expect([false, true].map((stays) => 1 + chooseAddress(flow, stays)(50))).toEqual([plain, persistent]);
});
