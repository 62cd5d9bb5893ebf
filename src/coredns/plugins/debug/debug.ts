import type { PluginSetup } from '../../plugin.ts';

/** `debug`: panics are not caught, and the log says more; nothing on the way of a query. */
export function setUpDebug({ directive: words, leftOut }: PluginSetup): undefined {
  words.next();
  if (words.nextArgument()) throw words.argumentError();
  leftOut('the effect');
}
