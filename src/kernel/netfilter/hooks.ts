import type { RandomStream } from '../../engine/random.ts';
import type { Micros } from '../../engine/time.ts';
import { type AddressFamily, familyOf } from '../../network/address.ts';
import type { Address, IcmpCode, Packet } from '../../network/packet.ts';
import type { Problems, Source } from '../../problem/problem.ts';
import { Nat, type NatWish, type Side } from '../conntrack/nat.ts';
import type { Tracker } from '../conntrack/tracker.ts';
import type { Device } from '../ip/device.ts';
import { accepted, atHook, type Hook, type Netfilter, type Verdict } from '../ip/hook.ts';
import type { SocketBuffer } from '../ip/socket-buffer.ts';
import type { IpSets } from '../ipset/sets.ts';
import { NftTables } from '../nftables/nft-tables.ts';
import type { NftTable } from '../nftables/table.ts';
import type { AddressType, RuleContext } from './context.ts';
import type { Decision, Final } from './evaluate.ts';
import { logLine } from './log-line.ts';
import type { TableChanges } from './parse-changes.ts';
import { RecentLists } from './recent-lists.ts';
import type { RejectWith, TableName } from './rule.ts';
import { RuleSet } from './rule-set.ts';

type Step = TableName | 'conntrack' | 'ipvs' | 'nft-early' | 'nft-filter';
type Steps = Readonly<Record<Hook, readonly Step[]>>;

/** What is to do on a host for packets of one family. */
interface Plan {
  readonly steps: Steps;
  readonly tracks: boolean;
}

/** What is done at each hook, in order of priority (linux/netfilter_ipv4.h, ip_vs_ops4 of ip_vs_core.c). */
const steps: Steps = {
  PREROUTING: ['raw', 'conntrack', 'mangle', 'nft-early', 'nat'],
  INPUT: ['mangle', 'nft-early', 'filter', 'nft-filter', 'security', 'ipvs', 'nat'],
  FORWARD: ['mangle', 'nft-early', 'filter', 'nft-filter', 'security', 'ipvs'],
  OUTPUT: ['raw', 'conntrack', 'mangle', 'nft-early', 'nat', 'ipvs', 'filter', 'nft-filter', 'security'],
  POSTROUTING: ['mangle', 'nat'],
};

const allSteps = [...new Set(Object.values(steps).flat())];

const plans = new Map<string, Plan>();

/** The hosts of a run share the few that there are. */
function planOf(taken: readonly Step[]): Plan {
  const key = taken.join(' ');
  let plan = plans.get(key);
  if (plan === undefined) {
    const toDo = (hook: Hook): readonly Step[] => steps[hook].filter((step) => taken.includes(step));
    plan = {
      steps: {
        PREROUTING: toDo('PREROUTING'),
        INPUT: toDo('INPUT'),
        FORWARD: toDo('FORWARD'),
        OUTPUT: toDo('OUTPUT'),
        POSTROUTING: toDo('POSTROUTING'),
      },
      tracks: taken.includes('conntrack'),
    };
    plans.set(key, plan);
  }
  return plan;
}

const natSide: Readonly<Record<Hook, Side | undefined>> = {
  PREROUTING: 'destination',
  FORWARD: undefined,
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

/** What netfilter asks of the host that it works in. */
export interface NetfilterSettings {
  readonly tracker: Tracker;
  /** Draws of source ports and address choices. */
  readonly natDraws: RandomStream;
  /** Draws of `-m statistic` for packets from an address. */
  readonly statisticDraws: (source: Address) => RandomStream;
  readonly now: () => Micros;
  /** Of an address, as seen from a device. */
  readonly addressType: (address: Address, device?: Device) => AddressType;
  readonly deviceTowards: (address: Address) => Device | undefined;
  /** What `-m set` asks. */
  readonly sets: IpSets;
  /** What IP Virtual Server makes of a packet, on a host that has virtual servers. */
  readonly ipvs: (hook: Hook, buffer: SocketBuffer) => Verdict;
  readonly masqueradeAddress: (device: Device, destination: Address) => Address | undefined;
  /** A rule of the nat table has decided for the flow of a packet. `rule`: as iptables-save prints it. */
  readonly onTranslation: (packet: Packet, target: NatTarget, rule: string) => void;
  /** The target LOG writes a line into the kernel's log. */
  readonly onLog: (packet: Packet, line: string) => void;
}

export type NatTarget = 'dnat' | 'snat' | 'masquerade';

const natTargets: Readonly<Partial<Record<Final['kind'], NatTarget>>> = {
  DNAT: 'dnat',
  SNAT: 'snat',
  MASQUERADE: 'masquerade',
  REDIRECT: 'dnat',
};

/** The rules of one host, and the way of a packet through them, connection tracking and NAT. */
export class Hooks implements Netfilter {
  readonly #settings: NetfilterSettings;
  readonly #nat: Nat;
  #context: RuleContext | undefined;
  /** iptables and ip6tables know nothing of each other. */
  readonly #rules = { ipv4: new RuleSet('ipv4'), ipv6: new RuleSet('ipv6') } as const satisfies Record<
    AddressFamily,
    RuleSet
  >;
  readonly #nft = { ipv4: new NftTables('ipv4'), ipv6: new NftTables('ipv6') } as const;
  /** There are virtual servers. */
  #balancing = false;
  #plans = this.#allPlans();

  constructor(settings: NetfilterSettings) {
    this.#settings = settings;
    this.#nat = new Nat(settings.tracker, settings.natDraws);
  }

  /** Restores what iptables-save printed, or ip6tables-save; `noflush` keeps the rules that are there. */
  restore(source: Source, noflush: boolean, problems: Problems, family: AddressFamily = 'ipv4'): void {
    this.#rules[family].restore(source, !noflush, problems);
    this.#plans = this.#allPlans();
  }

  /** Makes the changes of one COMMIT, or none of them. */
  change(changes: TableChanges, flush: boolean, problems: Problems): void {
    this.#rules[changes.family].change(changes, flush, problems);
    this.#plans = this.#allPlans();
  }

  #allPlans(): Readonly<Record<AddressFamily, Plan>> {
    return { ipv4: this.#planFor('ipv4'), ipv6: this.#planFor('ipv6') };
  }

  #planFor(family: AddressFamily): Plan {
    const rules = this.#rules[family];
    const usesNft = !this.#nft[family].isEmpty;
    const tracks = rules.tracks || usesNft;
    return planOf(
      allSteps.filter((step) => {
        if (step === 'conntrack' || step === 'nat') return tracks;
        if (step === 'nft-early' || step === 'nft-filter') return usesNft;
        return step === 'ipvs' ? this.#balancing : rules.has(step);
      }),
    );
  }

  /** Puts a table of nft's in place, in one transaction. */
  replaceNft(table: NftTable): void {
    this.#nft[table.family === 'ip' ? 'ipv4' : 'ipv6'].replace(table);
    this.#plans = this.#allPlans();
  }

  /** As `nft list ruleset` prints the tables that are not iptables'. */
  printNft(): string[] {
    return [...this.#nft.ipv4.print(), ...this.#nft.ipv6.print()];
  }

  /** There is a first virtual server: IPVS is asked from now on. */
  useIpvs(): void {
    this.#balancing = true;
    this.#plans = this.#allPlans();
  }

  /** As `iptables-save` or `ip6tables-save` prints it; with `counters` as with `-c`. */
  print(only?: TableName, family: AddressFamily = 'ipv4', counters = false): string[] {
    return this.#rules[family].print(only, counters);
  }

  run(hook: Hook, buffer: SocketBuffer): Verdict {
    const { steps } = this.#plans[familyOf(buffer.packet.source)];
    for (const step of atHook(steps, hook)) {
      const verdict = this.#step(step, hook, buffer);
      if (verdict.verdict !== 'accept') return verdict;
    }
    return accepted;
  }

  confirm(buffer: SocketBuffer): Verdict {
    const { tracks } = this.#plans[familyOf(buffer.packet.source)];
    return tracks ? dropFor(this.#settings.tracker.confirm(buffer)) : accepted;
  }

  inherit(error: SocketBuffer, about: SocketBuffer): void {
    if (about.connection === undefined) return;
    error.ctState = 'related';
    error.connection = about.connection;
    error.reply = !about.reply;
  }

  deviceGone(device: Device, address?: Address): void {
    this.#settings.tracker.delete(
      ({ masqueradeDevice, reply }) =>
        masqueradeDevice === device.index && (address === undefined || reply.destination === address),
      'device-gone',
    );
  }

  #step(step: Step, hook: Hook, buffer: SocketBuffer): Verdict {
    switch (step) {
      case 'conntrack':
        return dropFor(this.#settings.tracker.look(buffer));
      case 'nat':
        return this.#translate(hook, buffer);
      case 'ipvs':
        return this.#settings.ipvs(hook, buffer);
      case 'nft-early':
      case 'nft-filter':
        return verdictOf(this.#nftFor(buffer).walk('filter', hook, step === 'nft-early', buffer, this.#ruleContext()));
      default:
        return verdictOf(this.#walk(step, hook, buffer));
    }
  }

  #rulesFor({ packet }: SocketBuffer): RuleSet {
    return this.#rules[familyOf(packet.source)];
  }

  #nftFor({ packet }: SocketBuffer): NftTables {
    return this.#nft[familyOf(packet.source)];
  }

  /** nft's chains, which are there later than iptables', are asked first; who accepts leaves the question to the next. */
  #natDecision(hook: Hook, buffer: SocketBuffer): Decision | undefined {
    const first = this.#nftFor(buffer).walk('nat', hook, false, buffer, this.#ruleContext());
    return first !== undefined && first.target.kind !== 'ACCEPT' ? first : this.#walk('nat', hook, buffer);
  }

  #walk(table: TableName, hook: Hook, buffer: SocketBuffer): Decision | undefined {
    return this.#rulesFor(buffer).walk(table, hook, buffer, this.#ruleContext());
  }

  #ruleContext(): RuleContext {
    this.#context ??= contextOf(this.#settings);
    return this.#context;
  }

  /** The nat table is asked for the first packet of a flow only; all others follow what was decided. */
  #translate(hook: Hook, buffer: SocketBuffer): Verdict {
    const side = atHook(natSide, hook);
    const { connection } = buffer;
    if (side === undefined || connection === undefined) return accepted;
    if (buffer.ctState !== 'related' && !this.#nat.decided(connection, side)) {
      const decision = this.#natDecision(hook, buffer);
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
      const { range, random, randomFully, persistent } = target;
      return { from: range.from, to: range.to, ports: range.ports, random, randomFully, persistent };
    }
    const { input, output, connection } = buffer;
    if (target.kind === 'REDIRECT') {
      const own = input === undefined ? loopback[familyOf(destination)] : firstAddress(input, familyOf(destination));
      if (own === undefined) return 'no-address';
      return { from: own, to: own, ports: target.ports, random: target.random, randomFully: false };
    }
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

function contextOf({
  now,
  addressType,
  deviceTowards,
  sets,
  statisticDraws,
  tracker,
  onLog,
}: NetfilterSettings): RuleContext {
  return {
    now,
    addressType,
    deviceTowards,
    sets,
    draws: statisticDraws,
    recent: new RecentLists(),
    log: (buffer, prefix) => onLog(buffer.packet, logLine(buffer, prefix)),
    store: (connection) => {
      if (connection.slot >= 0) tracker.table.store(connection);
    },
  };
}

const loopback: Readonly<Record<AddressFamily, Address>> = { ipv4: 0x7f000001, ipv6: 1n };

function firstAddress({ addresses }: Device, family: AddressFamily): Address | undefined {
  return addresses.find(({ address }) => familyOf(address) === family)?.address;
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
  // It takes what transparent sockets wait for, and there are none (xt_TPROXY.c).
  if (target.kind === 'TPROXY') return { verdict: 'drop', cause: 'no-transparent-socket', rule: ruleText(decision) };
  return accepted;
}

function ruleText({ chain, placed }: Decision): string {
  return placed === undefined ? `-A ${chain} policy` : (placed.rule.text ?? placed.lineIn(chain));
}
