import type { Edns, Question } from '../../../dns/message.ts';
import { typeNumber } from '../../../dns/numbers.ts';
import { networkOf, octetsOf } from '../../../network/address.ts';
import type { Endpoint } from '../../../network/packet.ts';
import { type History, inRelease, since } from '../../history.ts';
import type { PluginSetup, Request } from '../../plugin.ts';
import type { Rule } from './rules.ts';

type Action = 'set' | 'append' | 'replace' | 'unset';
type Way = Pick<Request, 'client' | 'local' | 'protocol'>;
/** The option's octets for a query; undefined: there are none, and the rule does nothing. */
type Octets = (question: Question, way: Way) => Uint8Array | undefined;

/** How many words follow `local`, and `subnet`, in words. `revert` may stand behind them. */
const localWords: History<string> = [
  ['1.6.7', 'exactly three'],
  ['1.11.4', 'three or four'],
];
const knowsRevert = since('1.11.4');
const knowsUnset = since('1.12.3');
const nsid = 3;
const subnet = 8;
/** OPT of a query that had none. */
const fresh: Edns = { udpSize: 4096, do: false, version: 0, options: [] };

/** `edns0 local|nsid|subnet set|append|replace|unset …`: changes an option of the query's OPT. */
export function edns0Rule(setup: PluginSetup, args: readonly string[]): Rule['apply'] {
  const { directive: words, release } = setup;
  const [kindWord, actionWord] = args;
  if (kindWord === undefined || actionWord === undefined) throw words.plainError('too few arguments for an EDNS0 rule');
  const kind = kindWord.toLowerCase();
  const action = actionOf(actionWord.toLowerCase(), inRelease(knowsUnset, release.name));
  if (action === undefined) throw words.plainError(`invalid action: ${JSON.stringify(actionWord.toLowerCase())}`);
  if (action === 'unset') return changing(unsetCode(setup, kind, args), action, () => undefined, true);
  const reverts = inRelease(knowsRevert, release.name) && args.at(-1) === 'revert';
  const said = reverts ? args.slice(0, -1) : args;
  const [, , first = '', second = ''] = said;
  switch (kind) {
    case 'local': {
      if (said.length !== 4) {
        throw words.plainError(`EDNS0 local rules require ${inRelease(localWords, release.name)} args`);
      }
      const octets = second.startsWith('{') && second.endsWith('}') ? variable(setup, second) : () => literal;
      const code = codeOf(setup, first);
      const literal = second.startsWith('{') ? new Uint8Array() : literalOctets(setup, second);
      return changing(code, action, octets, reverts);
    }
    case 'nsid':
      if (said.length !== 2) {
        const most = inRelease(knowsRevert, release.name) ? 'can accept no more than one arg' : 'do not accept args';
        throw words.plainError(`EDNS0 NSID rules ${most}`);
      }
      return changing(nsid, action, () => new Uint8Array(), reverts);
    case 'subnet': {
      if (said.length !== 4) {
        throw words.plainError(`EDNS0 subnet rules require ${inRelease(localWords, release.name)} args`);
      }
      const bits4 = maskLength(setup, first, 32, 'IPv4');
      const bits6 = maskLength(setup, second, 128, 'IPv6');
      const bitsFor = ({ address }: Endpoint) => (typeof address === 'number' ? bits4 : bits6);
      return changing(subnet, action, (_, { client }) => clientSubnet(client, bitsFor(client)), reverts);
    }
    default:
      throw words.plainError(`invalid rule type ${JSON.stringify(kind)}`);
  }
}

function actionOf(word: string, unset: boolean): Action | undefined {
  const actions: readonly Action[] = unset ? ['set', 'append', 'replace', 'unset'] : ['set', 'append', 'replace'];
  return actions.find((action) => action === word);
}

function unsetCode(setup: PluginSetup, kind: string, args: readonly string[]): number {
  const { directive: words } = setup;
  const wanted = kind === 'local' ? 3 : 2;
  const codes: Readonly<Record<string, () => number>> = {
    local: () => codeOf(setup, args[2] ?? ''),
    nsid: () => nsid,
    subnet: () => subnet,
  };
  const code = codes[kind];
  if (code === undefined) throw words.plainError(`invalid rule type ${JSON.stringify(kind)}`);
  if (args.length !== wanted) {
    const count = kind === 'local' ? 'two arguments' : 'one argument';
    throw words.plainError(`${kind} unset action requires exactly ${count}`);
  }
  return code();
}

/** The rule that changes option `code`. Options that a rule for `local` names are repeated in replies, unless it `reverts`. */
function changing(code: number, action: Action, octets: Octets, reverts: boolean): Rule['apply'] {
  return ({ question, edns }, way) => {
    const before = edns ?? fresh;
    const repeated = reverts || code === subnet || code === nsid ? [] : [code];
    const with_ = (options: Edns['options']) => ({
      query: { question, edns: { ...before, options } },
      response: [],
      repeated,
    });
    if (action === 'unset') return with_(before.options.filter((option) => option.code !== code));
    const data = octets(question, way);
    if (data === undefined) return undefined;
    const at = before.options.findIndex((option) => option.code === code);
    if (at >= 0 && action !== 'append') return with_(before.options.with(at, { code, octets: data }));
    if (action === 'replace') return { ...with_(before.options), ignored: true };
    return with_([...before.options, { code, octets: data }]);
  };
}

function codeOf({ directive: words }: PluginSetup, text: string): number {
  const quoted = JSON.stringify(text);
  const code = /^(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]*|[1-9]\d*)$/.test(text)
    ? Number(text.replace(/^0(?=[0-7]+$)/, '0o'))
    : undefined;
  if (code === undefined) throw words.plainError(`strconv.ParseUint: parsing ${quoted}: invalid syntax`);
  if (code > 65_535) throw words.plainError(`strconv.ParseUint: parsing ${quoted}: value out of range`);
  return code;
}

function maskLength(setup: PluginSetup, text: string, most: number, family: string): number {
  const bits = codeOf(setup, text);
  if (bits > most) throw setup.directive.plainError(`invalid ${family} bit mask length ${bits}`);
  return bits;
}

/** The text's octets, or those that `0x…` spells (`hex.DecodeString`). */
function literalOctets({ directive: words }: PluginSetup, text: string): Uint8Array {
  if (!text.startsWith('0x')) return new TextEncoder().encode(text);
  const digits = text.slice(2);
  const wrong = /[^0-9a-fA-F]/.exec(digits)?.[0];
  if (wrong !== undefined) throw words.plainError(`encoding/hex: invalid byte: ${goRune(wrong)}`);
  if (digits.length % 2 > 0) throw words.plainError('encoding/hex: odd length hex string');
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** `U+0078 'x'` */
function goRune(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')} '${character}'`;
}

/** `{client_ip}` and the like; `{a/b}` is metadata, of which there is none. */
function variable({ directive: words }: PluginSetup, text: string): Octets {
  const known: Readonly<Record<string, Octets>> = {
    '{qname}': ({ name }) => new TextEncoder().encode(name),
    '{qtype}': ({ type }) => twoOctets(typeNumber(type) ?? 0),
    '{client_ip}': (_, { client }) => Uint8Array.from(octetsOf(client.address)),
    '{client_port}': (_, { client }) => twoOctets(client.port),
    '{protocol}': (_, { protocol }) => new TextEncoder().encode(protocol),
    '{server_ip}': (_, { local }) => Uint8Array.from(octetsOf(local.address)),
    '{server_port}': (_, { local }) => twoOctets(local.port),
  };
  const octets = known[text];
  if (octets !== undefined) return octets;
  if (/^\{[^/]+\/[^{}]+\}$/.test(text)) return () => undefined;
  throw words.plainError(`unsupported variable name ${JSON.stringify(text)}`);
}

/** RFC 7871 §6: family, source and scope prefix, the address's octets. */
function clientSubnet({ address }: Endpoint, bits: number): Uint8Array {
  const family = typeof address === 'number' ? 1 : 2;
  const kept = octetsOf(networkOf(address, bits)).slice(0, Math.ceil(bits / 8));
  return Uint8Array.of(0, family, bits, 0, ...kept);
}

const twoOctets = (value: number): Uint8Array => Uint8Array.of(value >> 8, value & 255);
