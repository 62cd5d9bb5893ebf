import { goDuration } from '../../coredns/corefile/go-values.ts';
import type { Token } from '../../coredns/corefile/token.ts';
import { cacheBehaviour } from '../../coredns/plugins/cache/releases.ts';
import { isWithin } from '../../dns/name.ts';
import { typeOf } from '../../dns/record.ts';
import { propertyOf } from '../corefile/statement.ts';
import { type BlockView, type CacheView, type CorefileView, isRoot, statement, uses } from '../corefile/view.ts';
import type { CorefileRule, Found } from '../finding.ts';
import { neverOverUdp } from './forwards.ts';
import { seconds } from './words.ts';

/** Longest denial that a rollout of an application hardly notices. */
const rolloutSeconds = 30;
const shards = 256;
const leastPerShard = 4;

export const cacheRules: readonly CorefileRule[] = [
  {
    code: 'no-cache',
    severity: 'warning',
    title: 'The block that forwards everything has no cache',
    consequence:
      'Every lookup of an outside name asks the upstream again: two queries (A and AAAA) for each lookup of a pod, and two more for each search domain that the pod has from its node.',
    remedy: 'add `cache 30`',
    source: 'recording path-ndots5-external',
    example: { wrong: '. {\n  forward . 192.0.2.53\n}\n', right: '. {\n  cache 30\n  forward . 192.0.2.53\n}\n' },
    find: ({ blocks }) =>
      blocks.flatMap((block) => {
        const [forward] = block.forwards.filter(({ options }) => options.from === '.');
        if (!isRoot(block) || uses(block, 'cache') || forward === undefined) return [];
        return [{ at: forward.statement.name, message: 'nothing that is forwarded here is cached' }];
      }),
  },
  {
    code: 'cache-time-taken-for-zone',
    severity: 'error',
    title: 'The time of `cache` is written with a unit, and so is a zone',
    consequence:
      'The first word is a number of seconds, anything else is a zone: `cache 30s` caches names below `30s.` only, that is nothing.',
    remedy: 'write the seconds as a number alone: `cache 30`',
    source: 'recording corefile-start-cache-word',
    example: {
      wrong: '. {\n  cache 30s\n  forward . 192.0.2.53\n}\n',
      right: '. {\n  cache 30\n  forward . 192.0.2.53\n}\n',
    },
    find: ({ blocks }) =>
      blocks.flatMap(({ cache }): Found[] => {
        const at = cache === undefined ? undefined : timeTakenForZone(cache);
        return at === undefined ? [] : [{ at, message: `only names below the zone ${at.text}. are cached` }];
      }),
  },
  {
    code: 'cache-zone-outside-block',
    severity: 'warning',
    title: 'A zone of the cache, or of its `disable`, has no names in this block',
    consequence:
      'The cache never sees a name below that zone: the word does nothing, and what it was meant for is treated as every other name.',
    remedy: 'correct the zone, or move the line to the block that serves it',
    source: 'recordings corefile-route-longest-match, cache-disable',
    example: {
      wrong: 'corp.example {\n  cache 30 corp.exampel\n  forward . 192.0.2.53\n}\n',
      right: 'corp.example {\n  cache 30 corp.example\n  forward . 192.0.2.53\n}\n',
    },
    find: (view) => eachCache(view, (cache, block) => unusedZones(cache, block)),
  },
  {
    code: 'cache-keeps-nothing',
    severity: 'warning',
    title: 'A cache that is disabled for all it could hold',
    consequence:
      'With `disable success` and `disable denial` for every name only SERVFAIL is kept; each lookup goes upstream.',
    remedy: 'name the zones that must not be cached: `disable success cluster.local`',
    source: 'recording cache-disable',
    example: {
      wrong: '. {\n  cache 30 {\n    disable success\n    disable denial\n  }\n  forward . 192.0.2.53\n}\n',
      right:
        '. {\n  cache 30 {\n    disable success cluster.local\n    disable denial cluster.local\n  }\n  forward . 192.0.2.53\n}\n',
    },
    find: (view) =>
      eachCache(view, ({ options, statement: { name } }, block) => {
        const { success, denial } = options;
        const covers = (except: readonly string[]) =>
          block.zones.every((zone) => except.some((excepted) => isWithin(zone, excepted)));
        if (block.zones.length === 0 || !covers(success.except) || !covers(denial.except)) return [];
        return [{ at: name, message: 'neither answers nor denials are cached' }];
      }),
  },
  {
    code: 'cache-above-an-hour',
    severity: 'warning',
    title: 'A cache time above 3600 s is cut to 3600 s in this release',
    consequence:
      'Up to 1.14.3 the TTL of a reply is cut to 3600 s before the configured maximum is looked at: answers and denials are kept for an hour at most.',
    remedy: 'write 3600, or run 1.14.4 or later',
    source: 'recording cache-ttl-above-3600',
    example: {
      wrong: '. {\n  cache 7200\n  forward . 192.0.2.53\n}\n',
      right: '. {\n  cache 3600\n  forward . 192.0.2.53\n}\n',
      release: '1.11.1',
    },
    find: (view) =>
      eachCache(view, ({ options, statement: { name } }) => {
        const ceiling = cacheBehaviour(view.release.name).ttlCeilingSeconds;
        const { seconds: max } = options.success.max;
        if (ceiling === undefined || max <= ceiling) return [];
        return [{ at: name, message: `answers are kept for ${ceiling} s at most, not ${max} s` }];
      }),
  },
  {
    code: 'cache-minimum-above-maximum',
    severity: 'warning',
    title: 'The smallest time of a cache is above its largest',
    consequence:
      'CoreDNS takes both, and the maximum wins: every reply is kept for exactly the maximum, whatever its TTL.',
    remedy: 'make the last number of the line the smaller one',
    source: 'recording cache-ttl-min-options',
    example: {
      wrong: '. {\n  cache {\n    success 9984 30 60\n  }\n  forward . 192.0.2.53\n}\n',
      right: '. {\n  cache {\n    success 9984 60 30\n  }\n  forward . 192.0.2.53\n}\n',
    },
    find: (view) =>
      eachCache(view, ({ options, statement: line }) =>
        (['success', 'denial'] as const).flatMap((store): Found[] => {
          const { min, max } = options[store];
          const at = propertyOf(line, store)?.name;
          if (at === undefined || min.place === '' || min.seconds <= max.seconds) return [];
          return [{ at, message: `${store}: at least ${min.seconds} s, but at most ${max.seconds} s` }];
        }),
      ),
  },
  {
    code: 'cache-capacity-rounded',
    severity: 'info',
    title: 'The cache holds another number of entries than written',
    consequence:
      'A cache has 256 shards of equal size, of at least 4 entries each. The capacity is divided by 256 and rounded down, and a full shard drops one of its entries while others still have room.',
    remedy: 'write a multiple of 256, from 1024 on',
    source: 'recording cache-eviction',
    example: {
      wrong: '. {\n  cache {\n    success 500\n  }\n  forward . 192.0.2.53\n}\n',
      right: '. {\n  cache {\n    success 9984\n  }\n  forward . 192.0.2.53\n}\n',
    },
    find: (view) =>
      eachCache(view, ({ options, statement: line }) =>
        (['success', 'denial'] as const).flatMap((store): Found[] => {
          const { capacity } = options[store];
          const real = shards * Math.max(Math.floor(capacity / shards), leastPerShard);
          const at = propertyOf(line, store)?.args[0];
          if (at === undefined || Math.abs(real - capacity) * 10 <= capacity) return [];
          return [{ at, message: `${store} ${capacity} makes room for ${real} entries` }];
        }),
      ),
  },
  {
    code: 'denial-outlives-rollout',
    severity: 'warning',
    title: 'Denials are cached for longer than a rollout takes',
    consequence:
      "A name that somebody asked for before it existed stays unknown for that long after it was made: the TTL of the zone's SOA record, up to this maximum. With several replicas only those that were asked too early keep saying no.",
    remedy: 'bound denials alone: `denial 9984 5` inside the braces of `cache`',
    source: 'gh:coredns/coredns#2434; recordings cache-negative-soa, path-negative-new-service-ttl30',
    example: {
      wrong: '. {\n  cache 300\n  forward . 192.0.2.53\n}\n',
      right: '. {\n  cache 300 {\n    denial 9984 5\n  }\n  forward . 192.0.2.53\n}\n',
    },
    find: (view) =>
      eachCache(view, ({ options, statement: line }) => {
        const { max, except } = options.denial;
        if (max.seconds <= rolloutSeconds || except.includes('.')) return [];
        const at = propertyOf(line, 'denial')?.name ?? line.name;
        return [{ at, message: `a name that does not exist yet is denied for up to ${seconds(max.seconds)}` }];
      }),
  },
  {
    code: 'servfail-cached-long',
    severity: 'warning',
    title: 'SERVFAIL is cached for longer than its usual 5 s',
    consequence:
      'One SERVFAIL of an upstream is handed to everybody who asks for that name and type until the time is over, although the upstream answers again.',
    remedy: 'leave `servfail` out (5 s), or write `servfail 0s` to keep none',
    source: 'recordings cache-servfail-option, cache-servfail-written',
    example: {
      wrong: '. {\n  cache 30 {\n    servfail 1m\n  }\n  forward . 192.0.2.53\n}\n',
      right: '. {\n  cache 30 {\n    servfail 0s\n  }\n  forward . 192.0.2.53\n}\n',
    },
    find: (view) =>
      eachCache(view, ({ options, statement: line }) => {
        const at = propertyOf(line, 'servfail')?.name;
        if (at === undefined || options.servfail.seconds <= 5) return [];
        return [{ at, message: `a SERVFAIL is repeated for ${seconds(options.servfail.seconds)}` }];
      }),
  },
  {
    code: 'denial-hides-answers',
    severity: 'info',
    title: 'In 1.6.7 a name that was denied once is never answered from the cache again',
    consequence:
      'The expired denial is found first and counts as a miss, so that every lookup of the name goes upstream until the denial is evicted.',
    remedy: 'run 1.6.8 or later',
    source: 'recording cache-denial-masking',
    example: {
      wrong: '. {\n  cache 60\n  forward . 192.0.2.53\n}\n',
      right: '. {\n  forward . 192.0.2.53\n}\n',
      release: '1.6.7',
    },
    find: (view) =>
      eachCache(view, ({ options, statement: { name } }) => {
        if (!cacheBehaviour(view.release.name).expiredMasks || options.denial.except.includes('.')) return [];
        return [{ at: name, message: 'a name denied once is asked upstream at every lookup' }];
      }),
  },
  {
    code: 'keepttl-adds-up',
    severity: 'warning',
    title: 'With `keepttl` the caches behind this one add their time to it',
    consequence:
      'A hit carries the full TTL instead of what is left of it. A cache that asks in the last second keeps the answer for the whole TTL once more: an old address lives for nearly twice its TTL.',
    remedy: 'remove `keepttl`, unless no client and no NodeLocal DNSCache counts TTLs',
    source: 'recordings cache-keepttl, cache-two-tiers',
    example: {
      wrong: '. {\n  cache 30 {\n    keepttl\n  }\n  forward . 192.0.2.53\n}\n',
      right: '. {\n  cache 30\n  forward . 192.0.2.53\n}\n',
    },
    find: (view) =>
      eachCache(view, ({ options, statement: line }) => {
        const at = propertyOf(line, 'keepttl')?.name;
        return at === undefined || !options.keepTtl
          ? []
          : [{ at, message: 'hits carry the TTL that the answer began with' }];
      }),
  },
  {
    code: 'prefetch-off',
    severity: 'warning',
    title: '`prefetch 0` fetches nothing',
    consequence: 'An amount of 0 switches prefetching off, whatever time and percentage stand behind it.',
    remedy: 'write how many hits make a name popular, such as `prefetch 10 1m 10%`, or remove the line',
    source: 'recordings corefile-start-cache-prefetch-zero, cache-prefetch-basic',
    example: {
      wrong: '. {\n  cache 30 {\n    prefetch 0 1m 20%\n  }\n  forward . 192.0.2.53\n}\n',
      right: '. {\n  cache 30 {\n    prefetch 5 1m 20%\n  }\n  forward . 192.0.2.53 {\n    prefer_udp\n  }\n}\n',
    },
    find: (view) =>
      eachCache(view, ({ options, statement: line }) => {
        const at = propertyOf(line, 'prefetch')?.name;
        return at === undefined || options.prefetch.amount > 0 ? [] : [{ at, message: 'nothing is fetched ahead' }];
      }),
  },
  {
    code: 'refresh-over-tcp',
    severity: 'info',
    title: 'Refreshes of the cache go over TCP',
    consequence:
      'What `prefetch` and `serve_stale immediate` ask in the background goes upstream over TCP, whatever the client used. An upstream that does not answer on TCP port 53 is never refreshed.',
    remedy: 'add `prefer_udp` to the `forward`, or see that the upstream answers on TCP',
    source: 'recordings path-prefetch-over-tcp, path-serve-stale-immediate',
    example: {
      wrong: '. {\n  cache 30 {\n    prefetch 5\n  }\n  forward . 192.0.2.53\n}\n',
      right: '. {\n  cache 30 {\n    prefetch 5\n  }\n  forward . 192.0.2.53 {\n    prefer_udp\n  }\n}\n',
    },
    find: (view) =>
      eachCache(view, ({ options, statement: line }, block) => {
        const [forward] = block.forwards;
        if (forward === undefined || forward.options.preferUdp || neverOverUdp(forward)) return [];
        const stale =
          options.stale?.mode === 'immediate' && cacheBehaviour(view.release.name).staleRefreshOver === 'tcp';
        const at = stale ? propertyOf(line, 'serve_stale') : propertyOf(line, 'prefetch');
        if (at === undefined || (!stale && options.prefetch.amount === 0)) return [];
        return [{ at: at.name, message: 'refreshes ask the upstream over TCP' }];
      }),
  },
  {
    code: 'acl-behind-cache',
    severity: 'error',
    title: 'In this release cached answers pass by `acl`',
    consequence:
      'From 1.14.2 to 1.14.6 `acl` stands behind `cache` in the chain: a client that is blocked gets every answer that an allowed client has brought into the cache.',
    remedy: 'run another release, or leave `cache` out of the block',
    source: 'recording corefile-order-acl-cache',
    example: {
      wrong: '. {\n  acl {\n    block net 192.0.2.0/24\n  }\n  cache 30\n  forward . 192.0.2.53\n}\n',
      right: '. {\n  acl {\n    block net 192.0.2.0/24\n  }\n  forward . 192.0.2.53\n}\n',
      release: '1.14.3',
    },
    find: (view) =>
      eachCache(view, (_cache, block) => {
        const { plugins } = view.release;
        const at = statement(block, 'acl')?.name;
        if (at === undefined || plugins.indexOf('acl') < plugins.indexOf('cache')) return [];
        return [{ at, message: 'the cache answers before this list is looked at' }];
      }),
  },
  {
    code: 'cache-cuts-ttl',
    severity: 'info',
    title: 'The cache hands records out for less than their TTL',
    consequence:
      'A change of the record reaches clients sooner than its TTL says, and popular names are asked for again more often. This is what most clusters want; it is told here because the zone is known.',
    remedy: '',
    source: 'recordings cache-ttl-cap, path-failover-ttl600-cache30',
    example: {
      wrong: '. {\n  cache 30\n  forward . 192.0.2.53\n}\n',
      right: '. {\n  cache 600\n  forward . 192.0.2.53\n}\n',
      files: {
        'example.org.zone':
          '$ORIGIN example.org.\n$TTL 600\n@ SOA ns host 1 7200 900 1209600 60\n@ NS ns\nns A 192.0.2.1\n',
      },
    },
    find: (view) => eachCache(view, (cache, block) => cutTtls(view, cache, block)),
  },
];

function eachCache({ blocks }: CorefileView, find: (cache: CacheView, block: BlockView) => readonly Found[]): Found[] {
  return blocks.flatMap((block) => {
    const { cache } = block;
    return cache === undefined || timeTakenForZone(cache) !== undefined ? [] : find(cache, block);
  });
}

/** `30s` of `cache 30s`, which caches nothing. */
function timeTakenForZone({ statement: { args } }: CacheView): Token | undefined {
  const [first] = args;
  return first === undefined || isNumber(first.text) || 'error' in goDuration(first.text) ? undefined : first;
}

const isNumber = (text: string): boolean => /^[+-]?\d+$/.test(text);

function unusedZones({ statement: line }: CacheView, block: BlockView): Found[] {
  if (block.zones.length === 0) return [];
  const [first, ...rest] = line.args;
  const isTime = first !== undefined && isNumber(first.text);
  const words = [
    ...(isTime || first === undefined ? rest : [first, ...rest]),
    ...line.properties.filter(({ name }) => name.text === 'disable').flatMap(({ args }) => args.slice(1)),
  ];
  return words
    .filter(
      ({ text }) => !text.includes('/') && !block.zones.some((zone) => isWithin(text, zone) || isWithin(zone, text)),
    )
    .map((at) => ({ at, message: `no name below ${at.text} comes to this block (${block.zones.join(' ')})` }));
}

/** Zones that this block forwards, with the longest TTL among their answers. */
function cutTtls({ surroundings }: CorefileView, { options, statement: line }: CacheView, block: BlockView): Found[] {
  if (block.forwards.length === 0) return [];
  const { seconds: max } = options.success.max;
  return surroundings.zones.flatMap(({ origin, records }) => {
    if (!block.zones.some((zone) => isWithin(origin, zone))) return [];
    const ttls = records
      .filter(({ record }) => !['SOA', 'NS'].includes(typeOf(record)))
      .map(({ record }) => record.ttl);
    const longest = ttls.reduce((most, ttl) => Math.max(most, ttl), 0);
    if (longest <= max) return [];
    return [
      {
        at: line.name,
        message: `records ${origin === '.' ? 'known here' : `of ${origin}`} have TTLs up to ${longest} s and are handed out for ${max} s`,
      },
    ];
  });
}
