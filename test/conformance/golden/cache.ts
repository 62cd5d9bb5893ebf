import { Dispenser } from '../../../src/coredns/corefile/dispenser.ts';
import { goDuration } from '../../../src/coredns/corefile/go-values.ts';
import { parseCorefile } from '../../../src/coredns/corefile/parser.ts';
import { makeItem } from '../../../src/coredns/plugins/cache/item.ts';
import type { StoreOptions } from '../../../src/coredns/plugins/cache/options.ts';
import { parseCache } from '../../../src/coredns/plugins/cache/parse.ts';
import { Store } from '../../../src/coredns/plugins/cache/store.ts';
import { findRelease } from '../../../src/coredns/releases.ts';
import { served } from '../../../src/coredns/testing/served.ts';
import { query, replyTo } from '../../../src/dns/build.ts';
import { ColumnStore } from '../../../src/engine/columns.ts';
import { madeOnce } from '../../../src/engine/made-once.ts';
import { Recorder } from '../../../src/engine/recorder.ts';
import { Simulation } from '../../../src/engine/simulation.ts';
import { toSeconds } from '../../../src/engine/time.ts';
import type { Facts } from './cases.ts';
import { anything, ask, counted, fetches, metrics, play, ttls } from './play.ts';

const record = (ttl: unknown) => `a.test. ${ttl} IN A 192.0.2.1`;
const soa = (ttl: number) => `test. ${ttl} IN SOA ns.test. host.test. 1 7200 900 1209600 30`;
const forward = 'forward . U';
const withMetrics = 'prometheus 127.0.0.1:9153';
const silent = (at: number) => ({ at, server: 'up', set: { mode: 'drop' } });
const seconds = (text: unknown) => toSeconds(take(goDuration(String(text))));
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

/** Is what comes second answered without asking again? */
function keeps(release: string, block: string, server: object): boolean {
  return fetches(play(release, block, [server], [ask(0), ask(1)]))[1] === false;
}

/** By id: what the simulator shows, in the words of the case's `expect`. */
export const cacheCases: Readonly<Record<string, (given: Facts, release: string) => Facts>> = {
  'ttl-clamp': ({ msgTTL, min, max }, release) => {
    const block = `${forward}\n cache {\n success 100 ${max} ${min}\n }`;
    return { duration: ttls(play(release, block, [anything(record(msgTTL))], [ask(0)]))[0] };
  },
  'ttl-zero': ({ corefile, success_min: min }, release) => {
    const cache = corefile ?? `cache {\n success 100 3600 ${min}\n denial 100 1800 ${min}\n }`;
    const block = `${forward}\n ${cache}`;
    const stored = keeps(release, block, anything(record(0)));
    if (corefile === undefined) return { stored };
    return { stored, reply_ttl: ttls(play(release, block, [anything(record(0))], [ask(0)]))[0] };
  },
  'cache-10-min5': ({ corefile, upstream }, release) => {
    const said = Object(upstream);
    const ttl = said.answer_ttl ?? said.answer_ttl_at_least;
    const answers = Array.from({ length: said.answers ?? 1 }, (_, i) => `a.test. ${ttl} IN A 192.0.2.${i}`);
    const shown = play(release, String(corefile), [anything(...answers)], [ask(0)]);
    const reply = { reply_ttl: ttls(shown)[0] };
    return said.answers === undefined ? reply : { ...reply, answers: shown.replies[0]?.answer.length };
  },
  'cache-servfail-notimp': ({ corefile, upstream }, release) => {
    const mode = String(Object(upstream).rcode).toLowerCase();
    const cache = String(corefile ?? 'cache')
      .replace('{ ', '{\n')
      .replace(' }', '\n }');
    const block = `${withMetrics}\n ${forward}\n ${cache}`;
    if (corefile !== undefined) return { stored: keeps(release, block, { mode }) };
    const shown = play(release, block, [{ mode }], [ask(0), metrics(1), ask(4.9), ask(5.1)]);
    const held = counted(shown, /cache_(size|entries)\{.*type="denial"/) === 1;
    const times = fetches(shown).join();
    return { stored_in: held ? 'denial' : 'none', seconds: times === 'true,false,true' ? 5 : times };
  },
  'forward-own-servfail-not-cached': (_, release) => {
    const shown = play(release, `${forward}\n cache`, [{ mode: 'drop' }], [ask(0), ask(7)]);
    return { stored: fetches(shown)[1] === false, client_rcode: shown.replies[0]?.rcode };
  },
  'dangling-cname-no-soa': (_, release) => {
    const answer = ['a.test. 60 IN CNAME t1.test.', 't1.test. 60 IN CNAME t2.test.'];
    return { stored: keeps(release, `${forward}\n cache`, anything(...answer)) };
  },
  'stale-window': ({ stored_ttl: ttl, serve_stale: span, ask_at_minutes: minutes }, release) => {
    const block = `${forward}\n cache {\n serve_stale ${span}\n }`;
    const asks = list(minutes).map((minute) => ask(Number(minute) * 60));
    const shown = play(release, block, [anything(record(ttl))], [ask(0), silent(1), ...asks]);
    const source = shown.replies.slice(1).map(({ latency }) => (latency < 0.1 ? 'cache' : 'upstream'));
    return { source };
  },
  'stale-reply-ttl': ({ serve_stale: stale, stored_ttl: ttl, ask_after: after }, release) => {
    // The word is newer than the mode, which is the default.
    const block = `${forward}\n cache {\n serve_stale ${String(stale).replace(/ immediate$/, '')}\n }`;
    const asks = list(after).map((span) => ask(seconds(span) + 0.1));
    const shown = play(release, block, [anything(record(ttl))], [ask(0), silent(1), ...asks]);
    const [first, ...more] = ttls(shown).slice(1);
    return { reply_ttl: Array.isArray(after) ? [first, ...more] : first };
  },
  'stale-verify-timeout': (
    { serve_stale: stale, stored_ttl: ttl, ask_after: after, upstream_delay_ms: ms },
    release,
  ) => {
    const block = `${forward}\n cache {\n serve_stale ${stale}\n }`;
    const slow = { at: 1, server: 'up', set: { delay: Number(ms) / 1000 } };
    const at = seconds(after);
    const shown = play(release, block, [anything(record(ttl))], [ask(0), slow, ask(at), ask(at + 1)]);
    const [, reply] = shown.replies;
    return {
      answered_within_ms: (reply?.latency ?? 1) <= 0.15 ? 150 : reply?.latency,
      stale: ttls(shown)[1] === 0,
      cache_refreshed_later: (ttls(shown)[2] ?? 0) > 0 && fetches(shown)[2] === false,
    };
  },
  'stale-negative-then-positive': ({ serve_stale: span }, release) => {
    const block = `${withMetrics}\n ${forward}\n cache {\n serve_stale ${span}\n }`;
    const server = { mode: 'nxdomain', answers: { '* *': { authority: [soa(60)] } } };
    const good = { at: 300, server: 'up', set: { mode: 'answer', answers: { '* *': [record(60)] } } };
    const steps = [ask(0), silent(1), ask(2), good, ask(301), silent(302), ask(303), metrics(304)];
    const shown = play(release, block, [server], steps);
    const names = ['', ' (cache)', ' (stale) and background refresh', ' (cache)'];
    const refreshed = shown.upstream.some(({ t }) => t >= 301 && t < 302);
    const replies = shown.replies.map(({ rcode }, i) => rcode + (i === 2 && !refreshed ? '' : names[i]));
    const empty = counted(shown, /cache_entries\{.*type="denial"|cache_size\{.*type="denial"/) === 0;
    return { replies, denial_store_empty_after_refresh: empty };
  },
  keepttl: ({ stored_ttl: ttl, ask_after_s: after }, release) => {
    const asks = list(after).map((at) => ask(Number(at) + 0.1));
    const shown = play(release, `${forward}\n cache {\n keepttl\n }`, [anything(record(ttl))], [ask(0), ...asks]);
    return { reply_ttl: ttls(shown).slice(1) };
  },
  'prefetch-5': prefetch,
  'prefetch-off': prefetch,
  'prefetch-do-separate': ({ prefetch: amount, ttl, queries }, release) => {
    const asks = list(queries).map((one, i) => {
      const [at, dnssec] = list(one);
      return ask(Number(at) + i * 0.01, { do: dnssec === 'DO' });
    });
    return prefetched(release, amount, ttl, asks);
  },
  // The same in all releases.
  'shard-capacity': madeOnce(({ cap, keys }: Facts): Facts => {
    const simulation = new Simulation('1', new Recorder(new ColumnStore()));
    const item = makeItem(
      replyTo(query(1, { name: '.', type: 'A' })),
      { name: '.', type: 'A', class: 'IN' },
      { seconds: 60, recordTtl: 60, clamp: '', place: '' },
      0,
      0,
      undefined,
    );
    const store = () => new Store(Number(cap), simulation.stream('test'));
    const filled = (numbers: readonly number[]) => {
      const one = store();
      const evictions = numbers.filter((key) => one.add({ name: String(key), what: 0, shard: key & 255 }, item)).length;
      return { entries: one.size, evictions };
    };
    const perShard = filled(Array.from({ length: 100 }, (_, i) => i * 256)).entries;
    if (keys === undefined) return { per_shard: perShard, max_entries: filled(numbersTo(Number(cap) * 2)).entries };
    const [, last = '0'] = String(keys).split('..');
    return { ...filled(numbersTo(Number(last) + 1)), per_shard: perShard };
  }),
  'setup-cache': ({ corefiles }, release) => {
    const texts = list(corefiles).map((text) => lines(String(text)));
    const options = texts.map((text) => cacheOptions(text, release));
    if (options.every((one) => one === undefined)) return { startup_error: true };
    const triple = (store: StoreOptions | undefined) => [store?.capacity, store?.max.seconds, store?.min.seconds];
    return {
      success: options.map((one) => triple(one?.success)),
      denial: options.map((one) => triple(one?.denial)),
    };
  },
};

function prefetch({ prefetch: amount, ttl, queries_at_s: times }: Facts, release: string): Facts {
  // A little later each time: the upstream takes a millisecond.
  return prefetched(
    release,
    amount,
    ttl,
    list(times).map((at, i) => ask(Number(at) + i * 0.01)),
  );
}

function prefetched(release: string, amount: unknown, ttl: unknown, asks: readonly object[]): Facts {
  const block = `${forward}\n cache {\n prefetch ${amount}\n }`;
  const shown = play(release, block, [{ ...anything(record(ttl)), echo_do: true }], asks);
  return { reply_ttl: ttls(shown), upstream_fetch: fetches(shown) };
}

const numbersTo = (end: number) => Array.from({ length: end }, (_, i) => i);

/** `a { b; c }` on lines of its own. */
function lines(text: string): string {
  return text.replace('{ ', '{\n').replace(' }', '\n}').replaceAll('; ', '\n');
}

/** The options of a `cache` line; undefined: it is refused. */
function cacheOptions(text: string, releaseName: string) {
  if (served(`. {\n${text}\nwhoami\n}`, { release: releaseName }).failure !== undefined) return undefined;
  const release = findRelease(releaseName);
  const nothing = { read: () => undefined, names: () => [] };
  const context = { directives: undefined, files: nothing, environment: {} };
  const { blocks } = parseCorefile({ file: 'Corefile', text: `. {\n${text}\n}` }, context, []);
  const words = blocks[0]?.directives.get('cache');
  return release && words && parseCache(new Dispenser(words, 'Corefile'), release, ['.']);
}

function take<T>(read: { readonly value: T } | { readonly error: string }): T {
  if ('error' in read) throw new Error(read.error);
  return read.value;
}
