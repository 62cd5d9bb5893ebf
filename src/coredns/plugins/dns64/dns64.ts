import { changed, replyTo } from '../../../dns/build.ts';
import type { Message } from '../../../dns/message.ts';
import { typeOf } from '../../../dns/record.ts';
import { parsePrefix as parsePlainPrefix } from '../../../network/address.ts';
import { formatIpv6 } from '../../../network/ipv6.ts';
import { nibblesOf } from '../../corefile/keys.ts';
import { inRelease, since } from '../../history.ts';
import type { Plugin, PluginSetup } from '../../plugin.ts';

/** A /32 to /96 in whole octets, into which an IPv4 address is put (RFC 6052 §2.2). */
interface Prefix {
  readonly octets: readonly number[];
}

const knowsAllowIpv4 = since('1.8.7');
/** 64:ff9b::/96 */
const wellKnown: Prefix = { octets: [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0] };
/** TTL limit where no SOA gives one (RFC 6147 §5.1.7). */
const ttlWithoutSoa = 600;

/** `dns64 [PREFIX] { prefix; translate_all; allow_ipv4 }`: AAAA records out of A, for clients that asked over IPv6 unless `allow_ipv4`. */
export function setUpDns64(setup: PluginSetup): Plugin {
  const { prefix, translateAll, allowIpv4 } = parse(setup);
  return {
    name: 'dns64',
    *handle(request, next) {
      const [question] = request.message.question;
      const takes = allowIpv4 || typeof request.client.address === 'bigint';
      if (!takes || question?.type !== 'AAAA') return yield* next(request);
      const outcome = yield* next(request);
      const { reply } = outcome;
      if (reply === undefined || reply.rcode === 'NXDOMAIN') return outcome;
      if (!translateAll && reply.answer.some((record) => typeOf(record) === 'AAAA')) return outcome;
      // What `rewrite` has changed in place is what is asked for, and what the reply repeats.
      const asked = outcome.rewritten?.question ?? question;
      const plain = yield* setup.lookup(request, asked.name, 'A');
      if (plain === undefined) return outcome;
      setup.decided(request, 'synthesized', plain.rcode);
      const empty = replyTo(changed(request.message, { question: [asked] }), plain.rcode);
      return { rcode: plain.rcode, reply: synthesized(empty, reply, plain, prefix) };
    },
  };
}

function synthesized(empty: Message, six: Message, four: Message, prefix: Prefix): Message {
  const soa = six.authority.find((record) => typeOf(record) === 'SOA');
  const limit = soa?.ttl ?? ttlWithoutSoa;
  const answer = four.answer.map((record) => {
    if (record.data.type !== 'A') return record;
    const data = { type: 'AAAA', address: embedded(prefix, record.data.address) } as const;
    return { ...record, ttl: Math.min(record.ttl, limit), data };
  });
  return changed(empty, { answer, authority: four.authority, additional: four.additional });
}

/** The IPv4 address behind the prefix; octet 8 stays zero. */
function embedded({ octets }: Prefix, address: string): string {
  const all = [...octets];
  for (const part of address.split('.')) {
    if (all.length === 8) all.push(0);
    all.push(Number(part));
  }
  while (all.length < 16) all.push(0);
  return formatIpv6(Array.from({ length: 8 }, (_, i) => (all[2 * i] ?? 0) * 256 + (all[2 * i + 1] ?? 0)));
}

function parse(setup: PluginSetup): { prefix: Prefix; translateAll: boolean; allowIpv4: boolean } {
  const { directive: words, release } = setup;
  let prefix = wellKnown;
  let translateAll = false;
  let allowIpv4 = false;
  while (words.next()) {
    const [given, more] = words.remainingArguments();
    if (more !== undefined) throw words.argumentError();
    if (given !== undefined) {
      prefix = parsePrefix(setup, given);
      continue;
    }
    while (words.nextBlock()) {
      switch (words.value) {
        case 'prefix':
          if (!words.nextArgument()) throw words.argumentError();
          prefix = parsePrefix(setup, words.value);
          break;
        case 'translate_all':
          translateAll = true;
          break;
        case 'allow_ipv4':
          if (!inRelease(knowsAllowIpv4, release.name)) throw words.error(`unknown property '${words.value}'`);
          allowIpv4 = true;
          break;
        default:
          throw words.error(`unknown property '${words.value}'`);
      }
    }
  }
  return { prefix, translateAll, allowIpv4 };
}

function parsePrefix({ directive: words }: PluginSetup, text: string): Prefix {
  const [address = '', length = ''] = text.split('/');
  const nibbles = nibblesOf(address);
  const bits = Number(length);
  if (typeof parsePlainPrefix(text)?.address === 'number') {
    throw words.error(`invalid netmask 32 IPv6 address: ${JSON.stringify(text)}`);
  }
  if (nibbles === undefined || !/^\d{1,3}$/.test(length) || bits > 128) {
    throw words.plainError(`invalid CIDR address: ${text}`);
  }
  if (bits % 8 !== 0 || bits < 32 || bits > 96) {
    throw words.error(`invalid prefix length ${JSON.stringify(`${masked(nibbles, bits)}/${bits}`)}`);
  }
  const octets = Array.from({ length: bits / 8 }, (_, i) => (nibbles[2 * i] ?? 0) * 16 + (nibbles[2 * i + 1] ?? 0));
  return { octets };
}

/** The network of an IPv6 address, as Go prints it. */
function masked(nibbles: readonly number[], bits: number): string {
  const kept = nibbles.map((nibble, i) => {
    const free = Math.min(4, Math.max(0, 4 * (i + 1) - bits));
    return nibble - (nibble % 2 ** free);
  });
  const hex = kept.map((nibble) => nibble.toString(16)).join('');
  return formatIpv6((hex.match(/.{4}/g) ?? []).map((group) => Number.parseInt(group, 16)));
}
