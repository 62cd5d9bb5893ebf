import { prefixTest } from '../../network/address.ts';
import type { Packet } from '../../network/packet.ts';
import type { Device } from '../ip/device.ts';
import type { Test } from './context.ts';
import type { Rule } from './rule.ts';

/** The conditions of a rule in the order in which the kernel asks them: what the header says, then each match. */
export function testsOf({ destination, source, fragment, protocol, input, output, matches }: Rule): readonly Test[] {
  const tests: Test[] = [];
  if (destination) {
    const within = prefixTest(destination.value);
    tests.push(({ packet }) => within(packet.destination) !== destination.not);
  }
  if (source) {
    const within = prefixTest(source.value);
    tests.push(({ packet }) => within(packet.source) !== source.not);
  }
  // What is cut was put together before.
  if (fragment) tests.push(() => fragment.not);
  if (input) tests.push((buffer) => deviceMatches(buffer.input, input.value) !== input.not);
  if (output) tests.push((buffer) => deviceMatches(buffer.output, output.value) !== output.not);
  if (protocol) tests.push(({ packet }) => (numberOf(packet) === protocol.value) !== protocol.not);
  for (const match of matches) if (match.test !== undefined) tests.push(match.test());
  return tests;
}

/** The protocol's number in the IP header. */
export function numberOf({ protocol, source }: Packet): number {
  if (protocol === 'udp') return 17;
  if (protocol === 'tcp') return 6;
  return typeof source === 'number' ? 1 : 58;
}

function deviceMatches(device: Device | undefined, wanted: string): boolean {
  const name = device?.name ?? '';
  return wanted.endsWith('+') ? name.startsWith(wanted.slice(0, -1)) : name === wanted;
}
