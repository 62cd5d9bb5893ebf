import type { Problems } from '../../problem/problem.ts';
import type { Hook } from '../ip/hook.ts';
import { type Chain, jumpOf } from './chain.ts';
import type { PlacedChange } from './parse-changes.ts';
import type { Restriction, Rule } from './rule.ts';
import { targetNames, targetOnly } from './targets.ts';

/** Jumps within jumps that the kernel takes (NFT_JUMP_STACK_SIZE). */
const deepest = 16;

/** Which hooks' packets come to each chain. */
type Reach = Map<string, Set<Hook>>;

/**
 * Looks for what only shows when all changes of a COMMIT are made: jumps to chains that are not there, loops, and rules
 * that stand where packets come that they cannot be asked about.
 */
export function checkReach(
  table: ReadonlyMap<string, Chain>,
  hooks: readonly Hook[],
  changes: readonly PlacedChange[],
  problems: Problems,
): void {
  const before = problems.length;
  for (const change of changes) checkJump(table, change, problems);
  if (problems.length > before || !changes.some(matters)) return;
  const reach: Reach = new Map();
  for (const hook of hooks) {
    const wrong = follow(table, hook, reach);
    if (wrong !== undefined) {
      const culprit =
        changes.findLast((change) => 'rule' in change && jumpOf(change.rule) === wrong.chain) ?? changes.at(-1);
      const { file, line, column } = culprit ?? { file: '', line: 1, column: 1 };
      problems.push({ ...wrong, file, line, column });
      return;
    }
  }
  for (const change of changes) checkPlace(reach, change, problems);
}

/** Can a change lead packets elsewhere, or put a rule where it may not stand? */
function matters(change: PlacedChange): boolean {
  return adds(change) && (jumpOf(change.rule) !== undefined || restrictionsOf(change.rule).length > 0);
}

type Added = Extract<PlacedChange, { op: 'append' | 'insert' | 'replace' }>;

function adds(change: PlacedChange): change is Added {
  return change.op === 'append' || change.op === 'insert' || change.op === 'replace';
}

function checkJump(table: ReadonlyMap<string, Chain>, change: PlacedChange, problems: Problems): void {
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

/** Follows the jumps from a hook's chain. Returns what is wrong with them, and at which chain. */
function follow(
  table: ReadonlyMap<string, Chain>,
  hook: Hook,
  reach: Reach,
): { code: string; message: string; hint: string; chain: string } | undefined {
  /** How deep each chain was met. */
  const met = new Map<string, number>();
  const path = new Set<string>();
  const visit = (name: string, depth: number): ReturnType<typeof follow> => {
    if (path.has(name))
      return {
        code: 'chain-loop',
        message: `the chain ${name} comes back to itself`,
        hint: 'take out one jump',
        chain: name,
      };
    if (depth > deepest)
      return { code: 'too-deep', message: `more than ${deepest} jumps within jumps`, hint: '', chain: name };
    if ((met.get(name) ?? -1) >= depth) return undefined;
    met.set(name, depth);
    const hooks = reach.get(name) ?? new Set<Hook>();
    reach.set(name, hooks.add(hook));
    path.add(name);
    for (const next of table.get(name)?.jumps ?? []) {
      const wrong = visit(next, depth + 1);
      if (wrong !== undefined) return wrong;
    }
    path.delete(name);
    return undefined;
  };
  return visit(hook, 0);
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
  const came = limits.length === 0 ? undefined : reach.get(chain);
  if (came === undefined) return;
  for (const { what, hooks } of limits) {
    // The chain of a device option is looked at by name alone, as iptables does.
    const wrong = what === '-i' || what === '-o' ? [chain].filter(isHook) : [...came];
    const where = hooks === undefined ? undefined : wrong.find((hook) => !hooks.includes(hook));
    if (where === undefined || hooks === undefined) continue;
    const message = `\`${what}\` may not be asked about packets of ${where}`;
    problems.push({ code: 'wrong-chain', message, hint: `it may be in ${hooks.join(', ')}`, file, line, column });
  }
}

function isHook(name: string): name is Hook {
  return ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'].includes(name);
}
