import type { PluginSetup } from '../../plugin.ts';

/** `metadata [ZONES…]`: collects labels for other plugins; none of those that are modelled gives any. */
export function setUpMetadata({ directive: words, leftOut }: PluginSetup): undefined {
  words.next();
  words.remainingArguments();
  if (words.nextBlock() || words.next()) throw words.argumentError();
  leftOut('the effect');
}
