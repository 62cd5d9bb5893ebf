import { ColumnStore } from '../../src/engine/columns.ts';
import { Recorder } from '../../src/engine/recorder.ts';
import { Simulation } from '../../src/engine/simulation.ts';
import { fromSeconds, second, toSeconds } from '../../src/engine/time.ts';
import { runCommand } from '../../src/kernel/command.ts';
import type { Host } from '../../src/kernel/host.ts';
import { parseEndpoint } from '../../src/network/address.ts';
import type { Problem } from '../../src/problem/problem.ts';
import { Clients } from './kernel/clients.ts';
import { membershipEntry } from './kernel/igmp.ts';
import { eventRows, listRow, packetRows } from './kernel/observed.ts';
import { NotUnderstood } from './kernel/python/values.ts';
import { number, type Row, readRows, seenPackets, text } from './kernel/recording.ts';
import { observeByScript, scriptOf } from './kernel/script/run.ts';
import { Servers } from './kernel/servers.ts';
import { Streams } from './kernel/streams.ts';
import { Topology } from './kernel/topology.ts';
import { deletions, linkMtus } from './kernel/unrecorded.ts';

/** Where t = 0 of a recording lies: set-up comes before it. */
const start = 30 * second;
/** A dump is stamped when it has been read, which takes conntrack about this long. */
const dumpDelay = 0.008;
/** Commands that only look. */
const looking =
  /^sysctl net|^ip (-6 )?(route get|neigh show|-s|a$|addr show|link show)|^(conntrack -[LSE]|cat|ss|iptables-save)/;

/** Kinds of rows that are set-up and stimulus; the others were observed, or say nothing that could be run. */
const stimuli = ['topology', 'rules', 'cmd', 'connect', 'connect-error', 'send', 'client-RST', 'ct-list'];
/** Kinds that say only what became of many packets at once. */
const summaries = ['race-result', 'filled', 'burst', 'cycle', 'spread'];

/**
 * Runs a kernel recording: by its script, where one stands beside it that is understood, else by what its rows tell of
 * the stimulus. Throws what is not understood, by name.
 */
export function observe(path: string, recording: unknown, seed = '1'): unknown[] {
  const rows = readRows(recording);
  const script = scriptOf(path);
  if (script === undefined) return observeByRecords(rows, seed);
  try {
    return observeByScript(script, rows, seed);
  } catch (inScript) {
    if (!(inScript instanceof NotUnderstood)) throw inScript;
    try {
      return observeByRecords(rows, seed);
    } catch (inRecords) {
      if (!(inRecords instanceof NotUnderstood)) throw inRecords;
      throw new NotUnderstood(`${inRecords.message}; in its script: ${inScript.message}`);
    }
  }
}

/** Runs a recording without its script. */
export function observeByRecords(rows: readonly Row[], seed = '1'): unknown[] {
  const summary = rows.find(({ ev }) => summaries.includes(ev));
  if (summary !== undefined) throw new NotUnderstood(`the stimulus of ${summary.ev}`);
  const meta = rows.find((row) => row.ev === 'meta');
  if (meta === undefined) throw new NotUnderstood('a recording without its meta row');
  return new Run(rows, text(meta, 'kernel'), seed).observe();
}

class Run {
  readonly #rows: readonly Row[];
  readonly #store = new ColumnStore();
  readonly #simulation: Simulation;
  readonly #topology: Topology;
  readonly #clients: Clients;
  readonly #streams: Streams;
  readonly #observed: Record<string, unknown>[] = [];
  readonly #unknown: string[] = [];

  constructor(rows: readonly Row[], kernel: string, seed: string) {
    this.#rows = rows;
    this.#simulation = new Simulation(seed, new Recorder(this.#store));
    this.#topology = new Topology(this.#simulation, kernel, linkMtus(rows));
    const note = (ev: string, fields: Readonly<Record<string, unknown>>) => {
      this.#observed.push({ t: this.#time(this.#simulation.now), ev, ...fields });
    };
    this.#clients = new Clients(this.#simulation, rows, note);
    this.#streams = new Streams(this.#simulation, start, rows, note);
  }

  observe(): unknown[] {
    for (const row of this.#rows) if (stimuli.includes(row.ev)) this.#schedule(row);
    for (const { t, which } of deletions(this.#rows))
      this.#simulation.at(start + fromSeconds(t), () => this.#topology.node.conntrack.delete(which));
    this.#simulation.at(start - 1, () => this.#serve());
    const end = Math.max(...this.#rows.map((row) => row.t));
    this.#simulation.run(start + fromSeconds(end + 5));
    if (this.#unknown.length > 0) throw new NotUnderstood(this.#unknown.join(', '));
    const time = (t: number) => this.#time(t);
    const packets = this.#rows.some((row) => row.ev === 'pcap')
      ? packetRows(this.#store, 'node', (device) => this.#topology.bridgePorts.get(device), time)
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
        if (!this.#topology.apply(row)) this.#unknown.push(`topology ${text(row, 'op')}`);
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
      case 'connect-error':
        if (row.fields.sport === undefined) this.#clients.tryConnect(this.#clientOf(row), row);
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
        const entries = [...listRow(node.conntrack.list(), this.#simulation.now), ...this.#membership(row)];
        this.#observed.push({ t: row.t, ev: 'ct-list', ns: 'node', why: text(row, 'why'), entries });
      }
    }
  }

  /** A bridge's own report, where the recording's bridge made any. */
  #membership(list: Row): Readonly<Record<string, unknown>>[] {
    const bridge = this.#rows.find((row) => text(row, 'op') === 'bridge');
    const reports = this.#rows.some(
      ({ ev, fields }) => ev === 'ct-list' && JSON.stringify(fields).includes('"unknown"'),
    );
    if (bridge === undefined || !reports) return [];
    return [membershipEntry(text(bridge, 'node').split(/[ /]/)[1] ?? '', bridge.t, list.t)];
  }

  #restore(row: Row): void {
    const family = row.fields.ip6tables_save === undefined ? 'ipv4' : 'ipv6';
    const lines = row.fields.iptables_save ?? row.fields.ip6tables_save;
    const problems: Problem[] = [];
    const source = { file: 'iptables-save', text: Array.isArray(lines) ? lines.join('\n') : '' };
    this.#topology.node.netfilter.restore(source, false, problems, family);
    this.#note(problems);
  }

  #command(ns: string, command: string): void {
    const host = this.#topology.hosts.get(ns);
    if (looking.test(command)) return;
    const problems: Problem[] = [];
    if (host === undefined) this.#unknown.push(`the namespace ${ns}`);
    else runCommand(host, { file: 'cmd', text: command }, problems);
    this.#note(problems);
  }

  #note(problems: readonly Problem[]): void {
    for (const { message } of problems) this.#unknown.push(message);
  }

  /** Addresses that are asked and answered outside, and a server wherever one answered or was asked. */
  #serve(): void {
    const gateway = this.#topology.hosts.get('gw');
    for (const row of this.#rows) {
      const address = parseEndpoint(text(row, 'dst'))?.address;
      if (row.ev !== 'send' || gateway === undefined || address === undefined) continue;
      if (gateway.stack.routes.lookup(address)?.device === 'eth0') this.#topology.addAddress(gateway, address);
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
    const reached = this.#rows.flatMap((r) => (r.ev === 'reply' ? (parseEndpoint(text(r, 'frm')) ?? []) : []));
    return reached.some(({ address }) => host.owns(address)) || host.host === 'node';
  }

  /** The namespace that sent it: named, or the one whose address the port was seen with. */
  #clientOf(send: Row): Host {
    const { hosts, node } = this.#topology;
    const words = [text(send, 'ns'), ...text(send, 'who').split('/')];
    const named = words.map((word) => hosts.get(word)).find((host) => host !== undefined);
    if (named !== undefined) return named;
    const port = number(send, 'sport');
    const packet = seenPackets(this.#rows)
      .filter((p) => p.sourcePort === port && p.destinationPort === 53 && p.t >= send.t - 0.01)
      .find((p) => this.#topology.owner(p.source) !== undefined);
    const event = this.#rows.find(
      (row) => row.ev === 'ct-event' && text(row, 'raw').includes(` sport=${port} dport=53 `),
    );
    const source = packet?.source ?? / src=([\da-f.:]+) /.exec(event === undefined ? '' : text(event, 'raw'))?.[1];
    return (source && this.#topology.owner(source)) || hosts.get('cli') || node;
  }
}
