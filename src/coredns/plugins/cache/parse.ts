import { second } from '../../../engine/time.ts';
import type { Dispenser } from '../../corefile/dispenser.ts';
import { goDuration, goInteger } from '../../corefile/go-values.ts';
import { normalizeZones } from '../../corefile/keys.ts';
import { placeOf } from '../../corefile/token.ts';
import { type History, inRelease, since } from '../../history.ts';
import type { Release } from '../../releases.ts';
import {
  type Bound,
  type CacheOptions,
  defaultOptions,
  defaultStale,
  longestServfail,
  type StaleOptions,
  type StoreOptions,
} from './options.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The first release that knows an option; those not listed have always been there. */
const introduced: Readonly<Record<string, string>> = {
  servfail: '1.9.4',
  disable: '1.9.4',
  keepttl: '1.10.1',
  serve_stale_policy: '1.14.7',
};
const rejectsKeepTtlWithZones: History<boolean> = [
  ['1.10.1', true],
  ['1.11.1', false],
];
/** Zones are written over the block's keys, one by one: those beyond the number of keys are lost (cache-zones). */
const overwritesKeys: History<boolean> = [
  ['1.6.7', true],
  ['1.8.4', false],
];
/** How many words may follow `serve_stale`. */
const serveStaleWords: History<number> = [
  ['1.6.7', 1],
  ['1.9.2', 2],
  ['1.14.4', 3],
  ['1.14.7', 5],
];

/** Reads the `cache` lines of a block with the checks, and the texts, of `plugin/cache` setup.go. */
export function parseCache(words: Dispenser, release: Release, blockZones: readonly string[]): CacheOptions {
  const options: Mutable<CacheOptions> = { ...defaultOptions };
  while (words.nextOnly()) {
    const place = placeOf(words.token);
    let zones = words.remainingArguments();
    const ttl = goInteger(zones[0] ?? '');
    if ('value' in ttl) {
      const max = { seconds: positiveTtl(words, ttl.value), place };
      options.success = { ...options.success, max };
      options.denial = { ...options.denial, max };
      zones = zones.slice(1);
    }
    const named = zones.flatMap((zone) => normalizeZones(zone, release) ?? []);
    options.zones = zones.length > 0 ? zonesOf(named, blockZones, release) : blockZones;
    parseBlock(words, release, options, zones.length > 0);
  }
  return options;
}

function zonesOf(named: readonly string[], blockZones: readonly string[], release: Release): readonly string[] {
  return inRelease(overwritesKeys, release.name) ? blockZones.map((zone, i) => named[i] ?? zone) : named;
}

function parseBlock(words: Dispenser, release: Release, options: Mutable<CacheOptions>, hasZones: boolean): void {
  let policy: 'prefer_positive' | undefined;
  while (words.nextBlock()) {
    if (!inRelease(since(introduced[words.value] ?? '0'), release.name)) throw words.argumentError();
    switch (words.value) {
      case 'success':
        options.success = storeOptions(words, options.success);
        break;
      case 'denial':
        options.denial = storeOptions(words, options.denial);
        break;
      case 'prefetch':
        options.prefetch = prefetchOptions(words, options.prefetch);
        break;
      case 'serve_stale':
        options.stale = staleOptions(words, release);
        break;
      case 'serve_stale_policy':
        policy = stalePolicy(words, policy !== undefined);
        break;
      case 'servfail':
        options.servfail = servfailBound(words);
        break;
      case 'disable':
        disable(words, options, release);
        break;
      case 'keepttl':
        if (inRelease(rejectsKeepTtlWithZones, release.name) ? hasZones : words.remainingArguments().length > 0) {
          throw words.argumentError();
        }
        options.keepTtl = true;
        break;
      default:
        throw words.argumentError();
    }
  }
  if (policy === undefined) return;
  if (options.stale === undefined) throw words.plainError('serve_stale_policy requires serve_stale');
  options.stale = { ...options.stale, preferPositive: true };
}

/** `success|denial CAPACITY [TTL [MINTTL]]` */
function storeOptions(words: Dispenser, before: StoreOptions): StoreOptions {
  const place = placeOf(words.token);
  const [capacity, max, min] = words.remainingArguments();
  if (capacity === undefined) throw words.argumentError();
  const store: Mutable<StoreOptions> = { ...before, capacity: words.taken(goInteger(capacity)) };
  if (max !== undefined) store.max = { seconds: positiveTtl(words, words.taken(goInteger(max))), place };
  if (min !== undefined) {
    const seconds = words.taken(goInteger(min));
    if (seconds < 0) throw words.plainError(`cache min TTL can not be negative: ${seconds}`);
    store.min = { seconds, place };
  }
  return store;
}

/** `prefetch AMOUNT [DURATION [PERCENTAGE%]]` */
function prefetchOptions(words: Dispenser, before: CacheOptions['prefetch']): CacheOptions['prefetch'] {
  const args = words.remainingArguments();
  const [amountText, durationText, percentageText] = args;
  if (amountText === undefined || args.length > 3) throw words.argumentError();
  const amount = words.taken(goInteger(amountText));
  if (amount < 0) throw words.plainError(`prefetch amount should be positive: ${amount}`);
  const duration = durationText === undefined ? before.duration : words.taken(goDuration(durationText));
  if (percentageText === undefined) return { ...before, amount, duration };
  if (percentageText === '') throw words.panic('runtime error: index out of range [-1]');
  const last = percentageText.slice(-1);
  if (last !== '%') throw words.plainError(`last character of percentage should be \`%\`, but is: '${last}'`);
  const percentage = words.taken(goInteger(percentageText.slice(0, -1)));
  if (percentage < 10 || percentage > 90) {
    throw words.plainError(`percentage should fall in range [10, 90]: ${percentage}`);
  }
  return { amount, duration, percentage };
}

/** `serve_stale [DURATION [immediate [TTL [RECHECK]]]]` or `… verify [TIMEOUT [TTL [RECHECK]]]` */
function staleOptions(words: Dispenser, release: Release): StaleOptions {
  const stale: Mutable<StaleOptions> = { ...defaultStale, place: placeOf(words.token) };
  const args = words.remainingArguments();
  const most = inRelease(serveStaleWords, release.name);
  if (args.length > most) throw words.argumentError();
  const [span, mode] = args;
  if (span !== undefined) {
    const duration = words.taken(goDuration(span));
    if (duration < 0) throw words.plainError('invalid negative duration for serve_stale');
    stale.upToSeconds = Math.floor(duration / second);
  }
  if (mode === undefined) return stale;
  const lower = mode.toLowerCase();
  if (lower !== 'immediate' && lower !== 'verify') {
    throw words.plainError(`invalid value for serve_stale refresh mode: ${lower}`);
  }
  stale.mode = lower;
  let rest = args.slice(2);
  if (lower === 'verify' && rest[0] !== undefined) {
    stale.verifyTimeout = checkedSpan(words, rest[0], 'verify timeout', 'timeout for serve_stale verify');
    rest = rest.slice(1);
  } else if (lower === 'immediate' && rest.length > 0 && most === 3) {
    throw words.plainError('serve_stale timeout is only valid with the verify refresh mode');
  }
  const [ttl, recheck, more] = rest;
  if (more !== undefined) throw words.argumentError();
  if (ttl !== undefined) stale.replyTtl = staleTtl(words, ttl);
  if (recheck !== undefined) {
    stale.recheck = checkedSpan(words, recheck, 'failure recheck', 'failure recheck for serve_stale');
    if (stale.recheck > 300 * second) {
      throw words.plainError('serve_stale failure recheck cannot exceed 5 minutes');
    }
  }
  return stale;
}

function checkedSpan(words: Dispenser, text: string, name: string, negative: string): number {
  const span = goDuration(text);
  if ('error' in span) throw words.plainError(`invalid serve_stale ${name}: ${span.error}`);
  if (span.value < 0) throw words.plainError(`invalid negative ${negative}`);
  return span.value;
}

function staleTtl(words: Dispenser, text: string): number {
  const span = checkedSpan(words, text, 'response TTL', 'response TTL for serve_stale');
  if (span % second !== 0) throw words.plainError('serve_stale response TTL must be a whole number of seconds');
  if (span / second > 0xffff_ffff) throw words.plainError('serve_stale response TTL exceeds the DNS TTL range');
  return span / second;
}

function stalePolicy(words: Dispenser, again: boolean): 'prefer_positive' {
  if (again) throw words.plainError('serve_stale_policy can only be specified once');
  const args = words.remainingArguments();
  const [policy] = args;
  if (policy === undefined || args.length > 1) throw words.argumentError();
  if (policy.toLowerCase() !== 'prefer_positive') throw words.plainError(`invalid serve_stale_policy: ${policy}`);
  return 'prefer_positive';
}

/** `servfail DURATION` */
function servfailBound(words: Dispenser): Bound {
  const place = placeOf(words.token);
  const args = words.remainingArguments();
  const [text] = args;
  if (text === undefined || args.length > 1) throw words.argumentError();
  const span = words.taken(goDuration(text));
  if (span < 0) throw words.plainError('invalid negative ttl for servfail');
  if (span > longestServfail) throw words.plainError('caching SERVFAIL responses over 5 minutes is not permitted');
  return { seconds: Math.floor(span / second), place };
}

/** `disable success|denial [ZONES…]` */
function disable(words: Dispenser, options: Mutable<CacheOptions>, release: Release): void {
  const [store, ...zones] = words.remainingArguments();
  if (store === undefined) throw words.argumentError();
  const except = zones.length > 0 ? zones.flatMap((zone) => normalizeZones(zone, release) ?? []) : ['.'];
  if (store === 'success') options.success = { ...options.success, except };
  else if (store === 'denial') options.denial = { ...options.denial, except };
  else throw words.plainError('cache type for disable must be "success" or "denial"');
}

function positiveTtl(words: Dispenser, seconds: number): number {
  if (seconds <= 0) throw words.plainError(`cache TTL can not be zero or negative: ${seconds}`);
  return seconds;
}
