import { inRelease, since } from './history.ts';
import type { PluginSetup } from './plugin.ts';

/** Words behind the directive were passed over. */
const refusesWords = since('1.14.4');

/** For `any` and `local`: a directive that stands alone. */
export function takesNothing({ directive: words, release }: PluginSetup): void {
  if (!inRelease(refusesWords, release.name)) return;
  while (words.next()) if (words.nextArgument()) throw words.argumentError();
}
