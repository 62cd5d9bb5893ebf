import type { Rcode } from '../../../dns/message.ts';
import { rcodeOf } from '../../../dns/numbers.ts';
import { formatEndpoint, parseAddress } from '../../../network/address.ts';
import type { Dispenser } from '../../corefile/dispenser.ts';
import { formatGoDuration, goDuration, goInteger, goUnsigned } from '../../corefile/go-values.ts';
import { absolute, normalizeZones } from '../../corefile/keys.ts';
import { placeOf, type Token } from '../../corefile/token.ts';
import { type History, inRelease, since } from '../../history.ts';
import type { BlockSettings, Files } from '../../plugin.ts';
import type { Release } from '../../releases.ts';
import { defaultOptions, type ForwardOptions, type To } from './options.ts';
import { forwardBehaviour } from './releases.ts';
import { parseTls } from './tls.ts';
import { isDomainName, readTo, splitHostPort } from './to.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Draft = Mutable<ForwardOptions>;

/** The first release that knows a property; those not listed have always been there. */
const introduced: Readonly<Record<string, string>> = {
  max_concurrent: '1.6.8',
  next: '1.11.4',
  next_on_nodata: '1.14.4',
  failfast_all_unhealthy_upstreams: '1.12.1',
  failover: '1.13.0',
  max_connect_attempts: '1.13.2',
  max_idle_conns: '1.14.1',
  max_age: '1.14.3',
  read_timeout: '1.14.5',
  resolver: '1.14.4',
  doh_method: '1.14.5',
  source_address: '1.14.7',
};
const severalForwards = since('1.9.4');
/** What a FROM that is no name leads to. */
const badFrom: History<'accepted' | 'panic' | 'error'> = [
  ['1.6.7', 'accepted'],
  ['1.8.4', 'panic'],
  ['1.9.1', 'error'],
];
/** 1.8.4 took the length of the zone's name for the number of zones. */
const warnsOfSeveralZones: History<(zones: readonly string[]) => boolean> = [
  ['1.6.7', () => false],
  ['1.8.4', ([zone = '']) => zone.length > 1],
  ['1.8.5', (zones) => zones.length > 1],
];
/** TO is looked at after the block instead of before. */
const readsToLast = since('1.14.4');
/** `no_rec` and whatever else follows the duration of `health_check`. */
const healthCheckWords = since('1.6.8');
const healthCheckDomain = since('1.9.2');
const normalizesHealthDomain = since('1.9.4');
const failoverRefusesNoError = since('1.13.2');
const maxFailsIsUnsigned: History<boolean> = [
  ['1.6.7', false],
  ['1.9.0', true],
];

/** What reading the lines needs beside them. */
export interface ParseContext {
  readonly release: Release;
  readonly files: Files;
  readonly block: Pick<BlockSettings, 'root'>;
  /** Takes words that we know of but do not model. */
  readonly notModelled: (what: string, at?: Token, hint?: string) => void;
  readonly warn: (text: string) => void;
}

/** Reads the `forward` lines of a block with the checks, and the texts, of `plugin/forward` setup.go. */
export function parseForwards(words: Dispenser, context: ParseContext): ForwardOptions[] {
  const forwards: ForwardOptions[] = [];
  const several = inRelease(severalForwards, context.release.name);
  while (several ? words.next() : words.nextOnly()) forwards.push(parseStanza(words, context));
  return forwards;
}

function parseStanza(words: Dispenser, context: ParseContext): ForwardOptions {
  const place = placeOf(words.token);
  if (!words.nextArgument()) throw words.argumentError();
  const from = fromZone(words, context);
  const written = words.remainingArguments();
  if (written.length === 0) throw words.argumentError();
  const toFirst = !inRelease(readsToLast, context.release.name);
  const draft: Draft = { ...defaultOptions, place, from, to: toFirst ? destinations(words, written, context) : [] };
  while (words.nextBlock()) parseProperty(words, draft, context);
  if (draft.maxAge > 0 && draft.maxAge < draft.expire) {
    const [age, expire] = [draft.maxAge, draft.expire].map(formatGoDuration);
    throw words.plainError(`max_age (${age}) must not be less than expire (${expire})`);
  }
  if (!toFirst) draft.to = destinations(words, written, context);
  const { namesTlsServers } = forwardBehaviour(context.release.name);
  const twice =
    draft.serverName === '' || !namesTlsServers ? undefined : draft.to.find(({ serverName }) => serverName !== '');
  if (twice?.kind === 'address') {
    const host = `tls://${formatEndpoint(twice.endpoint)}`;
    throw words.plainError(
      `both forward ('${draft.serverName}') and proxy level ('${twice.serverName}') TLS servernames are set for upstream proxy '${host}'`,
    );
  }
  return draft;
}

/** FROM; of a CIDR that stands for several zones the first. */
function fromZone(words: Dispenser, { release, warn }: ParseContext): string {
  const written = words.value;
  const zones = normalizeZones(written, release) ?? [];
  const [from] = zones;
  if (from !== undefined) {
    if (inRelease(warnsOfSeveralZones, release.name)(zones)) {
      warn(`Unsupported CIDR notation: '${written}' expands to multiple zones. Using only '${from}'.`);
    }
    return from;
  }
  switch (inRelease(badFrom, release.name)) {
    case 'accepted':
      return '';
    case 'panic':
      throw words.panic('runtime error: index out of range [0] with length 0');
    case 'error':
      throw words.plainError(`unable to normalize '${written}'`);
  }
}

function parseProperty(words: Dispenser, draft: Draft, context: ParseContext): void {
  const { release, notModelled } = context;
  const property = words.value;
  const at = words.token;
  const read = properties.get(property);
  const known = inRelease(since(introduced[property] ?? '0'), release.name);
  if (!known || (read === undefined && !unmodelled.has(property))) throw words.error(`unknown property '${property}'`);
  if (read !== undefined) {
    read(words, draft, release, context);
    return;
  }
  words.remainingArguments();
  notModelled(`property ${property}`, at);
}

const unmodelled: ReadonlySet<string> = new Set(['doh_method', 'source_address']);

type Read = (words: Dispenser, draft: Draft, release: Release, context: ParseContext) => void;

const properties: ReadonlyMap<string, Read> = new Map<string, Read>([
  [
    'except',
    (words, draft, release) => {
      const zones = someArguments(words);
      draft.except = [...draft.except, ...zones.flatMap((zone) => normalizeZones(zone, release) ?? [])];
    },
  ],
  [
    'max_fails',
    (words, draft, release) => {
      draft.maxFails = maxFails(words, release);
    },
  ],
  [
    'max_connect_attempts',
    (words, draft) => {
      draft.maxAttempts = words.taken(goUnsigned(oneArgument(words)));
    },
  ],
  [
    'health_check',
    (words, draft, release) => {
      draft.health = healthCheck(words, release, draft.health);
    },
  ],
  [
    'force_tcp',
    (words, draft) => {
      noArgument(words);
      draft.forceTcp = true;
    },
  ],
  [
    'prefer_udp',
    (words, draft) => {
      noArgument(words);
      draft.preferUdp = true;
    },
  ],
  [
    'tls',
    (words, draft, _release, context) => {
      draft.roots = parseTls(words, context);
    },
  ],
  [
    'tls_servername',
    (words, draft) => {
      draft.serverName = oneArgument(words);
    },
  ],
  [
    'expire',
    (words, draft) => {
      draft.expire = span(words, 'expire');
    },
  ],
  [
    'max_age',
    (words, draft) => {
      draft.maxAge = span(words, 'max_age');
    },
  ],
  [
    'max_idle_conns',
    (words, draft) => {
      const count = words.taken(goInteger(oneArgument(words)));
      if (count < 0) throw words.plainError(`max_idle_conns can't be negative: ${count}`);
      draft.maxIdle = count;
    },
  ],
  [
    'read_timeout',
    (words, draft) => {
      const timeout = words.taken(goDuration(oneArgument(words)));
      if (timeout <= 0) throw words.plainError(`read_timeout must be positive: ${formatGoDuration(timeout)}`);
      draft.readTimeout = timeout;
    },
  ],
  [
    'policy',
    (words, draft) => {
      const name = oneArgument(words);
      if (name !== 'random' && name !== 'round_robin' && name !== 'sequential') {
        throw words.error(`unknown policy '${name}'`);
      }
      draft.policy = name;
    },
  ],
  [
    'max_concurrent',
    (words, draft) => {
      const count = words.taken(goInteger(oneArgument(words)));
      if (count < 0) throw words.plainError(`max_concurrent can't be negative: ${count}`);
      draft.maxConcurrent = count;
      draft.maxConcurrentPlace = placeOf(words.token);
    },
  ],
  [
    'next',
    (words, draft) => {
      draft.next = [...draft.next, ...rcodes(words)];
    },
  ],
  [
    'next_on_nodata',
    (words, draft) => {
      noArgument(words);
      draft.nextOnNoData = true;
    },
  ],
  [
    'failfast_all_unhealthy_upstreams',
    (words, draft) => {
      noArgument(words);
      draft.failFast = true;
    },
  ],
  [
    'failover',
    (words, draft, release) => {
      const listed = rcodes(words);
      if (listed.includes('NOERROR') && inRelease(failoverRefusesNoError, release.name)) {
        throw words.plainError('NoError cannot be used in failover');
      }
      draft.failover = [...draft.failover, ...listed];
    },
  ],
  [
    'resolver',
    (words, draft) => {
      const addresses = someArguments(words);
      const wrong = addresses.find((address) => !isAddressWithPort(address));
      if (wrong !== undefined) throw words.plainError(`resolver must be an IP address or IP:port: "${wrong}"`);
      draft.resolvers = addresses;
    },
  ],
]);

function destinations(words: Dispenser, written: readonly string[], { files, release }: ParseContext): readonly To[] {
  const to = readTo(written, files, release.name);
  if (typeof to === 'string') throw words.plainError(to);
  return to;
}

function maxFails(words: Dispenser, release: Release): number {
  const text = oneArgument(words);
  if (inRelease(maxFailsIsUnsigned, release.name)) return words.taken(goUnsigned(text));
  const count = words.taken(goInteger(text));
  if (count < 0) throw words.plainError(`max_fails can't be negative: ${count}`);
  return count;
}

/** `health_check DURATION [no_rec] [domain NAME]` */
function healthCheck(words: Dispenser, release: Release, before: ForwardOptions['health']): ForwardOptions['health'] {
  const interval = words.taken(goDuration(oneArgument(words)));
  if (interval < 0) throw words.plainError(`health_check can't be negative: ${interval * 1000}`);
  const health = { ...before, interval, domain: '.' };
  if (!inRelease(healthCheckWords, release.name)) {
    if (words.nextArgument()) throw words.error(`unknown property '${words.value}'`);
    return health;
  }
  while (words.nextArgument()) {
    if (words.value === 'no_rec') {
      health.recursionDesired = false;
    } else if (words.value === 'domain' && inRelease(healthCheckDomain, release.name)) {
      const name = oneArgument(words);
      const normalizes = inRelease(normalizesHealthDomain, release.name);
      if (normalizes && !isDomainName(name)) throw words.plainError(`health_check: invalid domain name ${name}`);
      health.domain = normalizes ? absolute(name.toLowerCase()) : name;
    } else {
      throw words.plainError(`health_check: unknown option ${words.value}`);
    }
  }
  return health;
}

function rcodes(words: Dispenser): Rcode[] {
  return someArguments(words).map((name) => {
    const rcode = rcodeOf(name.toUpperCase());
    if (rcode === undefined) throw words.plainError(`${name} is not a valid rcode`);
    return rcode;
  });
}

function span(words: Dispenser, name: string): number {
  const value = words.taken(goDuration(oneArgument(words)));
  if (value < 0) throw words.plainError(`${name} can't be negative: ${formatGoDuration(value)}`);
  return value;
}

function oneArgument(words: Dispenser): string {
  if (!words.nextArgument()) throw words.argumentError();
  return words.value;
}

function noArgument(words: Dispenser): void {
  if (words.nextArgument()) throw words.argumentError();
}

function someArguments(words: Dispenser): string[] {
  const args = words.remainingArguments();
  if (args.length === 0) throw words.argumentError();
  return args;
}

function isAddressWithPort(text: string): boolean {
  const host = splitHostPort(text)?.host ?? text;
  return parseAddress(host) !== undefined;
}
