import { changed } from '../../../dns/build.ts';
import type { Message } from '../../../dns/message.ts';
import { inRelease, since } from '../../history.ts';
import type { Plugin, PluginSetup } from '../../plugin.ts';

/** EDNS option code (RFC 5001). */
const nsid = 3;
/** Before, only a reply that had the option already was changed; else the query's came back as it was. */
const namesEveryReply = since('1.7.0');

/** `nsid [DATA]`: tells who answered, to clients that ask with the NSID option; the host's name unless said. */
export function setUpNsid(setup: PluginSetup): Plugin {
  const { directive: words, sockets, release } = setup;
  let data = sockets.host;
  while (words.nextOnly()) {
    const args = words.remainingArguments();
    if (args.length > 0) data = args.join(' ');
  }
  const own = { code: nsid, octets: new TextEncoder().encode(data) };
  const named = (reply: Message, udpSize: number): Message => {
    const has = reply.edns?.options.some(({ code }) => code === nsid) === true;
    if (!has && !inRelease(namesEveryReply, release.name)) return reply;
    const edns = reply.edns ?? { udpSize, do: true, version: 0, options: [] };
    return changed(reply, { edns: { ...edns, options: [...edns.options.filter(({ code }) => code !== nsid), own] } });
  };
  return {
    name: 'nsid',
    *handle(request, next) {
      const asked = request.message.edns;
      const outcome = yield* next(request);
      if (outcome.reply === undefined || asked?.options.every(({ code }) => code !== nsid) !== false) return outcome;
      setup.decided(request, 'named', data);
      return { ...outcome, reply: named(outcome.reply, asked.udpSize) };
    },
  };
}
