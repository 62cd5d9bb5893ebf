const prefix = 'node-local-dns-';

/** The node-cache process of a node: what its pod of the DaemonSet would be called, `node-local-dns-node-1`. */
export function nodeCacheOn(node: string): string {
  return prefix + node;
}

/** The node of a node-cache process; undefined for CoreDNS's own. */
export function nodeOfCache(process: string): string | undefined {
  return process.startsWith(prefix) ? process.slice(prefix.length) : undefined;
}
