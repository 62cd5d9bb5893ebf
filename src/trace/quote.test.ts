import { expect, it } from 'vitest';
import { SmallTrace, smallWorld } from '../../test/support/small-trace.ts';
import type { World } from '../cluster/world.ts';
import { coreDnsLife } from '../coredns/records.ts';
import { second } from '../engine/time.ts';
import { quoteFrom } from './quote.ts';

const edited = '.:53 {\n  cache 5 # short\n}\n';
const world: World = {
  ...smallWorld,
  events: [{ at: 10 * second, label: '', kind: 'write-corefile', process: 'coredns-1', text: edited }],
};

it.each([
  ['the line without the brace that opens a block', 'coredns-1', 'Corefile:3', 5, 'cache 30'],
  ['the old file until it is read again', 'coredns-1', 'Corefile:3', 30, 'cache 30'],
  ['the new file from then on, without its comment', 'coredns-1', 'Corefile:2', 50, 'cache 5'],
  ['the file of the process that was not touched', 'coredns-2', 'Corefile:3', 50, 'cache 30'],
  ['nothing of another file', 'coredns-1', 'imported.conf:3', 5, ''],
  ['nothing beyond the end', 'coredns-1', 'Corefile:99', 5, ''],
])('quotes %s', (_, process, place, at, line) => {
  const trace = new SmallTrace();
  trace.now = 40 * second;
  trace.recorder.write(coreDnsLife, 'coredns-1', 0, 'reloaded', { text: '' });
  expect(quoteFrom(world, trace.store)(process, place, at * second)).toBe(line);
});
