import { clean, isDirectory } from '../../corefile/imports.ts';
import type { BlockSettings, PluginSetup } from '../../plugin.ts';

/** `root DIRECTORY`: stands before relative paths of `file`, `hosts` and `loadbalance`. */
export function setUpRoot({ directive: words, block, files, log }: PluginSetup): undefined {
  while (words.next()) {
    if (!words.nextArgument()) throw words.argumentError();
    block.root = words.value;
  }
  const exists = isDirectory(files, block.root) || files.names().includes(block.root);
  if (!exists) log.warning(`Root path does not exist: ${block.root}`);
}

/** A path of a plugin that heeds `root`. */
export function inRoot(path: string, { root }: Pick<BlockSettings, 'root'>): string {
  return root === '' || path.startsWith('/') ? path : clean(`${root}/${path}`);
}
