import { type Process, sleep } from '../../engine/process.ts';
import { noTrace } from '../../engine/recorder.ts';
import type { Simulation } from '../../engine/simulation.ts';
import { type Micros, millisecond } from '../../engine/time.ts';
import { runCommand } from '../../kernel/command.ts';
import type { Host } from '../../kernel/host.ts';
import type { Problem } from '../../problem/problem.ts';
import type { NodeCacheFlags } from './flags.ts';
import { nodeCacheNetwork } from './records.ts';
import type { NodeCacheRelease } from './releases.ts';
import { command, type NodeCacheRule, printed, rulesOf } from './rules.ts';

/** An iptables command that looks or adds: 24 rules, two commands each, in 0.1 to 0.2 s (recording nodelocal-start-rules). */
const addingTime: Micros = 3 * millisecond;
/** One of the six with which a rule is taken away: 24 rules in 0.8 to 1.1 s (recording nodelocal-sigterm). */
const removingTime: Micros = 6 * millisecond;

/** Whom node-cache tells what it does, and where it counts its failures. */
export interface Report {
  log(line: string): void;
  count(error: 'interface_add' | 'interface_check' | 'iptables'): void;
}

/** What node-cache sets up on its node, and for whom. */
export interface NetworkingSettings {
  readonly simulation: Simulation;
  /** The node. */
  readonly host: Host;
  /** Name of the process. */
  readonly owner: string;
  readonly flags: NodeCacheFlags;
  readonly release: NodeCacheRelease;
  /** Can the node's kernel make dummy links? */
  readonly dummyLinks: boolean;
  readonly report: Report;
}

/** The link and the rules of NodeLocal DNSCache on its node: what it adds, finds again and takes away. */
export class Networking {
  readonly #settings: NetworkingSettings;
  readonly #flags: NodeCacheFlags;
  readonly #report: Report;
  readonly #rules: readonly NodeCacheRule[];

  constructor(settings: NetworkingSettings) {
    const { flags, release, report } = settings;
    this.#settings = settings;
    this.#flags = flags;
    this.#report = report;
    const ports = { dns: flags.dnsPort, health: flags.healthPort };
    this.#rules = flags.setsUpIptables ? rulesOf(flags.localAddresses, ports, release) : [];
  }

  /** One look: rules that are not there are put first in their chains, one after the other; then the link. */
  *ensure(): Process {
    let added = 0;
    for (const rule of this.#rules) if (yield* this.#ensureRule(rule)) added++;
    if (added > 0) this.#record('rules-complete', `${this.#rules.length} rules`);
    this.ensureLink();
  }

  /** All of it at once: how a run of long standing finds it. */
  ensureAtOnce(): void {
    for (const rule of this.#rules) if (!this.#run(command('-C', rule))) this.#run(command('-I', rule));
    this.ensureLink();
  }

  /** Is it new? */
  *#ensureRule(rule: NodeCacheRule): Process<boolean> {
    yield* sleep(addingTime);
    if (this.#run(command('-C', rule))) return false;
    yield* sleep(addingTime);
    this.#run(command('-I', rule));
    this.#report.log(`[INFO] Added back nodelocaldns rule - ${printed(rule)}`);
    this.#record('rule-added', printed(rule));
    return true;
  }

  /** The link with all local addresses, as a dummy when it is not there. */
  ensureLink(): void {
    const { setsUpInterface, interfaceName, localAddresses } = this.#flags;
    if (!setsUpInterface) return;
    const { host, dummyLinks } = this.#settings;
    const found = host.stack.devices.has(interfaceName);
    if (!found && !dummyLinks) {
      const error = 'operation not supported';
      this.#report.log(`[ERROR] Failed to add non-existent interface ${interfaceName}: ${error}`);
      this.#report.count('interface_add');
      this.#report.log(`[INFO] Added interface - ${interfaceName}`);
      this.#report.log(`[ERROR] Error checking dummy device ${interfaceName} - ${error}`);
      this.#report.count('interface_check');
      return;
    }
    if (!found) this.#run(`ip link add ${interfaceName} type dummy`);
    for (const address of localAddresses) this.#run(`ip addr replace ${address}/32 dev ${interfaceName}`);
    if (found) return;
    this.#report.log(`[INFO] Added interface - ${interfaceName}`);
    this.#record('link-added', localAddresses.join(' '));
  }

  /** Takes the link away, then the rules one after the other; each is deleted, put back by the look for a second one, and deleted again. */
  *tearDown(): Process {
    const { setsUpInterface, interfaceName, localAddresses } = this.#flags;
    if (setsUpInterface && this.#run(`ip link del ${interfaceName}`))
      this.#record('link-removed', localAddresses.join(' '));
    for (const rule of this.#rules) {
      do {
        yield* sleep(2 * removingTime);
        this.#run(command('-D', rule));
        yield* sleep(2 * removingTime);
      } while (this.#run(command('-C', rule)));
      this.#run(command('-I', rule));
      yield* sleep(2 * removingTime);
      this.#run(command('-D', rule));
      this.#record('rule-removed', printed(rule));
    }
    if (this.#rules.length > 0) this.#record('rules-gone', `${this.#rules.length} rules`);
  }

  /** Did the command succeed? */
  #run(text: string): boolean {
    const { host, owner } = this.#settings;
    const problems: Problem[] = [];
    runCommand(host, { file: `${owner}: command`, text }, problems);
    return problems.length === 0;
  }

  #record(cause: string, text: string): void {
    const { simulation, owner } = this.#settings;
    simulation.recorder.write(nodeCacheNetwork, owner, noTrace, cause, { text });
  }
}
