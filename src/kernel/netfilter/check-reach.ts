import type { Problems } from '../../problem/problem.ts';
import type { Hook } from '../ip/hook.ts';
import { type Chain, jumpOf } from './chain.ts';
import type { PlacedChange } from './parse-changes.ts';
import type { Restriction, Rule } from './rule.ts';
import { targetNames, targetOnly } from './targets.ts';

/** Jumps within jumps that the kernel takes with iptables-nft (NFT_JUMP_STACK_SIZE is 16; Linux 6.18 refuses the 16th). */
const deepest = 15;

type Chains = ReadonlyMap<string, Chain>;

/**
 * Looks for what only shows when all changes of a COMMIT are made: jumps to chains that are not there, loops, and rules
 * that stand where packets come that they cannot be asked about.
 */
export function checkReach(
  table: Chains,
  hooks: readonly Hook[],
  changes: readonly PlacedChange[],
  problems: Problems,
): void {
  const before = problems.length;
  for (const change of changes) checkJump(table, change, problems);
  if (problems.length > before || !changes.some(matters)) return;
  const reach = new Reach(table, hooks);
  const { wrong } = reach;
  if (wrong === undefined) for (const change of changes) checkPlace(reach, change, problems);
  else {
    const { code, message, hint, chain } = wrong;
    const leads = (change: PlacedChange) => 'rule' in change && jumpOf(change.rule) === chain;
    const { file, line, column } = changes.findLast(leads) ?? changes.at(-1) ?? { file: '', line: 1, column: 1 };
    problems.push({ code, message, hint, file, line, column });
  }
}

/** Can a change lead packets elsewhere, or put a rule where it may not stand? */
function matters(change: PlacedChange): boolean {
  return adds(change) && (jumpOf(change.rule) !== undefined || restrictionsOf(change.rule).length > 0);
}

type Added = Extract<PlacedChange, { op: 'append' | 'insert' | 'replace' }>;

function adds(change: PlacedChange): change is Added {
  return change.op === 'append' || change.op === 'insert' || change.op === 'replace';
}

function checkJump(table: Chains, change: PlacedChange, problems: Problems): void {
  const problem = (code: string, message: string, hint: string) =>
    problems.push({ code, message, hint, file: change.file, line: change.line, column: change.column });
  if (change.op === 'delete-chain') {
    const user = [...table.values()].find(({ jumps }) => jumps.includes(change.chain));
    if (user !== undefined && !table.has(change.chain))
      problem('chain-in-use', `a rule of ${user.name} still jumps to ${change.chain}`, 'delete that rule first');
    return;
  }
  const chain = adds(change) ? jumpOf(change.rule) : undefined;
  if (chain === undefined) return;
  if (!table.has(chain))
    problem(
      'unknown-target',
      `the target \`-j ${chain}\` is neither known nor a chain of this table`,
      `known: ${targetNames.join(', ')}; or make the chain with \`:${chain} - [0:0]\``,
    );
  else if (table.get(chain)?.policy !== undefined)
    problem('built-in', `${chain} is built in: no rule jumps to it`, 'jump to a chain of your own');
}

/** Which hooks' packets come to each chain, and what is wrong with the jumps between them. */
class Reach {
  readonly wrong: { code: string; message: string; hint: string; chain: string } | undefined;
  readonly #table: Chains;
  readonly #hooks: readonly Hook[];
  /** A bit for each hook, by chain. */
  readonly #bits = new Map<string, number>();
  /** How many jumps within jumps there are from a chain on. */
  readonly #heights = new Map<string, number>();
  readonly #path = new Set<string>();

  constructor(table: Chains, hooks: readonly Hook[]) {
    this.#table = table;
    this.#hooks = hooks;
    for (const hook of hooks) {
      this.wrong = this.#visit(hook, 0);
      if (this.wrong !== undefined) return;
    }
    // A chain comes into `#heights` after those that it leads to.
    for (const [i, hook] of hooks.entries()) this.#bits.set(hook, 1 << i);
    for (const name of [...this.#heights.keys()].reverse()) {
      const own = this.#bits.get(name) ?? 0;
      for (const next of table.get(name)?.jumps ?? []) this.#bits.set(next, (this.#bits.get(next) ?? 0) | own);
    }
  }

  hooksOf(chain: string): readonly Hook[] {
    const bits = this.#bits.get(chain) ?? 0;
    return this.#hooks.filter((_, i) => (bits & (1 << i)) !== 0);
  }

  #visit(chain: string, depth: number): Reach['wrong'] {
    if (this.#path.has(chain)) {
      const message = `the chain ${chain} comes back to itself`;
      return { code: 'chain-loop', message, hint: 'take out one of the jumps', chain };
    }
    const known = this.#heights.get(chain);
    if (depth + (known ?? 0) > deepest) {
      const message = `there are more than ${deepest} jumps within jumps`;
      return { code: 'too-deep', message, hint: 'the kernel follows no more', chain };
    }
    if (known !== undefined) return undefined;
    this.#path.add(chain);
    let height = 0;
    for (const next of this.#table.get(chain)?.jumps ?? []) {
      const wrong = this.#visit(next, depth + 1);
      if (wrong !== undefined) return wrong;
      height = Math.max(height, 1 + (this.#heights.get(next) ?? 0));
    }
    this.#path.delete(chain);
    this.#heights.set(chain, height);
    return undefined;
  }
}

interface Limit extends Restriction {
  /** What may not stand elsewhere. */
  readonly what: string;
}

/** Rules do not change, and kube-proxy gives the same ones again and again. */
const found = new WeakMap<Rule, readonly Limit[]>();

function restrictionsOf(rule: Rule): readonly Limit[] {
  let limits = found.get(rule);
  if (limits === undefined) {
    limits = findRestrictions(rule);
    found.set(rule, limits);
  }
  return limits;
}

function findRestrictions({ input, output, matches, target }: Rule): readonly Limit[] {
  const ofTarget = target && targetOnly(target);
  return [
    ...(input === undefined ? [] : [{ what: '-i', hooks: ['PREROUTING', 'INPUT', 'FORWARD'] as const }]),
    ...(output === undefined ? [] : [{ what: '-o', hooks: ['FORWARD', 'OUTPUT', 'POSTROUTING'] as const }]),
    ...matches.flatMap(({ module, only }) => (only === undefined ? [] : [{ what: `-m ${module}`, ...only }])),
    ...(ofTarget === undefined ? [] : [{ what: `-j ${target?.kind}`, ...ofTarget }]),
  ];
}

function checkPlace(reach: Reach, change: PlacedChange, problems: Problems): void {
  if (!adds(change)) return;
  const { file, line, column, chain, rule } = change;
  const limits = restrictionsOf(rule);
  if (limits.length === 0) return;
  const came = reach.hooksOf(chain);
  for (const { what, hooks } of limits) {
    // The chain of a device option is looked at by name alone, as iptables does.
    const wrong = what === '-i' || what === '-o' ? [chain].filter(isHook) : came;
    const where = hooks === undefined ? undefined : wrong.find((hook) => !hooks.includes(hook));
    if (where === undefined || hooks === undefined) continue;
    const message = `\`${what}\` may not be asked about packets of ${where}`;
    problems.push({ code: 'wrong-chain', message, hint: `it may be in ${hooks.join(', ')}`, file, line, column });
  }
}

function isHook(name: string): name is Hook {
  return ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'].includes(name);
}
