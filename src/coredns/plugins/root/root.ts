import { isDirectory } from '../../corefile/imports.ts';
import type { PluginSetup } from '../../plugin.ts';

/** `root DIRECTORY`: stands before relative paths of `file` and others. */
export function setUpRoot({ directive: words, block, files, log }: PluginSetup): undefined {
  while (words.next()) {
    if (!words.nextArgument()) throw words.argumentError();
    block.root = words.value;
  }
  const exists = isDirectory(files, block.root) || files.names().includes(block.root);
  if (!exists) log.warning(`Root path does not exist: ${block.root}`);
}
