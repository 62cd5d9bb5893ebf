import { octetsOf } from '../../network/address.ts';
import type { Address, Packet } from '../../network/packet.ts';
import type { KernelRules } from '../releases.ts';
import type { RealServer } from './virtual-server.ts';

/** Chooses a server for a new connection; nothing: there is none that takes any. */
export interface Scheduler {
  choose(servers: readonly RealServer[], packet: Packet): RealServer | undefined;
  /** A server was added, deleted or got another weight. `gone`: the one that was deleted, and who stood before it. */
  changed?(
    servers: readonly RealServer[],
    gone?: { readonly server: RealServer; readonly before: RealServer | undefined },
  ): void;
}

export const schedulerNames = ['rr', 'wrr', 'lc', 'wlc', 'sh', 'dh', 'sed', 'nq'] as const;
export type SchedulerName = (typeof schedulerNames)[number];

/** The scheduler of a virtual server, with a state of its own (`net/netfilter/ipvs/ip_vs_*.c`). */
export function createScheduler(name: SchedulerName, rules: KernelRules): Scheduler {
  switch (name) {
    case 'rr':
      return new RoundRobin();
    case 'wrr':
      return new WeightedRoundRobin();
    case 'lc':
      return { choose: (servers) => least(servers, connections, () => 1) };
    case 'wlc':
      return { choose: (servers) => least(servers, connections, weight) };
    case 'sed':
      return { choose: (servers) => least(servers, expectedDelay, weight) };
    case 'nq':
      return { choose: (servers) => servers.find(isIdle) ?? least(servers, expectedDelay, weight) };
    case 'sh':
      return { choose: (servers, { source }) => usable(byWeight(servers)[bucketOf(source, rules)]) };
    case 'dh':
      return { choose: (servers, { destination }) => usable(inTurn(servers)[bucketOf(destination, rules)]) };
  }
}

const weight = (server: RealServer): number => server.weight;
/** An active connection counts as 256 that are not (ip_vs_dest_conn_overhead). */
const connections = (server: RealServer): number => server.activeConnections * 256 + server.inactiveConnections;
const expectedDelay = (server: RealServer): number => server.activeConnections + 1;
const isIdle = (server: RealServer): boolean => server.weight > 0 && server.activeConnections === 0;

function usable(server: RealServer | undefined): RealServer | undefined {
  return server !== undefined && server.weight > 0 ? server : undefined;
}

/** The server with the least load a weight; of equals the first. */
function least(
  servers: readonly RealServer[],
  loadOf: (server: RealServer) => number,
  weightOf: (server: RealServer) => number,
): RealServer | undefined {
  let best: RealServer | undefined;
  for (const server of servers) {
    if (server.weight <= 0) continue;
    if (best === undefined || loadOf(best) * weightOf(server) > loadOf(server) * weightOf(best)) best = server;
  }
  return best;
}

/** One after the other, from one position that all clients share (ip_vs_rr.c). */
class RoundRobin implements Scheduler {
  /** The server last chosen; absent: in front of the first. */
  #last: RealServer | undefined;

  choose(servers: readonly RealServer[]): RealServer | undefined {
    const start = this.#last === undefined ? -1 : servers.indexOf(this.#last);
    for (let step = 1; step <= servers.length; step++) {
      const server = servers[(start + step) % servers.length];
      if (server === undefined || server.weight <= 0) continue;
      this.#last = server;
      return server;
    }
    return undefined;
  }

  changed(
    _servers: readonly RealServer[],
    gone?: { readonly server: RealServer; readonly before: RealServer | undefined },
  ): void {
    if (gone !== undefined && gone.server === this.#last) this.#last = gone.before;
  }
}

/** Rounds with a falling bound on the weight (ip_vs_wrr.c). */
class WeightedRoundRobin implements Scheduler {
  #at = -1;
  #bound = 0;
  #step = 1;
  #most = 0;

  choose(servers: readonly RealServer[]): RealServer | undefined {
    if (this.#most === 0) return undefined;
    for (let rounds = 0; rounds <= 2 * (this.#most / this.#step + 1); rounds++) {
      for (this.#at++; this.#at < servers.length; this.#at++) {
        const server = servers[this.#at];
        if (server !== undefined && server.weight >= this.#bound) return server;
      }
      this.#at = -1;
      this.#bound -= this.#step;
      if (this.#bound <= 0) this.#bound = this.#most;
    }
    return undefined;
  }

  changed(servers: readonly RealServer[]): void {
    const weights = servers.map(weight).filter((w) => w > 0);
    this.#at = -1;
    this.#step = weights.reduce(greatestDivisor, 0) || 1;
    this.#most = Math.max(0, ...weights) - (weights.length > 0 ? this.#step - 1 : 0);
    if (this.#bound > this.#most || this.#bound === 0) this.#bound = this.#most;
    else if (this.#step > 1) this.#bound = Math.floor(this.#bound / this.#step) * this.#step + 1;
  }
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

/** IP_VS_SH_TAB_SIZE, IP_VS_DH_TAB_SIZE. */
const buckets = 256;

/** Each server stands in as many buckets in a row as its weight, round and round. */
function byWeight(servers: readonly RealServer[]): RealServer[] {
  const table: RealServer[] = [];
  for (let at = 0, taken = 0; servers.length > 0 && table.length < buckets; ) {
    const server = servers[at % servers.length];
    if (server === undefined) break;
    table.push(server);
    if (++taken < server.weight) continue;
    at++;
    taken = 0;
  }
  return table;
}

function inTurn(servers: readonly RealServer[]): RealServer[] {
  if (servers.length === 0) return [];
  return Array.from({ length: buckets }, (_, i) => servers[i % servers.length]).filter((s) => s !== undefined);
}

function bucketOf(address: Address, { ipvsHash }: KernelRules): number {
  const folded = foldedAddress(address);
  if (ipvsHash === 'low-bits') return Math.imul(folded, 2_654_435_761) & (buckets - 1);
  return Math.imul(folded, 0x61c88647) >>> 24;
}

/** IPv6: its four words combined by exclusive or. */
function foldedAddress(address: Address): number {
  const octets = octetsOf(address);
  let folded = 0;
  for (let i = 0; i < octets.length; i += 4)
    folded ^=
      ((octets[i] ?? 0) << 24) | ((octets[i + 1] ?? 0) << 16) | ((octets[i + 2] ?? 0) << 8) | (octets[i + 3] ?? 0);
  return folded;
}
