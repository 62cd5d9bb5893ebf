import { runCommand } from '../../../../src/kernel/command.ts';
import type { Host } from '../../../../src/kernel/host.ts';
import type { Problem } from '../../../../src/problem/problem.ts';
import { NotUnderstood } from '../python/values.ts';
import type { Wiring } from './wiring.ts';

/** Commands that only look. */
const looking =
  /^(ip (-s |-o )?(route get|route show|neigh|a\b|addr show|link show)|conntrack -[LE]\b|ss\b|nstat|dmesg|cat \/proc\/net)/;
/** What the network of the simulator is without: names that nobody asks for are not refused. */
const harmless =
  /^(ip link set lo up|sysctl -q?w( net\.ipv[46]\.conf\.\S+=\d+)+|true|sleep 0|ethtool .*|ip neigh flush.*)$/;

/** Runs commands in the namespaces: what belongs to cables and bridges here, the rest in the kernel. */
export class Shell {
  readonly #wiring: Wiring;
  /** Bridges that report their multicast memberships. */
  readonly snooping = new Set<string>();

  constructor(wiring: Wiring) {
    this.#wiring = wiring;
  }

  /** Runs a line of shell in a namespace. Throws what is not understood, by name. */
  run(host: Host, line: string, input: string | undefined): string {
    return commandsOf(line)
      .map((command) => this.#one(host, command, input))
      .join('');
  }

  #one(host: Host, command: string, input: string | undefined): string {
    if (looking.test(command) || harmless.test(command)) return '';
    const counted = /^(?:cat \/proc\/sys\/net\/netfilter\/nf_conntrack_count|conntrack -C)$/.test(command);
    if (counted) return `${host.conntrack.table.size}\n`;
    if (command === 'conntrack -S') return counters(host);
    const shown = /^(?:sysctl -n |cat \/proc\/sys\/)(\S+)$/.exec(command);
    if (shown !== null) return `${host.sysctls.get((shown[1] ?? '').replaceAll('/', '.'))}\n`;
    const saved = /^iptables-save(?: -t (raw|mangle|nat|filter))?$/.exec(command);
    if (saved !== null) return this.#save(host, saved[1]);
    const restored = /^iptables-restore( --noflush| -n)?$/.exec(command);
    if (restored !== null) {
      const problems: Problem[] = [];
      host.netfilter.restore({ file: 'iptables-restore', text: input ?? '' }, restored[1] !== undefined, problems);
      refuse(problems);
      return '';
    }
    if (this.#link(host, command)) return '';
    const problems: Problem[] = [];
    runCommand(host, { file: 'command', text: command }, problems);
    refuse(problems);
    return '';
  }

  #save(host: Host, table: string | undefined): string {
    const only = (['raw', 'mangle', 'nat', 'filter'] as const).find((name) => name === table);
    return `${host.netfilter.print(only).join('\n')}\n`;
  }

  /** Cables and bridges; false when the command is about something else. */
  #link(host: Host, command: string): boolean {
    const bridge = /^ip link add (\S+) type bridge$/.exec(command);
    if (bridge !== null) {
      this.#wiring.addBridge(host, bridge[1] ?? '');
      this.snooping.add(bridge[1] ?? '');
      return true;
    }
    const pair = /^ip link add (\S+)(?: mtu (\d+))? type veth peer name (\S+)(?: mtu (\d+))? netns (\S+)$/.exec(
      command,
    );
    if (pair !== null) {
      const [, device = '', mtu = '1500', name = '', farMtu = '1500', namespace = ''] = pair;
      const far = this.#wiring.hosts.get(namespace.replace(/^kr\w*?-/, ''));
      if (far === undefined) throw new NotUnderstood(command);
      this.#wiring.addPair({ host, device }, { host: far, device: name }, Number(mtu), Number(farMtu));
      return true;
    }
    const master = /^ip link set (?:dev )?(\S+) master (\S+)(?: up)?$/.exec(command);
    if (master !== null) return this.#wiring.plug(host, master[1] ?? '', master[2] ?? '');
    const snooping = /^ip link set (?:dev )?(\S+) type bridge mcast_snooping 0$/.exec(command);
    if (snooping !== null) {
      this.snooping.delete(snooping[1] ?? '');
      return true;
    }
    const gone = /^ip link del(?:ete)? (?:dev )?(\S+)$/.exec(command);
    const device = gone === null ? undefined : host.stack.devices.get(gone[1] ?? '');
    if (device === undefined) return false;
    this.#wiring.remove(host, device);
    return true;
  }
}

/** Commands between `;`, `&&` and line ends that stand in no quotes, without what becomes of their output. */
function commandsOf(line: string): string[] {
  const parts = [''];
  for (const [token] of line.matchAll(/'[^']*'|"[^"]*"|;|&&|\n|\\\n|[\s\S]/g)) {
    if (token === ';' || token === '&&' || token === '\n') parts.push('');
    else parts.push(`${parts.pop()}${token}`);
  }
  return parts
    .map((part) => part.replace(/(?: *\| *(?:head|tail|wc|grep).*| *\d?>+ ?\S+| 2>&1)+$/, '').trim())
    .filter((part) => part !== '');
}

function counters({ conntrack }: Host): string {
  const words = Object.entries(conntrack.counters).map(([name, value]) => `${name}=${value}`);
  return `cpu=0 ${words.join(' ')}\n`;
}

/** A command that is understood, and failed: there is no such route, rule or device. */
export class CommandFailed extends Error {}

function refuse(problems: readonly Problem[]): void {
  const [problem] = problems;
  if (problem?.code.startsWith('no-') === true && problem.code !== 'not-modelled')
    throw new CommandFailed(problem.message);
  if (problem !== undefined) throw new NotUnderstood(`a command: ${problem.message}`);
}
