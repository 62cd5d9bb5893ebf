import { draw } from '../../../engine/distribution.ts';
import { noTrace } from '../../../engine/recorder.ts';
import { type Micros, second } from '../../../engine/time.ts';
import type { AddressFamily } from '../../../network/address.ts';
import { proxyCommit } from '../../records.ts';
import { familyOfCidr } from '../families.ts';
import type { Proxier, ProxierSite, SyncRequest, SyncStep } from '../proxier.ts';
import { isServiceChain } from './chain-name.ts';
import { jumpsOf, standingChains, topChains } from './layout.ts';
import { kubeProxyTables } from './tables.ts';

/** With many end points chains out of use are deleted no more often than this. */
const syncPeriod = 30 * second;

/**
 * The mode iptables: one iptables-restore a sync, which commits the filter table first, then nat. While a Service gets
 * its first end point, its REJECT rule is gone before its DNAT rule is there.
 */
export class IptablesProxier implements Proxier {
  readonly #site: ProxierSite;
  readonly #family: AddressFamily;
  /** Service chains in the nat table; undefined: not looked at yet. */
  #chains: ReadonlySet<string> | undefined;
  #isLarge = false;
  /** When chains out of use were last looked for. */
  #tidiedAt: Micros = 0;

  constructor(site: ProxierSite) {
    this.#site = site;
    this.#family = familyOfCidr(site.podCidr);
  }

  start(): void {
    this.#restore(standingChains(this.#site.release));
    this.#chains = undefined;
  }

  stop(): void {}

  /** Only the mangle table's canary is looked at: who flushes nat alone is not noticed (utiliptables.Monitor). */
  isIntact(): boolean {
    return this.#site.host.netfilter.print('mangle', this.#family).includes(':KUBE-PROXY-CANARY - [0:0]');
  }

  sync({ services, before, full }: SyncRequest): readonly SyncStep[] {
    const { simulation, release, podCidr, host } = this.#site;
    if (full) this.#ensureJumps();
    const old = new Set(before);
    const settings = { release, podCidr, node: host.host, family: this.#family };
    const inUse = this.#chains ?? this.#chainsInTable();
    const tidies = !this.#isLarge || simulation.now - this.#tidiedAt > syncPeriod;
    if (tidies) this.#tidiedAt = simulation.now;
    const tables = kubeProxyTables(services, settings, (service) => full || !old.has(service), tidies ? inUse : []);
    this.#isLarge = tables.isLarge;
    return [
      { after: 0, take: () => this.#commit('filter', tables.filter) },
      {
        after: this.#gap(tables.nat),
        take: () => {
          this.#commit('nat', tables.nat);
          this.#chains = tidies ? tables.chains : new Set([...inUse, ...tables.chains]);
        },
      },
    ];
  }

  #gap(nat: string): Micros {
    const { simulation, host, commitGap } = this.#site;
    const least = draw(
      commitGap.least,
      simulation.stream(`kube-proxy/${host.host}/${this.#family === 'ipv4' ? '' : 'ipv6/'}restore`),
    );
    return least + commitGap.perLine * nat.split('\n').length;
  }

  /** The rules of built-in chains that lead to its own, where they are missing: in front of all others. */
  #ensureJumps(): void {
    const { host, release } = this.#site;
    for (const table of ['filter', 'nat'] as const) {
      const there = new Set(host.netfilter.print(table, this.#family));
      const jumps = jumpsOf(release).filter((jump) => jump.table === table);
      const chains = topChains(table, release).filter((chain) => !there.has(`:${chain} - [0:0]`));
      const missing = jumps.filter(({ from, rule }) => !there.has(`-A ${from} ${rule}`));
      this.#restore(
        [
          `*${table}`,
          ...chains.map((chain) => `:${chain} - [0:0]`),
          ...missing.map(({ from, rule }) => `-I ${from} ${rule}`),
          'COMMIT',
          '',
        ].join('\n'),
      );
    }
  }

  #chainsInTable(): Set<string> {
    const declared = this.#site.host.netfilter.print('nat', this.#family).filter((line) => line.startsWith(':'));
    return new Set(declared.map((line) => line.slice(1).split(' ')[0] ?? '').filter(isServiceChain));
  }

  #commit(table: 'filter' | 'nat', text: string): void {
    const { host, simulation } = this.#site;
    this.#restore(text);
    const services = addressesIn(text, table === 'filter' ? rejected : translated);
    simulation.recorder.write(proxyCommit, host.host, noTrace, table, { services });
  }

  #restore(text: string): void {
    this.#site.host.restore({ file: 'kube-proxy', text }, this.#family);
  }
}

const rejected = /^-A KUBE-SERVICES -d ([^/]+)\/.* -j REJECT/gm;
const translated = /^-A KUBE-SERVICES -d ([^/]+)\/.* -j KUBE-SV[CL]-/gm;

/** The addresses that rules name, each once. */
function addressesIn(text: string, rule: RegExp): string {
  return [...new Set([...text.matchAll(rule)].map(([, address]) => address))].join(' ');
}
