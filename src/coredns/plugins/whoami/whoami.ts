import { changed, replyTo } from '../../../dns/build.ts';
import type { ResourceRecord } from '../../../dns/record.ts';
import { formatAddress } from '../../../network/address.ts';
import type { Plugin, PluginSetup } from '../../plugin.ts';

/** `whoami`: the client's address and port in the additional section. */
export function setUpWhoami(setup: PluginSetup): Plugin {
  const { directive: words } = setup;
  words.next();
  if (words.nextArgument()) throw words.argumentError();
  return {
    name: 'whoami',
    // biome-ignore lint/correctness/useYield: answers at once
    *handle(request) {
      const name = request.message.question[0]?.name ?? '.';
      const record = { ttl: 0, class: 'IN' };
      const address: ResourceRecord = {
        ...record,
        name,
        data: {
          type: typeof request.client.address === 'number' ? 'A' : 'AAAA',
          address: formatAddress(request.client.address),
        },
      };
      const service: ResourceRecord = {
        ...record,
        name: name === '.' ? `_${request.protocol}.` : `_${request.protocol}.${name}`,
        data: { type: 'SRV', priority: 0, weight: 0, port: request.client.port, target: '.' },
      };
      const reply = replyTo(request.message);
      setup.decided(request, 'answered', 'NOERROR');
      return {
        rcode: 'NOERROR',
        reply: changed(reply, { flags: { ...reply.flags, aa: true }, additional: [address, service] }),
      };
    },
  };
}
