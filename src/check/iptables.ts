import { type PlacedChange, parseIptablesSave } from '../kernel/netfilter/parse-changes.ts';
import type { Rule, TableName } from '../kernel/netfilter/rule.ts';
import { RuleSet } from '../kernel/netfilter/rule-set.ts';
import { type AddressFamily, addressBits, formatAddress } from '../network/address.ts';
import type { Position, Problem, Source } from '../problem/problem.ts';

/** A rule in a file. */
export interface PlacedRule extends Position {
  readonly table: TableName;
  readonly chain: string;
  readonly rule: Rule;
}

/** What iptables-save or ip6tables-save printed on a node. */
export interface RulesView {
  readonly source: Source;
  readonly problems: readonly Problem[];
  readonly rules: readonly PlacedRule[];
  /** Chains that the file makes, by table and name: `nat KUBE-SERVICES`. */
  readonly chains: ReadonlyMap<string, Position>;
  /** Addresses that somebody has; undefined: it is not known who else is there. */
  readonly owned: ReadonlySet<string> | undefined;
}

export function viewRules(source: Source, owned?: ReadonlySet<string>): RulesView {
  const [own, other] = [problemsAs('ipv4', source), problemsAs('ipv6', source)];
  const family = other.length < own.length ? 'ipv6' : 'ipv4';
  const placed = parseIptablesSave(source, [], family).flatMap(({ table, changes }) =>
    changes.map((change) => ({ table, change })),
  );
  return {
    source,
    problems: family === 'ipv4' ? own : other,
    rules: placed.flatMap(({ table, change }) =>
      change.op === 'append' ? [{ ...placeOf(change), table, ...change }] : [],
    ),
    chains: new Map(
      placed.flatMap(({ table, change }) =>
        change.op === 'declare' ? [[`${table} ${change.chain}`, placeOf(change)] as const] : [],
      ),
    ),
    owned,
  };
}

function problemsAs(family: AddressFamily, source: Source): Problem[] {
  const problems: Problem[] = [];
  new RuleSet(family).restore(source, true, problems);
  return problems;
}

function placeOf({ file, line, column }: PlacedChange): Position {
  return { file, line, column };
}

/** A rule about DNS to one address: which, and by what. */
export interface AboutDns {
  readonly address: string;
  readonly protocol: 'udp' | 'tcp';
}

export function aboutDns({ destination, protocol, matches }: Rule): AboutDns | undefined {
  if (destination === undefined || destination.not || protocol === undefined || protocol.not) return undefined;
  const { address, length } = destination.value;
  const isDns = matches.some(({ destinationPort }) => destinationPort === 53);
  if (!isDns || length !== addressBits(address) || (protocol.value !== 17 && protocol.value !== 6)) return undefined;
  return { address: formatAddress(address), protocol: protocol.value === 17 ? 'udp' : 'tcp' };
}

/** Does a chain hold rules? */
export function isEmpty({ rules }: RulesView, table: TableName, chain: string): boolean {
  return !rules.some((one) => one.table === table && one.chain === chain);
}
