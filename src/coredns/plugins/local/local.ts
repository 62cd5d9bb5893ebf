import { changed, replyTo } from '../../../dns/build.ts';
import type { Question } from '../../../dns/message.ts';
import type { RecordData } from '../../../dns/record.ts';
import { inRelease, since } from '../../history.ts';
import type { Plugin, PluginSetup } from '../../plugin.ts';
import { longestZone } from '../../zones.ts';

const ttl = 604_800;
const zones: readonly string[] = ['localhost.', '0.in-addr.arpa.', '127.in-addr.arpa.', '255.in-addr.arpa.'];

const loopbackPointer = '1.0.0.127.in-addr.arpa.';

/** Words behind the directive were passed over. */
const refusesWords = since('1.14.4');
const knowsPrefixProperty = since('1.14.5');
/** Names below `localhost.` are the loopback address too, instead of not existing. */
const answersBelow = since('1.14.5');

const soa: RecordData = {
  type: 'SOA',
  mname: 'localhost.',
  rname: 'root.localhost.',
  serial: 1,
  refresh: 0,
  retry: 0,
  expire: 0,
  minimum: ttl,
};

/** `local`: answers for localhost and the reverse zones that must not leave the machine (RFC 6303). */
export function setUpLocal(setup: PluginSetup): Plugin {
  const prefix = parse(setup);
  const below = inRelease(answersBelow, setup.release.name);
  return {
    name: 'local',
    *handle(request, next) {
      const [question] = request.message.question;
      if (question === undefined) return yield* next(request);
      const name = question.name.toLowerCase();
      const longer = (prefix && name.startsWith('localhost.')) || (below && name.endsWith('.localhost.'));
      const intercepted = longer && name !== 'localhost.';
      const zone = intercepted ? name : longestZone(zones, name);
      if (zone === undefined) return yield* next(request);
      if (intercepted) setup.metrics.counter('coredns_local_localhost_requests_total').add([]);
      const address = intercepted || name === 'localhost.' ? loopback(question) : undefined;
      const found = address ?? (intercepted ? undefined : zoneData(name, zone, question));
      const rcode = name === zone || name === loopbackPointer ? 'NOERROR' : 'NXDOMAIN';
      setup.decided(request, 'answered', rcode);
      const record = { ttl, class: 'IN' };
      const answer = found === undefined ? [] : [{ ...record, name: question.name, data: found }];
      // In the case that the query has.
      const owner = question.name.slice(-zone.length);
      const authority = found === undefined ? [{ ...record, name: owner, data: soa }] : [];
      return { rcode: 'NOERROR', reply: changed(replyTo(request.message, rcode), { answer, authority }) };
    },
  };
}

function loopback({ type }: Question): RecordData | undefined {
  if (type === 'A') return { type, address: '127.0.0.1' };
  return type === 'AAAA' ? { type, address: '::1' } : undefined;
}

function zoneData(name: string, zone: string, { type }: Question): RecordData | undefined {
  if (name === zone && type === 'SOA') return soa;
  if (name === zone && type === 'NS') return { type, target: 'localhost.' };
  return name === loopbackPointer && type === 'PTR' ? { type, target: 'localhost.' } : undefined;
}

/** `local { localhost_prefix on|off }`: are names that begin with `localhost.` the loopback address too? */
function parse({ directive: words, release }: PluginSetup): boolean {
  let prefix = true;
  while (inRelease(refusesWords, release.name) && words.next()) {
    if (words.remainingArguments().length > 0) throw words.argumentError();
    while (words.nextBlock()) {
      if (words.value !== 'localhost_prefix' || !inRelease(knowsPrefixProperty, release.name)) {
        throw words.error(`unknown property '${words.value}'`);
      }
      const [state, more] = words.remainingArguments();
      if (state === undefined || more !== undefined) throw words.argumentError();
      if (state !== 'on' && state !== 'off') {
        throw words.error(`localhost_prefix expects 'on' or 'off', got ${JSON.stringify(state)}`);
      }
      prefix = state === 'on';
    }
  }
  return prefix;
}
