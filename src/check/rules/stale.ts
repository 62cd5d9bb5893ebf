import type { Token } from '../../coredns/corefile/token.ts';
import type { CacheOptions, StaleOptions } from '../../coredns/plugins/cache/options.ts';
import { cacheBehaviour } from '../../coredns/plugins/cache/releases.ts';
import { forwardBehaviour } from '../../coredns/plugins/forward/releases.ts';
import { second } from '../../engine/time.ts';
import { propertyOf } from '../corefile/statement.ts';
import type { BlockView, CorefileView } from '../corefile/view.ts';
import type { CorefileRule, Found } from '../finding.ts';
import { seconds } from './words.ts';

const block = (properties: string, forward = '192.0.2.53') =>
  `. {\n  cache 30 {\n${properties}  }\n  forward . ${forward} {\n    prefer_udp\n  }\n}\n`;

/** No attempt of `forward` begins later than this after the first. */
const triesFor = 5 * second;
/** Longest time for which an old address may be handed out without a word. */
const toleratedSeconds = 60;

export const staleRules: readonly CorefileRule[] = [
  {
    code: 'stale-for-long',
    severity: 'warning',
    title: '`serve_stale` hands out expired answers first, and asks afterwards',
    consequence:
      'In the mode `immediate`, which is the default, the first client to ask after the TTL has run out gets the old answer at once; only then is the upstream asked. For a name that is asked for seldom this answer may be as old as the time given (1 h by default): after a record has changed, connections go to the old address.',
    remedy:
      '`serve_stale 30s verify` (1.9.2 and later) asks first and hands out the old answer only when the upstream fails; or keep the time short',
    source: 'field report S2; recordings cache-stale-immediate, path-serve-stale-immediate, path-serve-stale-verify',
    example: {
      wrong: block('    serve_stale\n'),
      right: block('    serve_stale 30s\n'),
    },
    find: (view) =>
      eachStale(view, ({ stale, at }) => {
        if (stale.mode !== 'immediate' || stale.upToSeconds <= toleratedSeconds) return [];
        return [{ at, message: `an expired answer is handed out for up to ${seconds(stale.upToSeconds)} more` }];
      }),
  },
  {
    code: 'stale-servfail-shadows',
    severity: 'warning',
    title: 'A SERVFAIL of the upstream hides the expired answer that `serve_stale` is there for',
    consequence:
      'Up to 1.14.3 a SERVFAIL that a background refresh brings is stored, and found before the good answer: from then on clients get SERVFAIL, for as long as `serve_stale` allows, although a good answer is at hand. An upstream that does not answer at all does no such harm.',
    remedy: 'add `servfail 0s` (1.9.4 and later), use `verify` (1.9.2 and later), or run 1.14.4 or later',
    source: 'recording cache-stale-servfail-trap',
    example: {
      wrong: block('    serve_stale 30s\n'),
      right: block('    serve_stale 30s\n    servfail 0s\n'),
      release: '1.11.1',
    },
    find: (view) =>
      eachStale(view, ({ stale, at, options }) => {
        if (cacheBehaviour(view.release.name).positiveBeatsServfail) return [];
        if (stale.mode !== 'immediate' || options.servfail.seconds === 0) return [];
        return [{ at, message: 'after one SERVFAIL of the upstream it is SERVFAIL that is served stale' }];
      }),
  },
  {
    code: 'stale-own-servfail',
    severity: 'warning',
    title: 'The SERVFAIL for a silent upstream is itself served stale',
    consequence:
      "From 1.15.0 on a query that no upstream answered is cached as SERVFAIL for the `servfail` time (5 s), and `serve_stale immediate` goes on to serve that: once the good answer's time is over, lookups fail at once, also after the upstream is back, until a refresh in the background has got through.",
    remedy: 'add `servfail 0s`, or use `verify`',
    source: 'facts of plugin/cache 1.15.0; recordings cache-servfail-timeout, path-serve-stale-10s',
    example: { wrong: block('    serve_stale 30s\n'), right: block('    serve_stale 30s verify 1s\n') },
    find: (view) =>
      eachStale(view, ({ stale, at, options }) => {
        if (!cacheBehaviour(view.release.name).storesUnwrittenServfail) return [];
        if (stale.mode !== 'immediate' || options.servfail.seconds === 0) return [];
        return [{ at, message: 'a SERVFAIL for want of an answer is served stale, too' }];
      }),
  },
  {
    code: 'stale-verify-waits',
    severity: 'warning',
    title: '`serve_stale verify` makes clients wait for a silent upstream',
    consequence:
      'Every client waits for a check of its own before it gets the expired answer. While the upstream is silent that takes as long as `forward` tries; musl gives a lookup up after 5 s, and glibc asks again.',
    remedy: 'from 1.14.4 on give a time: `serve_stale 30s verify 1s`',
    source: 'recordings cache-stale-verify, cache-stale-verify-timeout, musl125-03-dead-1server',
    example: { wrong: block('    serve_stale 30s verify\n'), right: block('    serve_stale 30s verify 1s\n') },
    find: (view) =>
      eachStale(view, ({ stale, at, block: { forwards } }) => {
        const [forward] = forwards;
        if (stale.mode !== 'verify' || stale.verifyTimeout > 0 || forward === undefined) return [];
        const single = forward.targets.flatMap(({ to }) => to).length === 1;
        const most = forwardBehaviour(view.release.name).attemptsPerUpstream;
        const { readTimeout } = forward.options;
        const attempts = Math.min(Math.ceil(triesFor / readTimeout), single && most !== undefined ? most : Infinity);
        const wait = (attempts * readTimeout) / second;
        return [{ at, message: `while an upstream is silent the old answer comes after up to ${wait} s` }];
      }),
  },
  {
    code: 'stale-refresh-storm',
    severity: 'info',
    title: 'Each hit of an expired answer asks the upstream',
    consequence:
      'Before 1.14.3 nothing joins the refreshes of one name: while the upstream is slow or silent every client that gets an expired answer starts another one.',
    remedy: 'run 1.14.3 or later',
    source: 'recording cache-stale-many-clients',
    example: {
      wrong: block('    serve_stale 30s\n'),
      right: block('    serve_stale 30s verify\n'),
      release: '1.11.1',
    },
    find: (view) =>
      eachStale(view, ({ stale, at }) => {
        if (cacheBehaviour(view.release.name).oneRefreshAtATime || stale.mode !== 'immediate') return [];
        return [{ at, message: 'every hit of an expired answer is one more query upstream' }];
      }),
  },
];

interface Stale {
  readonly stale: StaleOptions;
  readonly options: CacheOptions;
  readonly at: Token;
  readonly block: BlockView;
}

function eachStale({ blocks }: CorefileView, find: (stale: Stale) => readonly Found[]): Found[] {
  return blocks.flatMap((block) => {
    const { cache } = block;
    const at = propertyOf(cache?.statement, 'serve_stale')?.name;
    const stale = cache?.options.stale;
    if (cache === undefined || at === undefined || stale === undefined || stale.upToSeconds === 0) return [];
    return find({ stale, options: cache.options, at, block });
  });
}
