import type { Micros } from '../../engine/time.ts';

/** A node-cache process: NodeLocal DNSCache on one node. */
export interface NodeCacheDescription {
  readonly name: string;
  /** The node. */
  readonly host: string;
  /** Of k8s-dns-node-cache, such as `1.22.20`. */
  readonly release: string;
  /** As the container's `args`. */
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Files by the paths that the arguments use: the keys of the ConfigMaps, /etc/resolv.conf. */
  readonly files: Readonly<Record<string, string>>;
  /** Directories that are there though they may be empty. */
  readonly directories: readonly string[];
  /** The base Corefile as the user calls it, which is how errors name what is made of it; without text `files` may hold one. */
  readonly corefile: { readonly file: string; readonly text: string | undefined };
  /** Can the node's kernel make dummy links? */
  readonly dummyLinks: boolean;
  /** Does it run for a long time already, with its link and all its rules in place? Otherwise they come when they come. */
  readonly settled: boolean;
  readonly startAt: Micros;
}
