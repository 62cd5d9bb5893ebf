import { ColumnStore } from '../../src/engine/columns.ts';
import { Recorder } from '../../src/engine/recorder.ts';
import { Simulation } from '../../src/engine/simulation.ts';
import { fromSeconds, second, toSeconds } from '../../src/engine/time.ts';
import { runCommand } from '../../src/kernel/command.ts';
import type { Host } from '../../src/kernel/host.ts';
import type { Problem } from '../../src/problem/problem.ts';
import { Clients } from './kernel/clients.ts';
import { eventRows, listRow, packetRows } from './kernel/observed.ts';
import type { Call } from './kernel/python.ts';
import { number, type Row, readRows, seenPackets, text } from './kernel/recording.ts';
import { podMtus, readScript, silentCommands } from './kernel/script.ts';
import { Servers } from './kernel/servers.ts';
import { Streams } from './kernel/streams.ts';
import { Topology } from './kernel/topology.ts';

/** Where t = 0 of a recording lies: set-up comes before it. */
const start = 30 * second;
/** A dump is stamped when it has been read, which takes conntrack about this long. */
const dumpDelay = 0.008;
/** A command that left no record ran so long before the next one, in microseconds. */
const justBefore = 500;
/** Commands that only look. */
const looking = /^ip (route get|neigh show|-s|a$|addr show|link show)|^(conntrack -[LSE]|cat|ss|iptables-save)/;

/** Kinds of rows that are set-up and stimulus; the others were observed, or say nothing that could be run. */
const stimuli = ['topology', 'rules', 'cmd', 'connect', 'send', 'client-RST', 'ct-list'];
/** Kinds that need what is not modelled yet. */
const notYet = ['race-result', 'filled', 'burst'];

/** Runs a kernel recording, with the script beside it; undefined when something in it is not understood. */
export function observe(path: string, recording: unknown, seed = '1'): unknown[] | undefined {
  const rows = readRows(recording);
  if (rows.some((row) => notYet.includes(row.ev))) return undefined;
  const meta = rows.find((row) => row.ev === 'meta');
  return meta === undefined ? undefined : new Run(rows, readScript(path), text(meta, 'kernel'), seed).observe();
}

class Run {
  readonly #rows: readonly Row[];
  readonly #script: readonly Call[];
  readonly #store = new ColumnStore();
  readonly #simulation: Simulation;
  readonly #topology: Topology;
  readonly #clients: Clients;
  readonly #streams: Streams;
  readonly #observed: Record<string, unknown>[] = [];
  #understood = true;

  constructor(rows: readonly Row[], script: readonly Call[], kernel: string, seed: string) {
    this.#rows = rows;
    this.#script = script;
    this.#simulation = new Simulation(seed, new Recorder(this.#store));
    this.#topology = new Topology(this.#simulation, kernel, podMtus(script));
    const note = (ev: string, fields: Readonly<Record<string, unknown>>) => {
      this.#observed.push({ t: this.#time(this.#simulation.now), ev, ...fields });
    };
    this.#clients = new Clients(this.#simulation, rows, note);
    this.#streams = new Streams(this.#simulation, start, rows, note);
  }

  observe(): unknown[] | undefined {
    for (const row of this.#rows) if (stimuli.includes(row.ev)) this.#schedule(row);
    for (const { before, host, command } of silentCommands(this.#script, this.#rows))
      this.#simulation.at(start + fromSeconds(before) - justBefore, () => this.#command(host, command));
    this.#simulation.at(start - 1, () => this.#serve());
    const end = Math.max(...this.#rows.map((row) => row.t));
    this.#simulation.run(start + fromSeconds(end + 5));
    if (!this.#understood) return undefined;
    const time = (t: number) => this.#time(t);
    const packets = this.#rows.some((row) => row.ev === 'pcap')
      ? packetRows(this.#store, 'node', this.#topology.bridgePorts, time)
      : [];
    const events = this.#rows.some((row) => row.ev === 'ct-event') ? eventRows(this.#store, 'node', time) : [];
    return [...this.#observed, ...events, ...packets];
  }

  #time(t: number): number {
    return toSeconds(t - start);
  }

  #schedule(row: Row): void {
    const at = start + fromSeconds(row.ev === 'ct-list' ? row.t - dumpDelay : row.t);
    this.#simulation.at(Math.max(0, at), () => this.#apply(row));
  }

  #apply(row: Row): void {
    const { node } = this.#topology;
    switch (row.ev) {
      case 'topology':
        this.#understood &&= this.#topology.apply(row);
        return;
      case 'rules':
        this.#restore(row);
        return;
      case 'cmd':
        this.#command(text(row, 'ns'), text(row, 'cmd'));
        return;
      case 'connect':
        this.#simulation.spawn(this.#streams.connect(this.#clientOf(row), row));
        return;
      case 'client-RST':
        this.#streams.abort(row);
        return;
      case 'send': {
        const tcp = text(row, 'proto') === 'tcp';
        this.#simulation.spawn(tcp ? this.#streams.query(row) : this.#clients.query(this.#clientOf(row), row));
        return;
      }
      case 'ct-list': {
        const entries = listRow(node.conntrack.list(), this.#simulation.now);
        this.#observed.push({ t: row.t, ev: 'ct-list', ns: 'node', why: text(row, 'why'), entries });
      }
    }
  }

  #restore(row: Row): void {
    const lines = row.fields.iptables_save;
    const problems: Problem[] = [];
    const source = { file: 'iptables-save', text: Array.isArray(lines) ? lines.join('\n') : '' };
    this.#topology.node.netfilter.restore(source, false, problems);
    this.#understood &&= problems.length === 0;
  }

  #command(ns: string, command: string): void {
    const host = this.#topology.hosts.get(ns);
    if (looking.test(command)) return;
    const problems: Problem[] = [];
    if (host !== undefined) runCommand(host, { file: 'cmd', text: command }, problems);
    this.#understood &&= host !== undefined && problems.length === 0;
  }

  /** Addresses that are asked and answered outside, and a server wherever one answered or was asked. */
  #serve(): void {
    const gateway = this.#topology.hosts.get('gw');
    for (const row of this.#rows) {
      const [address = ''] = text(row, 'dst').split(':');
      const inReach = gateway?.stack.routes.lookup(parse(address))?.device === 'eth0';
      if (row.ev === 'send' && gateway !== undefined && inReach) this.#topology.addAddress(gateway, address);
    }
    const servers = new Servers(this.#simulation, start, this.#rows);
    for (const host of this.#topology.hosts.values()) {
      if (!this.#hasServer(host)) continue;
      servers.serve(host);
      this.#streams.serve(host);
    }
  }

  /** Did packets to port 53 of this host appear, or answers of its name? */
  #hasServer(host: Host): boolean {
    const named = this.#rows.some((row) => row.ev === 'server-answered' && text(row, 'who') === host.host);
    return named || host.host === 'gw' || host.host === 'node' ? this.#answers(host) || named : false;
  }

  #answers(host: Host): boolean {
    const names = [...this.#topology.hosts.keys()];
    const strangers = this.#rows.some((r) => r.ev === 'server-answered' && !names.includes(text(r, 'who')));
    if (!strangers) return false;
    const reached = this.#rows.filter((r) => r.ev === 'reply').map((r) => text(r, 'frm').split(':')[0] ?? '');
    return reached.some((address) => host.owns(parse(address))) || host.host === 'node';
  }

  /** The namespace that sent it: named, or the one whose address the port was seen with. */
  #clientOf(send: Row): Host {
    const { hosts, node } = this.#topology;
    const named = hosts.get(text(send, 'who'));
    if (named !== undefined) return named;
    const port = number(send, 'sport');
    const packet = seenPackets(this.#rows)
      .filter((p) => p.sourcePort === port && p.destinationPort === 53 && p.t >= send.t - 0.01)
      .find((p) => this.#topology.owner(p.source) !== undefined);
    const event = this.#rows.find(
      (row) => row.ev === 'ct-event' && text(row, 'raw').includes(` sport=${port} dport=53 `),
    );
    const source = packet?.source ?? / src=([\d.]+) /.exec(event === undefined ? '' : text(event, 'raw'))?.[1];
    return (source && this.#topology.owner(source)) || hosts.get('cli') || node;
  }
}

function parse(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
