import { cacheBehaviour } from '../../../coredns/plugins/cache/releases.ts';
import type { UpgradeRule } from '../../finding.ts';
import { block, eachBlock, eachStale } from './each.ts';

const stale = { wrong: block('  cache 30 {\n    serve_stale\n  }\n'), right: block('  cache 30\n') };

/** What changes in the cache. */
export const cacheUpgrades: readonly UpgradeRule[] = [
  {
    code: 'upgrade-cache-ceiling',
    severity: 'warning',
    title: 'The longest time in a cache above 3600 s',
    consequence: 'Answers with long TTLs, and changes of their records, are seen later.',
    remedy: 'write the time that you want',
    source: 'recording cache-ttl-above-3600',
    example: { wrong: block('  cache 86400\n'), right: block('  cache 3600\n'), from: '1.11.3', release: '1.14.7' },
    treats: (view) =>
      eachBlock(view, ({ cache }) => {
        if (cache === undefined) return [];
        const { ttlCeilingSeconds: ceiling } = cacheBehaviour(view.release.name);
        const { seconds: max } = cache.options.success.max;
        return [{ at: cache.statement.name, words: `answers are kept for up to ${Math.min(max, ceiling ?? max)} s` }];
      }),
  },
  {
    code: 'upgrade-stale-refresh',
    severity: 'info',
    title: 'How an expired answer is refreshed behind `serve_stale`',
    consequence:
      'The upstream sees other queries while it is slow or silent, and needs TCP where refreshes go over TCP.',
    remedy: '`prefer_udp` in the `forward` keeps refreshes on UDP',
    source: 'recordings cache-stale-many-clients, path-serve-stale-immediate',
    example: { ...stale, from: '1.8.0', release: '1.11.3' },
    treats: (view) =>
      eachStale(view, (mode) => {
        const { staleRefreshOver, oneRefreshAtATime } = cacheBehaviour(view.release.name);
        if (mode === 'verify') return undefined;
        const over = staleRefreshOver === 'tcp' ? 'over TCP' : "over the client's protocol";
        return `${oneRefreshAtATime ? 'one refresh at a time' : 'a refresh for each hit'}, ${over}`;
      }),
  },
  {
    code: 'upgrade-stale-servfail',
    severity: 'info',
    title: 'What `serve_stale` makes of SERVFAIL',
    consequence: 'It decides whether clients get the expired answer or a failure while the upstream has trouble.',
    remedy: '`servfail 0s` keeps no SERVFAIL at all (1.9.4 and later)',
    source: 'recordings cache-stale-servfail-trap, cache-servfail-timeout',
    example: { ...stale, from: '1.11.3', release: '1.14.7' },
    treats: (view) =>
      eachStale(view, () => {
        const { positiveBeatsServfail, storesUnwrittenServfail } = cacheBehaviour(view.release.name);
        const order = positiveBeatsServfail
          ? 'the expired answer goes before a SERVFAIL'
          : 'a SERVFAIL goes before the expired answer';
        return storesUnwrittenServfail ? `${order}; want of an answer is a SERVFAIL too` : order;
      }),
  },
  {
    code: 'upgrade-stale-begins',
    severity: 'info',
    title: "The second in which an entry's TTL reaches 0",
    consequence: 'A refresh begins one second earlier or later.',
    remedy: '',
    source: 'recording cache-stale-ttl-zero',
    example: { ...stale, from: '1.11.3', release: '1.14.7' },
    treats: (view) =>
      eachStale(view, () =>
        cacheBehaviour(view.release.name).staleAtZero
          ? 'counts as expired: a refresh begins'
          : 'is a plain hit with TTL 0, nothing is asked',
      ),
  },
];
