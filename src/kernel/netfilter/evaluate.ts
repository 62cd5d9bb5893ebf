import { copyOf } from '../../network/packet.ts';
import { ipLength } from '../../network/size.ts';
import type { SocketBuffer } from '../ip/socket-buffer.ts';
import type { Chain, PlacedRule } from './chain.ts';
import type { RuleContext } from './context.ts';
import type { Target } from './rule.ts';
import { passes } from './rule-tests.ts';
import type { Table } from './tables.ts';

/** A target that ends the walk through a table. */
export type Final = Exclude<Target, Passing | { kind: 'jump' | 'goto' | 'RETURN' }>;

/** Targets after which the walk goes on. */
type Passing = Extract<
  Target,
  { kind: 'MARK' | 'CONNMARK' | 'NOTRACK' | 'LOG' | 'TCPMSS' | 'NFLOG' | 'TRACE' | 'CHECKSUM' }
>;

/** Where a walk ended. */
export interface Decision {
  readonly target: Final;
  /** Undefined: the policy. */
  readonly placed: PlacedRule | undefined;
  readonly chain: string;
}

/** Walks a built-in chain of a table. Undefined: nothing but ACCEPT as policy was met. */
export function walk(table: Table, chain: Chain, buffer: SocketBuffer, context: RuleContext): Decision | undefined {
  const octets = ipLength(buffer.packet);
  const decision = walkChain(table, chain, buffer, context, octets);
  if (decision !== undefined) return decision;
  chain.packets++;
  chain.bytes += octets;
  return chain.policy === 'DROP' ? { target: { kind: 'DROP' }, placed: undefined, chain: chain.name } : undefined;
}

function walkChain(
  table: Table,
  chain: Chain,
  buffer: SocketBuffer,
  context: RuleContext,
  octets: number,
): Decision | undefined {
  for (const placed of chain.rulesFor(buffer.packet)) {
    if (!passes(placed.tests, buffer, context)) continue;
    placed.count(octets);
    const { target } = placed;
    if (target === undefined) continue;
    switch (target.kind) {
      case 'jump':
      case 'goto': {
        const next = placed.chainIn(table, target.chain);
        const decision = next && walkChain(table, next, buffer, context, octets);
        if (decision !== undefined || target.kind === 'goto') return decision;
        break;
      }
      case 'RETURN':
        return undefined;
      case 'MARK':
      case 'CONNMARK':
      case 'NOTRACK':
      case 'LOG':
      case 'TCPMSS':
      case 'NFLOG':
      case 'TRACE':
      case 'CHECKSUM':
        alter(target, buffer, context);
        break;
      default:
        return { target, placed, chain: chain.name };
    }
  }
  return undefined;
}

function alter(target: Passing, buffer: SocketBuffer, context: RuleContext): void {
  switch (target.kind) {
    case 'MARK':
      buffer.mark = ((buffer.mark & ~target.mask) ^ target.value) >>> 0;
      return;
    case 'CONNMARK':
      alterConnection(target, buffer, context);
      return;
    case 'NOTRACK':
      if (buffer.ctState === 'none') buffer.ctState = 'untracked';
      return;
    case 'LOG':
      context.log(buffer, target.prefix);
      return;
    case 'TCPMSS':
      clamp(target.size, buffer);
      return;
    case 'NFLOG':
    case 'TRACE':
    case 'CHECKSUM':
      return;
  }
}

/** xt_connmark.c. */
function alterConnection(
  target: Extract<Target, { kind: 'CONNMARK' }>,
  buffer: SocketBuffer,
  context: RuleContext,
): void {
  const { connection } = buffer;
  if (connection === undefined) return;
  if (target.how === 'restore') {
    buffer.mark = ((buffer.mark & ~target.packetMask) ^ (connection.mark & target.connectionMask)) >>> 0;
    return;
  }
  connection.mark =
    target.how === 'set'
      ? ((connection.mark & ~target.mask) ^ target.value) >>> 0
      : ((connection.mark & ~target.connectionMask) ^ (buffer.mark & target.packetMask)) >>> 0;
  context.store(connection);
}

/** Octets of the IP and TCP headers that an MSS leaves room for. */
const headers = { number: 40, bigint: 60 } as const;

/** Lowers the MSS that a SYN offers; it is never raised (xt_TCPMSS.c). */
function clamp(size: number | undefined, buffer: SocketBuffer): void {
  const { packet, input, output } = buffer;
  if (packet.protocol !== 'tcp' || packet.mss === undefined) return;
  const family = typeof packet.source === 'bigint' ? 'bigint' : 'number';
  const mtus = [input?.mtu, output?.mtu].filter((mtu) => mtu !== undefined);
  const most = size ?? Math.min(...mtus) - headers[family];
  if (packet.mss <= most) return;
  const clamped = copyOf(packet);
  if (clamped.protocol === 'tcp') clamped.mss = most;
  buffer.packet = clamped;
}
