import type { RandomStream } from '../../engine/random.ts';
import type { Micros } from '../../engine/time.ts';
import type { Address } from '../../network/packet.ts';
import type { Connection } from '../conntrack/connection.ts';
import type { Device } from '../ip/device.ts';
import type { SocketBuffer } from '../ip/socket-buffer.ts';
import type { IpSets } from '../ipset/sets.ts';
import type { RecentLists } from './recent-lists.ts';

/** What `-m addrtype` tells addresses apart by (rtnetlink's kinds of routes), in the order in which they are printed. */
export const addressTypes = [
  'UNSPEC',
  'UNICAST',
  'LOCAL',
  'BROADCAST',
  'ANYCAST',
  'MULTICAST',
  'BLACKHOLE',
  'UNREACHABLE',
  'PROHIBIT',
  'THROW',
  'NAT',
  'XRESOLVE',
] as const;
export type AddressType = (typeof addressTypes)[number];

/** What rules ask of the host that they stand on. */
export interface RuleContext {
  readonly now: () => Micros;
  /** With a device: an address of another one of this host's is no local one. */
  readonly addressType: (address: Address, device?: Device) => AddressType;
  /** The device by which packets to an address leave. */
  readonly deviceTowards: (address: Address) => Device | undefined;
  /** Draws of `-m statistic --mode random` for packets from an address: another client does not shift them. */
  readonly draws: (source: Address) => RandomStream;
  /** Of `-m recent`. */
  readonly recent: RecentLists;
  /** Of `-m set`. */
  readonly sets: IpSets;
  /** Writes a line of the kernel's log about a packet. */
  readonly log: (buffer: SocketBuffer, prefix: string) => void;
  /** Writes back what a target changed of a connection. */
  readonly store: (connection: Connection) => void;
}

/** One condition of a rule. */
export type Test = (buffer: SocketBuffer, context: RuleContext) => boolean;

/** Makes a test with a memory of its own. */
export type TestMaker = () => Test;

/** For a test that remembers nothing. */
export function always(test: Test): TestMaker {
  return () => test;
}
