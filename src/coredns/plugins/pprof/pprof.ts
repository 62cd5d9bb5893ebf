import { goInteger } from '../../corefile/go-values.ts';
import { missingPort } from '../../listen-address.ts';
import type { PluginSetup } from '../../plugin.ts';

/** `pprof [ADDRESS] { block [RATE] }`: profiles of the process; nothing on the way of a query. */
export function setUpPprof({ directive: words, leftOut }: PluginSetup): undefined {
  while (words.nextOnly()) {
    const [address, more] = words.remainingArguments();
    if (more !== undefined) throw words.argumentError();
    if (address?.includes(':') === false) throw words.error(missingPort(address));
    while (words.nextBlock()) {
      if (words.value !== 'block') throw words.error(`unknown property '${words.value}'`);
      const [rate, extra] = words.remainingArguments();
      if (extra !== undefined) throw words.argumentError();
      if (rate !== undefined && 'error' in goInteger(rate)) {
        throw words.error(`property 'block' invalid integer value '${rate}'`);
      }
    }
  }
  leftOut('the effect');
}
