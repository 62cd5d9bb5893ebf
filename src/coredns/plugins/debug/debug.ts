import type { PluginSetup } from '../../plugin.ts';

/** `debug`: panics are not caught; nothing else on the way of a query. */
export function setUpDebug({ directive: words, block }: PluginSetup): undefined {
  words.next();
  if (words.nextArgument()) throw words.argumentError();
  block.debug = true;
}
