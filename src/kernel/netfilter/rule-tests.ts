import { addressBits, formatPrefix, ipv4Mask, type Prefix, prefixTest } from '../../network/address.ts';
import type { Packet } from '../../network/packet.ts';
import type { Device } from '../ip/device.ts';
import type { SocketBuffer } from '../ip/socket-buffer.ts';
import type { RuleContext, Test } from './context.ts';
import type { Negatable, Rule } from './rule.ts';

/** What a rule asks of a packet: first, and without a call, whether its IPv4 addresses are in a network, as most are not. */
export interface RuleTests {
  readonly destinationMask: number;
  readonly destination: number;
  readonly sourceMask: number;
  readonly source: number;
  readonly others: readonly Test[];
}

/** By rule: hosts whose rules are the same share them, so that fewer are closer at hand. */
const ofRules = new WeakMap<Rule, RuleTests>();

/** Those of `testsOf`, made once where none of them remembers what came before. */
export function sharedTestsOf(rule: Rule): RuleTests {
  if (rule.matches.some(({ leavesTraces }) => leavesTraces === true)) return testsOf(rule);
  let tests = ofRules.get(rule);
  if (tests === undefined) {
    tests = testsOf(rule);
    ofRules.set(rule, tests);
  }
  return tests;
}

/** The conditions of a rule in the order in which the kernel asks them: what the header says, then each match. */
function testsOf({ destination, source, fragment, protocol, input, output, matches }: Rule): RuleTests {
  const [to, from] = [networkIn(destination), networkIn(source)];
  const tests: Test[] = [];
  if (destination && to === undefined) tests.push(addressTest('destination', destination));
  if (source && from === undefined) tests.push(addressTest('source', source));
  // What is cut was put together before.
  if (fragment) tests.push(() => fragment.not);
  if (input) tests.push((buffer) => deviceMatches(buffer.input, input.value) !== input.not);
  if (output) tests.push((buffer) => deviceMatches(buffer.output, output.value) !== output.not);
  if (protocol) tests.push(protocolTest(protocol));
  for (const match of matches) if (match.test !== undefined) tests.push(match.test());
  return {
    destinationMask: to?.mask ?? 0,
    destination: to?.network ?? 0,
    sourceMask: from?.mask ?? 0,
    source: from?.network ?? 0,
    others: tests,
  };
}

/** The IPv4 network in which an address has to be; undefined: something else is asked of it. */
function networkIn(
  asked: Negatable<Prefix> | undefined,
): { readonly mask: number; readonly network: number } | undefined {
  if (asked === undefined || asked.not || typeof asked.value.address === 'bigint') return undefined;
  const mask = ipv4Mask(asked.value.length);
  return { mask, network: asked.value.address & mask };
}

/** Does the packet pass what is asked of it? A rule for IPv6 says nothing of IPv4's networks. */
export function passes(tests: RuleTests, buffer: SocketBuffer, context: RuleContext): boolean {
  const { source, destination } = buffer.packet;
  if (typeof destination === 'number' && (destination & tests.destinationMask) !== tests.destination) return false;
  if (typeof source === 'number' && (source & tests.sourceMask) !== tests.source) return false;
  for (const test of tests.others) if (!test(buffer, context)) return false;
  return true;
}

/** Tests that many rules have in common, by what they ask: fewer of them stay closer at hand. */
const shared = new Map<string, Test>();
const mostShared = 10_000;

export function sharedTest(key: string, make: () => Test): Test {
  const known = shared.get(key);
  if (known !== undefined) return known;
  const test = make();
  if (shared.size < mostShared) shared.set(key, test);
  return test;
}

function addressTest(side: 'source' | 'destination', { not, value }: Negatable<Prefix>): Test {
  const make = (): Test => {
    const within = prefixTest(value);
    return side === 'source'
      ? ({ packet }) => within(packet.source) !== not
      : ({ packet }) => within(packet.destination) !== not;
  };
  const isOneHost = value.length === addressBits(value.address);
  return isOneHost ? make() : sharedTest(`${side} ${not} ${formatPrefix(value)}`, make);
}

function protocolTest({ not, value }: Negatable<number>): Test {
  return sharedTest(
    `protocol ${not} ${value}`,
    () =>
      ({ packet }) =>
        (numberOf(packet) === value) !== not,
  );
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
