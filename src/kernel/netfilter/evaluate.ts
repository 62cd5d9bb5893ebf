import type { SocketBuffer } from '../ip/socket-buffer.ts';
import type { Rule, Target } from './rule.ts';
import type { Chain, Table } from './tables.ts';
import type { RuleContext, Test } from './tests.ts';

/** A target that ends the walk through a table. */
export type Final = Exclude<Target, { kind: 'jump' | 'goto' | 'RETURN' | 'MARK' | 'NOTRACK' | 'CT' | 'LOG' }>;

/** Where a walk ended. */
export interface Decision {
  readonly target: Final;
  /** Undefined: the policy. */
  readonly rule: Rule | undefined;
  readonly chain: string;
}

/** Walks a built-in chain. Undefined: nothing but ACCEPT as policy was met. */
export function walk(table: Table, name: string, buffer: SocketBuffer, context: RuleContext): Decision | undefined {
  const chain = table.get(name);
  if (chain === undefined) return undefined;
  const decision = walkChain(table, chain, buffer, context);
  if (decision !== undefined || chain.policy !== 'DROP') return decision;
  return { target: { kind: 'DROP' }, rule: undefined, chain: name };
}

function walkChain(table: Table, chain: Chain, buffer: SocketBuffer, context: RuleContext): Decision | undefined {
  for (const placed of chain.rules) {
    if (!passes(placed.tests, buffer, context)) continue;
    const { rule } = placed;
    const { target } = rule;
    if (target === undefined) continue;
    switch (target.kind) {
      case 'jump':
      case 'goto': {
        const next = table.get(target.chain);
        const decision = next && walkChain(table, next, buffer, context);
        if (decision !== undefined || target.kind === 'goto') return decision;
        break;
      }
      case 'RETURN':
        return undefined;
      case 'MARK':
        buffer.mark = ((buffer.mark & ~target.mask) ^ target.value) >>> 0;
        break;
      case 'NOTRACK':
      case 'CT':
        if (buffer.ctState === 'none') buffer.ctState = 'untracked';
        break;
      case 'LOG':
        break;
      default:
        return { target, rule, chain: chain.name };
    }
  }
  return undefined;
}

function passes(tests: readonly Test[], buffer: SocketBuffer, context: RuleContext): boolean {
  for (const test of tests) if (!test(buffer, context)) return false;
  return true;
}
