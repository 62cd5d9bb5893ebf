import type { Prefix } from '../../network/address.ts';
import { SetupError } from '../corefile/dispenser.ts';
import { readKey, type Transport, type ZoneAddress } from '../corefile/keys.ts';
import type { ServerBlock } from '../corefile/parser.ts';
import type { Token } from '../corefile/token.ts';
import { type History, inRelease } from '../history.ts';
import type { BlockSettings, Plugin } from '../plugin.ts';
import type { Release } from '../releases.ts';

/** One key of one server block, and what its plugins made of it (`dnsserver.Config`). */
export interface Configuration extends BlockSettings {
  readonly transport: Transport;
  readonly zone: string;
  /** The addresses that it serves of a reverse zone; undefined: all names. */
  readonly network: Prefix | undefined;
  /** Index of its block in the Corefile. */
  readonly block: number;
  readonly key: Token;
  /** The chain, in the order of the release. */
  plugins: readonly Plugin[];
}

/** One instance of each plugin serves all keys of a block, instead of one a key. */
export const sharesPlugins: History<boolean> = [
  ['1.6.7', false],
  ['1.8.5', true],
];

/** The keys of a shared block were checked for overlaps before they took over the first key's `bind`: corefile-start-zone-dup-keys. */
const checksBeforeSharing: History<boolean> = [
  ['1.6.7', false],
  ['1.8.5', true],
  ['1.10.0', false],
];

/** The configurations of all blocks; throws CoreDNS's refusal of a key. */
export function configurationsOf(blocks: readonly ServerBlock[], dnsPort: number, release: Release): Configuration[] {
  return blocks.flatMap((block, index) => {
    const keys = block.keys.map((key) => ({ key, addresses: addressesOf(key, dnsPort, release) }));
    const zones = keys.flatMap(({ addresses }) => addresses.map(({ zone }) => zone.toLowerCase()));
    // A key's further zones (of a CIDR) come after all keys, as CoreDNS appends them.
    const first = keys.flatMap(({ key, addresses }) => addresses.slice(0, 1).map((address) => ({ key, address })));
    const more = keys.flatMap(({ key, addresses }) => addresses.slice(1).map((address) => ({ key, address })));
    return [...first, ...more].map(({ key, address }) => configuration(address, zones, index, key));
  });
}

function addressesOf(key: Token, dnsPort: number, release: Release): readonly ZoneAddress[] {
  const addresses = readKey(key.text, dnsPort, release);
  if ('error' in addresses) throw new SetupError(`error inspecting server blocks: ${addresses.error}`, key);
  return addresses;
}

function configuration(address: ZoneAddress, zones: readonly string[], block: number, key: Token): Configuration {
  const { transport, zone, network, port } = address;
  return {
    transport,
    zone,
    network,
    port,
    listenOn: [],
    root: '',
    timeouts: {},
    view: undefined,
    plugins: [],
    zones,
    block,
    key,
  };
}

/** Gives all keys of a block what was set up for its first key, where the release shares it; then looks for zones served twice. */
export function shareAndCheck(configurations: readonly Configuration[], release: Release): void {
  const shares = inRelease(sharesPlugins, release.name);
  if (shares && !inRelease(checksBeforeSharing, release.name)) share(configurations);
  checkOverlaps(configurations);
  if (shares) share(configurations);
}

function share(configurations: readonly Configuration[]): void {
  const firsts = new Map<number, Configuration>();
  for (const one of configurations) {
    const first = firsts.get(one.block) ?? one;
    firsts.set(one.block, first);
    one.listenOn = first.listenOn;
    one.root = first.root;
    one.timeouts = first.timeouts;
    one.view = first.view;
    one.plugins = first.plugins;
  }
}

function checkOverlaps(configurations: readonly Configuration[]): void {
  const registered = new Set<string>();
  const bound = new Map<string, string>();
  for (const { transport, zone, port, listenOn, key, view } of configurations) {
    const everywhere = `${transport}://${zone}:${port}`;
    const places = listenOn.length === 0 ? [everywhere] : listenOn.map((address) => `${everywhere} on ${address}`);
    for (const here of places) {
      if (registered.has(here) && view === undefined)
        throw new SetupError(`cannot serve ${here} - it is already defined`, key);
      const unbound = registered.has(everywhere) ? everywhere : undefined;
      const other = here === everywhere ? bound.get(everywhere) : unbound;
      if (other !== undefined) {
        throw new SetupError(`cannot serve ${here} - zone overlap listener capacity with ${other}`, key);
      }
      if (view !== undefined) continue;
      registered.add(here);
      bound.set(everywhere, here);
    }
  }
}
