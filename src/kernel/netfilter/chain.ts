import type { Packet } from '../../network/packet.ts';
import { ChainIndex } from './chain-index.ts';
import { printRule } from './print.ts';
import type { Counters, Rule, Target } from './rule.ts';
import { type RuleTests, sharedTestsOf } from './rule-tests.ts';

/** A rule in its place: what it has counted and its tests, some of which remember what came before. */
export class PlacedRule {
  readonly rule: Rule;
  readonly target: Target | undefined;
  packets: number;
  bytes: number;
  #tests: RuleTests | undefined;
  #line: string | undefined;
  /** Where it jumps to, and in which table that was found. */
  #next: Chain | undefined;
  #nextIn: ReadonlyMap<string, Chain> | undefined;

  constructor(rule: Rule, { packets, bytes }: Counters = { packets: 0, bytes: 0 }) {
    this.rule = rule;
    this.target = rule.target;
    this.packets = packets;
    this.bytes = bytes;
  }

  get tests(): RuleTests {
    this.#tests ??= sharedTestsOf(this.rule);
    return this.#tests;
  }

  /** The chain of a name that its target has, found once in each table. */
  chainIn(table: ReadonlyMap<string, Chain>, name: string): Chain | undefined {
    if (this.#nextIn !== table) {
      this.#next = table.get(name);
      this.#nextIn = table;
    }
    return this.#next;
  }

  /** As iptables-save prints it in its chain. */
  lineIn(chain: string): string {
    this.#line ??= `-A ${chain} ${printRule(this.rule)}`.trimEnd();
    return this.#line;
  }

  count(octets: number): void {
    this.packets++;
    this.bytes += octets;
  }

  /** The same with nothing counted. */
  zeroed(): PlacedRule {
    const fresh = new PlacedRule(this.rule);
    fresh.#tests = this.#tests;
    return fresh;
  }
}

/** In shorter chains asking each rule is as fast. */
const shortChain = 16;

/** A chain of rules. Its rules do not change: a change makes another chain. */
export class Chain {
  readonly name: string;
  /** Undefined: not built in. */
  readonly policy: 'ACCEPT' | 'DROP' | undefined;
  readonly rules: readonly PlacedRule[];
  /** What came to the policy. */
  packets: number;
  bytes: number;
  #index: ChainIndex | undefined;
  #jumps: readonly string[] | undefined;

  constructor(
    name: string,
    policy: Chain['policy'],
    rules: readonly PlacedRule[],
    { packets, bytes }: Counters = { packets: 0, bytes: 0 },
  ) {
    this.name = name;
    this.policy = policy;
    this.rules = rules;
    this.packets = packets;
    this.bytes = bytes;
  }

  /** The rules, in order, that a packet may match; all others differ from it in destination or port. */
  rulesFor(packet: Packet): readonly PlacedRule[] {
    if (this.rules.length < shortChain) return this.rules;
    this.#index ??= new ChainIndex(this.rules);
    return this.#index.rulesFor(packet);
  }

  /** The chains that its rules lead to. */
  get jumps(): readonly string[] {
    this.#jumps ??= [...new Set(this.rules.flatMap(({ rule }) => jumpOf(rule) ?? []))];
    return this.#jumps;
  }
}

/** The chain that a rule leads to. */
export function jumpOf({ target }: Rule): string | undefined {
  return target?.kind === 'jump' || target?.kind === 'goto' ? target.chain : undefined;
}
