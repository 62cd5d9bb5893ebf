import { sizeOf } from '../../../dns/size.ts';
import { formatAddress, parseAddress } from '../../../network/address.ts';
import type { PluginSetup, Request } from '../../plugin.ts';
import { replySize } from '../../server/scrub.ts';
import { type Expression, type Functions, parseExpression, type Value } from './expression.ts';

/** `view NAME { expr EXPRESSION }`: the block serves only queries for which every expression is true. */
export function setUpView(setup: PluginSetup): undefined {
  const { directive: words, block } = setup;
  while (words.nextOnly()) {
    const [name, more] = words.remainingArguments();
    if (name === undefined || more !== undefined) throw words.argumentError();
    const expressions: Expression[] = [];
    while (words.nextBlock()) {
      if (words.value !== 'expr') throw words.error(`unknown property '${words.value}'`);
      expressions.push(words.taken(parseExpression(words.remainingArguments().join(' '))));
    }
    const accepts = (request: Request) => {
      const functions = functionsOf(request);
      return expressions.every((expression) => expression(functions) === true);
    };
    block.view = { name, accepts };
  }
}

/** What expressions may ask of a query (plugin/pkg/expression). */
function functionsOf({ message, original, protocol, client, local }: Request): Functions {
  const [question] = message.question;
  return {
    bufsize: () => replySize(protocol, original.edns),
    class: () => question?.class ?? '',
    client_ip: () => formatAddress(client.address),
    do: () => original.edns?.do === true,
    id: () => message.id,
    incidr: ([address, network]) => inCidr(address, network),
    name: () => (question?.name ?? '').toLowerCase(),
    opcode: () => 0,
    port: () => String(client.port),
    proto: () => protocol,
    server_ip: () => formatAddress(local.address),
    server_port: () => String(local.port),
    size: () => sizeOf(message, { compress: false }),
    type: () => question?.type ?? '',
  };
}

function inCidr(address: Value | undefined, network: Value | undefined): boolean {
  const [base = '', bits = ''] = String(network).split('/');
  const one = parseAddress(String(address));
  const other = parseAddress(base);
  if (one === undefined || other === undefined || !/^\d{1,2}$/.test(bits)) return false;
  const size = 2 ** (32 - Number(bits));
  return Math.floor(one / size) === Math.floor(other / size);
}
