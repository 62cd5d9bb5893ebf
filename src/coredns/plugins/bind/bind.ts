import { parseAddress } from '../../../network/address.ts';
import { type History, inRelease, since } from '../../history.ts';
import type { PluginSetup } from '../../plugin.ts';

const takesInterfaces = since('1.8.4');
const refusal: History<(word: string) => string> = [
  ['1.6.7', (word) => `not a valid IP address: ${word}`],
  ['1.8.4', (word) => `not a valid IP address or interface name: ${JSON.stringify(word)}`],
];
const nothingNamed: History<string> = [
  ['1.6.7', 'at least one address is expected'],
  ['1.8.4', 'at least one address or interface name is expected'],
];
/** The only interface whose addresses are the same everywhere. */
const loopback = { name: 'lo', address: '127.0.0.1' };

/** `bind ADDRESS|INTERFACE… { except ADDRESS… }` */
export function setUpBind(setup: PluginSetup): undefined {
  const { directive: words, block, release } = setup;
  const addresses: string[] = [];
  while (words.next()) {
    const args = words.remainingArguments();
    if (args.length === 0) throw words.plainError(inRelease(nothingNamed, release.name));
    let except: string[] = [];
    while (inRelease(takesInterfaces, release.name) && words.nextBlock()) {
      if (words.value !== 'except') throw words.plainError(`invalid option ${JSON.stringify(words.value)}`);
      except = words.remainingArguments();
      if (except.length === 0)
        throw words.plainError('at least one address or interface must be given to except subdirective');
    }
    const named = args.map((arg) => addressOf(setup, arg));
    const leftOut = except.map((one) => addressOf(setup, one));
    addresses.push(...named.filter((address) => !leftOut.includes(address)));
  }
  block.listenOn = addresses;
}

function addressOf({ directive: words, release }: PluginSetup, word: string): string {
  if (parseAddress(word) !== undefined) return word;
  if (word === loopback.name && inRelease(takesInterfaces, release.name)) return loopback.address;
  throw words.plainError(inRelease(refusal, release.name)(word));
}
