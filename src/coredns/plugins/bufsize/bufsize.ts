import { changed } from '../../../dns/build.ts';
import type { Edns } from '../../../dns/message.ts';
import { goInteger } from '../../corefile/go-values.ts';
import { type History, inRelease } from '../../history.ts';
import type { Plugin, PluginSetup } from '../../plugin.ts';
import type { ReleaseName } from '../../releases.ts';

/** Smallest and largest argument (octets). */
const range = { from: 512, to: 4096 };

const defaultSize: History<number> = [
  ['1.6.7', 512],
  ['1.11.0', 1232],
];

/** What it does to a query without OPT, and to one whose size is smaller. Recordings size-bufsize-*. */
const ways: History<{ readonly addsOpt: boolean; readonly raises: boolean }> = [
  ['1.6.7', { addsOpt: true, raises: true }],
  ['1.9.2', { addsOpt: false, raises: true }],
  ['1.9.4', { addsOpt: false, raises: false }],
];

/** The size without an argument, and what it does to the sizes that clients offer. */
export const bufsizeBehaviour = (release: ReleaseName) => ({
  defaultSize: inRelease(defaultSize, release),
  way: inRelease(ways, release),
});

/** `bufsize [SIZE]`: edits the query's EDNS size in place, for the upstream's and for the client's reply. */
export function setUpBufsize(setup: PluginSetup): Plugin {
  const size = parse(setup);
  const { addsOpt, raises } = bufsizeBehaviour(setup.release.name).way;
  const edited = (edns: Edns | undefined): Edns | undefined => {
    if (edns === undefined) return addsOpt ? { udpSize: size, do: false, version: 0, options: [] } : undefined;
    return raises || edns.udpSize > size ? { ...edns, udpSize: size } : edns;
  };
  return {
    name: 'bufsize',
    *handle(request, next) {
      const edns = edited(request.message.edns);
      if (edns !== request.message.edns) setup.decided(request, 'edns-size', String(size));
      request.original.edns = edns;
      return yield* next({ ...request, message: changed(request.message, { edns }) });
    },
  };
}

function parse({ directive: words, release }: PluginSetup): number {
  words.next();
  const [text, more] = words.remainingArguments();
  if (text === undefined) return bufsizeBehaviour(release.name).defaultSize;
  const size = goInteger(text);
  if ('error' in size || size.value < range.from || size.value > range.to || more !== undefined) {
    throw words.plainError(`plugin/bufsize: ${words.argumentError().message}`);
  }
  return size.value;
}
