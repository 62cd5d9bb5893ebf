import { millisecond } from '../../../engine/time.ts';
import { goDuration } from '../../corefile/go-values.ts';
import type { Plugin, PluginSetup } from '../../plugin.ts';

/** A little more than `forward` gives itself. */
const usual = 5001 * millisecond;

/** `cancel [TIMEOUT]`: no plugin begins anything more for a query that is older. */
export function setUpCancel(setup: PluginSetup): Plugin {
  const { directive: words, simulation } = setup;
  let timeout = usual;
  while (words.next()) {
    const [text, more] = words.remainingArguments();
    if (more !== undefined) throw words.argumentError();
    if (text === undefined) continue;
    const span = goDuration(text);
    if ('error' in span) throw words.plainError(`invalid duration: ${JSON.stringify(text)}`);
    if (span.value <= 0) throw words.plainError(`invalid negative duration: ${JSON.stringify(text)}`);
    timeout = span.value;
  }
  return {
    name: 'cancel',
    handle: (request, next) => next({ ...request, deadline: simulation.now + timeout }),
  };
}
