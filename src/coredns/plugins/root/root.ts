import type { PluginSetup } from '../../plugin.ts';

/** `root DIRECTORY`: stands before relative paths of `file` and others. */
export function setUpRoot({ directive: words, block }: PluginSetup): undefined {
  while (words.next()) {
    if (!words.nextArgument()) throw words.argumentError();
    block.root = words.value;
  }
}
