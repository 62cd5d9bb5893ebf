import type { RandomStream } from '../../engine/random.ts';
import type { AddressFamily } from '../../network/address.ts';
import type { Address, IcmpCode, Packet } from '../../network/packet.ts';
import type { Problems, Source } from '../../problem/problem.ts';
import { Nat, type NatWish, type Side } from '../conntrack/nat.ts';
import type { Tracker } from '../conntrack/tracker.ts';
import type { Device } from '../ip/device.ts';
import { accepted, type Hook, type Netfilter, type Verdict } from '../ip/hook.ts';
import type { SocketBuffer } from '../ip/socket-buffer.ts';
import type { IpSets } from '../ipset/sets.ts';
import { type Decision, type Final, walk } from './evaluate.ts';
import { parseIptablesSave, type TableChanges } from './parse-changes.ts';
import { printRule } from './print.ts';
import type { AddressType, RejectWith, Rule, TableName } from './rule.ts';
import { changeTable, emptyTables, printTable, type Tables } from './tables.ts';
import type { RuleContext } from './tests.ts';

type Step = TableName | 'conntrack' | 'ipvs';
type Steps = Readonly<Record<Hook, readonly Step[]>>;

/** What is done at each hook, in order of priority (linux/netfilter_ipv4.h, ip_vs_ops4 of ip_vs_core.c). */
const steps: Steps = {
  PREROUTING: ['raw', 'conntrack', 'mangle', 'nat'],
  INPUT: ['mangle', 'filter', 'ipvs', 'nat'],
  FORWARD: ['mangle', 'filter', 'ipvs'],
  OUTPUT: ['raw', 'conntrack', 'mangle', 'nat', 'ipvs', 'filter'],
  POSTROUTING: ['mangle', 'nat'],
};

const natSide: Readonly<Partial<Record<Hook, Side>>> = {
  PREROUTING: 'destination',
  OUTPUT: 'destination',
  INPUT: 'source',
  POSTROUTING: 'source',
};

const rejectCodes: Readonly<Record<RejectWith, IcmpCode | 'tcp-reset'>> = {
  'icmp-net-unreachable': 'net-unreachable',
  'icmp-host-unreachable': 'host-unreachable',
  'icmp-port-unreachable': 'port-unreachable',
  'icmp-proto-unreachable': 'protocol-unreachable',
  'icmp-net-prohibited': 'net-prohibited',
  'icmp-host-prohibited': 'host-prohibited',
  'icmp-admin-prohibited': 'admin-prohibited',
  'icmp6-no-route': 'no-route',
  'icmp6-adm-prohibited': 'admin-prohibited',
  'icmp6-addr-unreachable': 'address-unreachable',
  'icmp6-port-unreachable': 'port-unreachable',
  'icmp6-policy-fail': 'policy-fail',
  'icmp6-reject-route': 'reject-route',
  'tcp-reset': 'tcp-reset',
};

const order: readonly TableName[] = ['raw', 'mangle', 'filter', 'nat'];

export interface NetfilterSettings {
  readonly tracker: Tracker;
  /** Draws of source ports and address choices. */
  readonly natDraws: RandomStream;
  /** Draws of `-m statistic` for packets from an address. */
  readonly statisticDraws: (source: Address) => RandomStream;
  readonly addressType: (address: Address) => AddressType;
  /** What `-m set` asks. */
  readonly sets: IpSets;
  /** What IP Virtual Server makes of a packet, on a host that has virtual servers. */
  readonly ipvs: (hook: Hook, buffer: SocketBuffer) => Verdict;
  readonly masqueradeAddress: (device: Device, destination: Address) => Address | undefined;
  /** A rule of the nat table has decided for the flow of a packet. `rule`: as iptables-save prints it. */
  readonly onTranslation: (packet: Packet, target: NatTarget, rule: string) => void;
}

export type NatTarget = 'dnat' | 'snat' | 'masquerade';

const natTargets: Readonly<Partial<Record<Final['kind'], NatTarget>>> = {
  DNAT: 'dnat',
  SNAT: 'snat',
  MASQUERADE: 'masquerade',
};

/** The rules about packets of one family. */
interface RuleSet {
  tables: Tables;
  /** Tables that were ever touched; the others are not there at all. */
  readonly loaded: Set<TableName>;
  /** Connection tracking works from the first rule on that needs it. */
  tracking: boolean;
  /** What is to do at each hook. */
  steps: Steps;
}

function noRules(): RuleSet {
  const none: readonly Step[] = [];
  const noSteps = { PREROUTING: none, INPUT: none, FORWARD: none, OUTPUT: none, POSTROUTING: none };
  return { tables: emptyTables(), loaded: new Set(), tracking: false, steps: noSteps };
}

/** The rules of one host, and the way of a packet through them, connection tracking and NAT. */
export class Hooks implements Netfilter {
  readonly #settings: NetfilterSettings;
  readonly #nat: Nat;
  readonly #context: RuleContext;
  /** iptables and ip6tables know nothing of each other. */
  readonly #rules: Readonly<Record<AddressFamily, RuleSet>> = { ipv4: noRules(), ipv6: noRules() };
  /** There are virtual servers. */
  #balancing = false;

  constructor(settings: NetfilterSettings) {
    this.#settings = settings;
    this.#nat = new Nat(settings.tracker, settings.natDraws);
    this.#context = { addressType: settings.addressType, draws: settings.statisticDraws, sets: settings.sets };
  }

  /** Restores what iptables-save printed; `noflush` keeps the rules that are there. */
  restore(source: Source, noflush: boolean, problems: Problems, family: AddressFamily = 'ipv4'): void {
    const before = problems.length;
    const tables = parseIptablesSave(source, problems, family);
    if (problems.length === before) for (const changes of tables) this.change(changes, !noflush, problems);
  }

  /** Makes the changes of one COMMIT, or none of them. */
  change(changes: TableChanges, flush: boolean, problems: Problems): void {
    const { table } = changes;
    const rules = this.#rules[changes.family];
    rules.tables = { ...rules.tables, [table]: changeTable(rules.tables[table], changes, flush, problems) };
    rules.loaded.add(table);
    const asks = changes.changes.some(
      (c) => 'rule' in c && c.rule.matches.some((m) => m.module === 'conntrack' || m.module === 'state'),
    );
    rules.tracking ||= table === 'nat' || asks;
    rules.steps = this.#stepsToDo(rules);
  }

  #stepsToDo({ tracking, loaded }: RuleSet): Steps {
    const toDo = (hook: Hook): readonly Step[] =>
      steps[hook].filter((step) => {
        if (step === 'conntrack' || step === 'nat') return tracking;
        return step === 'ipvs' ? this.#balancing : loaded.has(step);
      });
    return {
      PREROUTING: toDo('PREROUTING'),
      INPUT: toDo('INPUT'),
      FORWARD: toDo('FORWARD'),
      OUTPUT: toDo('OUTPUT'),
      POSTROUTING: toDo('POSTROUTING'),
    };
  }

  /** There is a first virtual server: IPVS is asked from now on. */
  useIpvs(): void {
    this.#balancing = true;
    for (const rules of [this.#rules.ipv4, this.#rules.ipv6]) rules.steps = this.#stepsToDo(rules);
  }

  /** As `iptables-save` or `ip6tables-save` prints it. */
  print(only?: TableName, family: AddressFamily = 'ipv4'): string[] {
    const { loaded, tables } = this.#rules[family];
    const names = order.filter((name) => (only === undefined ? loaded.has(name) : name === only));
    return names.flatMap((name) => printTable(name, tables[name]));
  }

  run(hook: Hook, buffer: SocketBuffer): Verdict {
    for (const step of this.#rulesFor(buffer).steps[hook]) {
      const verdict = this.#step(step, hook, buffer);
      if (verdict.verdict !== 'accept') return verdict;
    }
    return accepted;
  }

  confirm(buffer: SocketBuffer): Verdict {
    return this.#rulesFor(buffer).tracking ? dropFor(this.#settings.tracker.confirm(buffer)) : accepted;
  }

  inherit(error: SocketBuffer, about: SocketBuffer): void {
    if (about.connection === undefined) return;
    error.ctState = 'related';
    error.connection = about.connection;
    error.reply = !about.reply;
  }

  deviceGone(device: Device): void {
    this.#settings.tracker.delete((c) => c.masqueradeDevice === device.index, 'device-gone');
  }

  #rulesFor({ packet }: SocketBuffer): RuleSet {
    return typeof packet.destination === 'number' ? this.#rules.ipv4 : this.#rules.ipv6;
  }

  #step(step: Step, hook: Hook, buffer: SocketBuffer): Verdict {
    switch (step) {
      case 'conntrack':
        return dropFor(this.#settings.tracker.look(buffer));
      case 'nat':
        return this.#translate(hook, buffer);
      case 'ipvs':
        return this.#settings.ipvs(hook, buffer);
      default:
        return verdictOf(walk(this.#rulesFor(buffer).tables[step], hook, buffer, this.#context));
    }
  }

  /** The nat table is asked for the first packet of a flow only; all others follow what was decided. */
  #translate(hook: Hook, buffer: SocketBuffer): Verdict {
    const side = natSide[hook];
    const { connection } = buffer;
    if (side === undefined || connection === undefined) return accepted;
    if (buffer.ctState !== 'related' && !this.#nat.decided(connection, side)) {
      const decision = walk(this.#rulesFor(buffer).tables.nat, hook, buffer, this.#context);
      if (decision?.target.kind === 'DROP') return verdictOf(decision);
      const wish = decision && this.#wish(decision, connection.original.destination, buffer);
      if (wish === 'no-address') return { verdict: 'drop', cause: 'masquerade-no-address', rule: '' };
      this.#nat.decide(connection, side, wish);
      if (decision !== undefined) this.#note(decision, buffer);
    } else if (hook === 'POSTROUTING' && this.#leftItsDevice(buffer)) {
      this.#settings.tracker.destroy(connection.slot, 'device-gone');
      return { verdict: 'drop', cause: 'masquerade-device-changed', rule: '' };
    }
    this.#nat.translate(buffer, side);
    return accepted;
  }

  #note(decision: Decision, { packet }: SocketBuffer): void {
    const target = natTargets[decision.target.kind];
    if (target !== undefined) this.#settings.onTranslation(packet, target, ruleText(decision));
  }

  #wish(decision: Decision, destination: Address, buffer: SocketBuffer): NatWish | 'no-address' | undefined {
    const { target } = decision;
    if (target.kind === 'DNAT' || target.kind === 'SNAT') {
      const { range, random, randomFully } = target;
      return { from: range.from, to: range.to, ports: range.ports, random, randomFully };
    }
    const { output, connection } = buffer;
    if (target.kind !== 'MASQUERADE' || output === undefined || connection === undefined) return undefined;
    const address = this.#settings.masqueradeAddress(output, destination);
    if (address === undefined) return 'no-address';
    connection.masqueradeDevice = output.index;
    return { from: address, to: address, ports: target.ports, random: target.random, randomFully: target.randomFully };
  }

  /** A masqueraded flow that now leaves by another device would carry the wrong address. */
  #leftItsDevice({ connection, output, reply, ctState }: SocketBuffer): boolean {
    if (connection === undefined || connection.masqueradeDevice === 0 || reply || ctState === 'related') return false;
    return output !== undefined && connection.slot >= 0 && connection.masqueradeDevice !== output.index;
  }
}

function dropFor(cause: string | undefined): Verdict {
  return cause === undefined ? accepted : { verdict: 'drop', cause, rule: '' };
}

function verdictOf(decision: Decision | undefined): Verdict {
  if (decision === undefined) return accepted;
  const { target } = decision;
  if (target.kind === 'DROP') return { verdict: 'drop', cause: 'rule-drop', rule: ruleText(decision) };
  if (target.kind === 'REJECT')
    return { verdict: 'drop', cause: 'rule-reject', rule: ruleText(decision), reject: rejectCodes[target.with] };
  return accepted;
}

/** Rules do not change, and one decides for many packets: each is printed once. */
const printed = new WeakMap<Rule, string>();

function ruleText({ chain, rule }: Decision): string {
  if (rule === undefined) return `-A ${chain} policy`;
  let text = printed.get(rule);
  if (text === undefined) {
    text = printRule(rule);
    printed.set(rule, text);
  }
  return `-A ${chain} ${text}`;
}
