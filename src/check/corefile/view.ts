import { Dispenser, SetupError } from '../../coredns/corefile/dispenser.ts';
import { readKey } from '../../coredns/corefile/keys.ts';
import { parseCorefile, type ServerBlock } from '../../coredns/corefile/parser.ts';
import type { Token } from '../../coredns/corefile/token.ts';
import type { CacheOptions } from '../../coredns/plugins/cache/options.ts';
import { parseCache } from '../../coredns/plugins/cache/parse.ts';
import type { ForwardOptions, To } from '../../coredns/plugins/forward/options.ts';
import { parseForwards } from '../../coredns/plugins/forward/parse.ts';
import { readTo } from '../../coredns/plugins/forward/to.ts';
import type { Release } from '../../coredns/releases.ts';
import { parentOf } from '../../dns/name.ts';
import { formatAddress } from '../../network/address.ts';
import type { Source } from '../../problem/problem.ts';
import type { ZoneView } from '../zone.ts';
import { type Statement, statementsOf } from './statement.ts';

/** What is known of the place where a Corefile runs. */
export interface Surroundings {
  /** Files that CoreDNS can read, by the path that the Corefile writes. */
  readonly files: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  /** Who has an address, where a scenario tells all there are. */
  readonly owners?: ReadonlyMap<string, Owner>;
  /** ClusterIP of the Service in front of CoreDNS. */
  readonly serviceAddress?: string;
  /** Zones whose records are known. */
  readonly zones: readonly ZoneView[];
}

export interface Owner {
  readonly name: string;
  /** Sends UDP replies of any size. */
  readonly ignoresLimits: boolean;
  /** Where a server of the scenario listens for DNS over TLS; undefined: nowhere. */
  readonly tlsPort: number | undefined;
}

export interface KeyView {
  readonly token: Token;
  /** With final dot. */
  readonly zone: string;
  readonly port: number;
  readonly transport: string;
}

export interface CacheView {
  readonly statement: Statement;
  readonly options: CacheOptions;
}

/** A word behind `forward FROM`, and the upstreams that it stands for. */
export interface Target {
  readonly token: Token;
  readonly to: readonly To[];
  readonly isFile: boolean;
}

export interface ForwardView {
  readonly statement: Statement;
  readonly options: ForwardOptions;
  readonly targets: readonly Target[];
}

/** A server block as one release reads it; a directive with a mistake is there, without its options. */
export interface BlockView {
  readonly keys: readonly KeyView[];
  readonly zones: readonly string[];
  readonly statements: ReadonlyMap<string, readonly Statement[]>;
  readonly cache: CacheView | undefined;
  readonly forwards: readonly ForwardView[];
}

export interface CorefileView {
  readonly release: Release;
  readonly source: Source;
  readonly blocks: readonly BlockView[];
  /** The block of each zone, by port. */
  readonly routes: ReadonlyMap<number, ReadonlyMap<string, BlockView>>;
  readonly surroundings: Surroundings;
}

/** Reads a Corefile for its rules; never fails, however wrong it is. */
export function viewCorefile(source: Source, release: Release, surroundings: Surroundings): CorefileView {
  const { files, environment } = surroundings;
  const directory = { read: (path: string) => files[path.replace(/^\.\//, '')], names: () => Object.keys(files) };
  const corefile = parseCorefile(source, { directives: undefined, files: directory, environment }, []);
  const blocks = corefile.blocks.map((block) => viewBlock(block, source.file, release, directory));
  return { release, source, blocks, routes: routesOf(blocks), surroundings };
}

interface Directory {
  read(path: string): string | undefined;
  names(): readonly string[];
}

function viewBlock(block: ServerBlock, file: string, release: Release, files: Directory): BlockView {
  const keys = block.keys.flatMap((token) => {
    const addresses = readKey(token.text, 53, release);
    return 'error' in addresses ? [] : addresses.map((address) => ({ token, ...address }));
  });
  const zones = keys.map(({ zone }) => zone.toLowerCase());
  const statements = new Map([...block.directives].map(([name, tokens]) => [name, statementsOf(tokens)] as const));
  return {
    keys,
    zones,
    statements,
    cache: viewCache(block.directives.get('cache'), statements.get('cache')?.[0], file, release, zones),
    forwards: viewForwards(block.directives.get('forward'), statements.get('forward') ?? [], file, release, files),
  };
}

function viewCache(
  tokens: readonly Token[] | undefined,
  statement: Statement | undefined,
  file: string,
  release: Release,
  zones: readonly string[],
): CacheView | undefined {
  if (tokens === undefined || statement === undefined) return undefined;
  const options = unlessRefused(() => parseCache(new Dispenser(tokens, file), release, zones));
  return options && { statement, options };
}

function viewForwards(
  tokens: readonly Token[] | undefined,
  statements: readonly Statement[],
  file: string,
  release: Release,
  files: Directory,
): ForwardView[] {
  const read = (words: readonly Token[]) =>
    parseForwards(new Dispenser(words, file), {
      release,
      files,
      block: { root: '' },
      notModelled: () => {},
      warn: () => {},
    });
  const all = tokens === undefined ? [] : (unlessRefused(() => read(tokens)) ?? []);
  return statements.flatMap((statement, i) => {
    const options = all[i];
    return options === undefined ? [] : [{ statement, options, targets: targetsOf(statement, release, files) }];
  });
}

function targetsOf({ args }: Statement, release: Release, files: Directory): Target[] {
  return args.slice(1).map((token) => {
    const to = readTo([token.text], files, release.name);
    return { token, to: typeof to === 'string' ? [] : to, isFile: files.read(token.text) !== undefined };
  });
}

function unlessRefused<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof SetupError) return undefined;
    throw error;
  }
}

export function statements(block: BlockView, name: string): readonly Statement[] {
  return block.statements.get(name) ?? [];
}

export function statement(block: BlockView, name: string): Statement | undefined {
  return statements(block, name)[0];
}

export function uses(block: BlockView, name: string): boolean {
  return block.statements.has(name);
}

/** Every occurrence of a directive in the file. */
export function everywhere({ blocks }: CorefileView, name: string): readonly Statement[] {
  return blocks.flatMap((block) => statements(block, name));
}

/** Does the block serve every name that no other block does? */
export function isRoot(block: BlockView): boolean {
  return block.zones.includes('.');
}

/** Addresses that the block listens on; empty: all of its host's. */
export function boundTo(block: BlockView): readonly string[] {
  return statements(block, 'bind').flatMap(({ args }) => args.map(({ text }) => text));
}

/** `192.0.2.1` of an upstream; undefined for a host name. */
export function addressOf(to: To): string | undefined {
  return to.kind === 'address' ? formatAddress(to.endpoint.address) : undefined;
}

/** Runs on every node in front of the cluster's DNS (NodeLocal DNSCache): listens on a link-local address. */
export function isNodeCache({ blocks }: CorefileView): boolean {
  return blocks.some((block) => boundTo(block).some((address) => address.startsWith('169.254.')));
}

/** The block that answers for a name on a port: that of the longest zone. */
export function blockFor({ routes }: CorefileView, name: string, port: number): BlockView | undefined {
  const zones = routes.get(port);
  for (let zone = name.toLowerCase(); zones !== undefined; zone = parentOf(zone)) {
    const block = zones.get(zone);
    if (block !== undefined || zone === '.') return block;
  }
  return undefined;
}

/** Blocks by port and zone; a zone in capitals is asked for by nobody. */
function routesOf(blocks: readonly BlockView[]): Map<number, Map<string, BlockView>> {
  const routes = new Map<number, Map<string, BlockView>>();
  for (const block of blocks) {
    for (const { transport, zone, port } of block.keys) {
      if (transport !== 'dns' || zone !== zone.toLowerCase()) continue;
      const zones = routes.get(port) ?? new Map<string, BlockView>();
      routes.set(port, zones);
      if (!zones.has(zone)) zones.set(zone, block);
    }
  }
  return routes;
}
