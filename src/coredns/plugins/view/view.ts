import { sizeOf } from '../../../dns/size.ts';
import { formatAddress, inPrefix, parseAddress, parsePrefix } from '../../../network/address.ts';
import type { Plugin, PluginSetup, Request } from '../../plugin.ts';
import { replySize } from '../../server/scrub.ts';
import { type Expression, type Functions, parseExpression, type Value } from './expression.ts';

/**
 * `view NAME { expr EXPRESSION }`: the block serves only queries for which every expression is true. It stands at the
 * chain's end and has nothing to say there: what finds no next plugin is its error.
 */
export function setUpView(setup: PluginSetup): Plugin {
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
  return { name: 'view', handle: (request, next) => next(request) };
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
  const parsed = parseAddress(String(address));
  const prefix = String(network).includes('/') ? parsePrefix(String(network)) : undefined;
  return parsed !== undefined && prefix !== undefined && inPrefix(parsed, prefix);
}
