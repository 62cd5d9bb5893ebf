import { goInteger } from '../../corefile/go-values.ts';
import type { PluginSetup } from '../../plugin.ts';

const most = 1024;

/** `multisocket [COUNT]`: several sockets at one address share the queries; which of them takes one makes no difference here. */
export function setUpMultisocket({ directive: words, leftOut }: PluginSetup): undefined {
  words.next();
  const [text, more] = words.remainingArguments();
  if (more !== undefined) throw words.argumentError();
  if (text !== undefined) {
    const count = goInteger(text);
    if ('error' in count) throw words.plainError(`invalid num sockets: ${count.error}`);
    if (count.value < 1) throw words.plainError(`num sockets can not be zero or negative: ${count.value}`);
    if (count.value > most) throw words.plainError(`num sockets exceeds maximum (${most}): ${count.value}`);
  }
  if (words.next()) throw words.argumentError();
  leftOut('the effect');
}
