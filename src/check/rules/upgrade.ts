import { inRelease } from '../../coredns/history.ts';
import { bufsizeBehaviour } from '../../coredns/plugins/bufsize/bufsize.ts';
import { cacheBehaviour } from '../../coredns/plugins/cache/releases.ts';
import { forwardBehaviour } from '../../coredns/plugins/forward/releases.ts';
import { lameduckOnlyAtEnd } from '../../coredns/plugins/health/health.ts';
import { includesUnready, wildcards } from '../../coredns/plugins/kubernetes/records.ts';
import { missIsServfail } from '../../coredns/plugins/template/template.ts';
import { sharesPlugins } from '../../coredns/server/configuration.ts';
import { hasProperty, propertyOf } from '../corefile/statement.ts';
import { type BlockView, type CorefileView, everywhere, type ForwardView, uses } from '../corefile/view.ts';
import type { Treatment, UpgradeRule } from '../finding.ts';

const block = (lines: string) => `. {\n${lines}  forward . 192.0.2.53\n}\n`;
const plain = '. {\n  whoami\n}\n';

/** What an upgrade changes for the lines of a Corefile; each is told in the words of both releases. */
export const upgradeRules: readonly UpgradeRule[] = [
  {
    code: 'upgrade-large-replies',
    severity: 'warning',
    title: 'UDP replies above what the client offered',
    consequence: 'It decides what becomes of large answers of upstreams that do not set TC.',
    remedy: 'from 1.11.3 on clients need TCP port 53 of CoreDNS for them',
    source: 'recordings size-storm-by-release, size-storm-cache-opt-by-release',
    example: { wrong: block('  cache 30\n'), right: plain, from: '1.9.3', release: '1.10.1' },
    treats: (view) =>
      eachForward(view, ({ statement, options }, { cache }) => {
        if (options.forceTcp) return [];
        const asksForMore = cache !== undefined && cacheBehaviour(view.release.name).asksForDnssec;
        const cut = {
          error: 'a reply that does not fit fails: the query is repeated for 5 s, then SERVFAIL',
          ignored: 'a reply that does not fit is passed over: SERVFAIL after 6 s',
          truncated: 'a reply that does not fit becomes an empty one with TC: the client asks over TCP',
        };
        const { cutReply } = forwardBehaviour(view.release.name);
        const large = asksForMore ? 'replies up to 2048 octets fit, whatever the client offers' : cut[cutReply];
        return [{ at: statement.name, words: large }];
      }),
  },
  {
    code: 'upgrade-bufsize',
    severity: 'warning',
    title: 'What `bufsize` does to a query',
    consequence: 'The size decides how large the replies are that the upstream may send and the client gets over UDP.',
    remedy: 'from 1.11.3 on large replies need no `bufsize`: `bufsize 1232` guards against fragments only',
    source: 'recordings size-bufsize-1232, size-bufsize-512, corefile-start-bufsize-bare',
    example: { wrong: block('  bufsize 1232\n  cache 30\n'), right: plain, from: '1.9.1', release: '1.9.4' },
    treats: (view) =>
      everywhere(view, 'bufsize').map(({ name, args }) => {
        const { way, defaultSize } = bufsizeBehaviour(view.release.name);
        const size = args[0]?.text ?? String(defaultSize);
        const opt = way.addsOpt ? `every query gets an OPT of ${size}` : `queries without OPT stay without`;
        const raise = way.raises
          ? `smaller sizes are raised to ${size}`
          : `larger sizes are cut to ${size}, smaller ones stay`;
        return { at: name, words: `${opt}, ${raise}` };
      }),
  },
  {
    code: 'upgrade-silent-upstream',
    severity: 'info',
    title: 'How long a client waits for a silent upstream',
    consequence: 'Clients see SERVFAIL after another time.',
    remedy: '`max_connect_attempts` (1.13.2 and later) sets the number of attempts',
    source: 'recordings forward-blackhole-one-default, forward-refused-two-cap, cache-servfail-timeout',
    example: { wrong: block('  cache 30\n'), right: plain, from: '1.11.3', release: '1.15.0' },
    treats: (view) =>
      eachForward(view, ({ statement, options, targets }, { cache }) => {
        const { attemptsPerUpstream: most } = forwardBehaviour(view.release.name);
        const single = targets.flatMap(({ to }) => to).length === 1 && options.maxAttempts === undefined;
        const keeps =
          cache !== undefined &&
          cache.options.servfail.seconds > 0 &&
          cacheBehaviour(view.release.name).storesUnwrittenServfail;
        const after = single && most !== undefined ? 'SERVFAIL after 4 s' : 'SERVFAIL after 6 s';
        return [
          {
            at: statement.name,
            words: keeps ? `${after}, kept for ${cache.options.servfail.seconds} s` : `${after}, not cached`,
          },
        ];
      }),
  },
  {
    code: 'upgrade-refusing-upstream',
    severity: 'info',
    title: 'How often an upstream that refuses is asked for one query',
    consequence: 'An upstream with a closed port sees another number of queries.',
    remedy: '',
    source: 'recordings forward-refused-one-default, forward-refused-two-cap',
    example: { wrong: block('  cache 30\n'), right: plain, from: '1.11.3', release: '1.14.7' },
    treats: (view) =>
      eachForward(view, ({ statement, options }) => {
        const most = options.maxAttempts ?? forwardBehaviour(view.release.name).attemptsPerUpstream;
        const words =
          most === undefined ? 'again and again until it counts as down' : `${most} attempts for each upstream`;
        return [{ at: statement.name, words }];
      }),
  },
  {
    code: 'upgrade-policy',
    severity: 'warning',
    title: 'Which upstream is asked first',
    consequence: 'Load moves between the upstreams; names that only the first one knows fail at the others.',
    remedy: '`policy sequential` keeps the order of the line',
    source: 'recordings forward-random-1-6-7, forward-random-two',
    example: {
      wrong: '. {\n  cache 30\n  forward . 192.0.2.53 192.0.2.54\n}\n',
      right: '. {\n  cache 30\n  forward . 192.0.2.53 192.0.2.54 {\n    policy sequential\n  }\n}\n',
      from: '1.6.7',
      release: '1.8.6',
    },
    treats: (view) =>
      eachForward(view, ({ statement, options, targets }) => {
        if (targets.every(({ to, isFile }) => to.length < 2 && !isFile) && targets.length < 2) return [];
        const keeps = forwardBehaviour(view.release.name).policiesKeepOrder || options.policy === 'sequential';
        const words = keeps
          ? 'the upstreams are asked in the order of the line'
          : `the upstreams are asked by policy ${options.policy}`;
        return [{ at: statement.name, words }];
      }),
  },
  {
    code: 'upgrade-too-many-queries',
    severity: 'info',
    title: 'What a query beyond `max_concurrent` gets',
    consequence:
      'glibc treats REFUSED and SERVFAIL alike; musl repeats a SERVFAIL at once and waits 5 s out after REFUSED.',
    remedy: '',
    source: 'recordings forward-max-concurrent, musl125-10-refused-rcode, musl125-09-servfail-search',
    example: {
      wrong: '. {\n  cache 30\n  forward . 192.0.2.53 {\n    max_concurrent 1000\n  }\n}\n',
      right: block('  cache 30\n'),
      from: '1.7.0',
      release: '1.8.6',
    },
    treats: (view) =>
      eachForward(view, ({ statement, options }) => {
        const at = propertyOf(statement, 'max_concurrent')?.name;
        if (at === undefined || options.maxConcurrent === 0) return [];
        return [{ at, words: forwardBehaviour(view.release.name).overLimitRcode }];
      }),
  },
  {
    code: 'upgrade-tcp-probes',
    severity: 'info',
    title: 'How an upstream with `force_tcp` is probed',
    consequence:
      'An upstream whose TCP alone is dead goes down only if it is probed over TCP; one whose firewall lets TCP through must not refuse the probes either.',
    remedy: '',
    source: 'recording forward-force-tcp-probe',
    example: {
      wrong: '. {\n  cache 30\n  forward . 192.0.2.53 {\n    force_tcp\n  }\n}\n',
      right: block('  cache 30\n'),
      from: '1.8.6',
      release: '1.9.3',
    },
    treats: (view) =>
      eachForward(view, ({ statement, options }) => {
        const at = propertyOf(statement, 'force_tcp')?.name;
        if (at === undefined || options.maxFails === 0) return [];
        return [
          {
            at,
            words: forwardBehaviour(view.release.name).probesFollowForceTcp
              ? 'probes go over TCP'
              : 'probes go over UDP',
          },
        ];
      }),
  },
  {
    code: 'upgrade-same-upstream',
    severity: 'info',
    title: 'An upstream that is listed twice',
    consequence: 'The share of queries that each upstream gets changes.',
    remedy: 'list each upstream once',
    source: 'recording forward-duplicate-to',
    example: {
      wrong: '. {\n  cache 30\n  forward . 192.0.2.53 192.0.2.53 192.0.2.54\n}\n',
      right: '. {\n  cache 30\n  forward . 192.0.2.53 192.0.2.54\n}\n',
      from: '1.11.3',
      release: '1.14.7',
    },
    treats: (view) =>
      eachForward(view, ({ statement, targets }) => {
        const words = targets.map(({ token }) => token.text);
        if (new Set(words).size === words.length) return [];
        return [
          {
            at: statement.name,
            words: forwardBehaviour(view.release.name).mergesUpstreams ? 'is one upstream' : 'counts as two upstreams',
          },
        ];
      }),
  },
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
    example: {
      wrong: block('  cache 30 {\n    serve_stale\n  }\n'),
      right: block('  cache 30\n'),
      from: '1.8.0',
      release: '1.11.3',
    },
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
    example: {
      wrong: block('  cache 30 {\n    serve_stale\n  }\n'),
      right: block('  cache 30\n'),
      from: '1.11.3',
      release: '1.14.7',
    },
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
    example: {
      wrong: block('  cache 30 {\n    serve_stale\n  }\n'),
      right: block('  cache 30\n'),
      from: '1.11.3',
      release: '1.14.7',
    },
    treats: (view) =>
      eachStale(view, () =>
        cacheBehaviour(view.release.name).staleAtZero
          ? 'counts as expired: a refresh begins'
          : 'is a plain hit with TTL 0, nothing is asked',
      ),
  },
  {
    code: 'upgrade-chain-order',
    severity: 'warning',
    title: 'The order in which the plugins of a block see a query',
    consequence:
      'A plugin works with what those before it have made of the query. Behind `rewrite` the cache keys the rewritten name and keeps the original TTLs; behind `acl` it answers only clients that are allowed.',
    remedy: 'try the names that these lines are about: `dnspath compare` runs both releases',
    source:
      'recordings corefile-order-acl-cache, corefile-order-rewrite-cache, corefile-order-autopath; plugin.cfg of each tag',
    example: {
      wrong: block('  cache 30\n  rewrite name a.example b.example\n'),
      right: block('  cache 30\n'),
      from: '1.11.3',
      release: '1.14.7',
    },
    treats: (view) =>
      eachBlock(view, (one) => {
        const [key] = one.keys;
        const sensitive = ['cache', 'rewrite', 'acl', 'autopath', 'header', 'template'];
        const order = view.release.plugins.filter((name) => sensitive.includes(name) && uses(one, name));
        return key === undefined || order.length < 2 ? [] : [{ at: key.token, words: order.join(', ') }];
      }),
  },
  {
    code: 'upgrade-key-case',
    severity: 'warning',
    title: 'A zone with capital letters',
    consequence: 'The block begins, or ceases, to serve its names.',
    remedy: 'write zones in lower case',
    source: 'recordings corefile-route-upper-case, corefile-start-zone-dup-case',
    example: {
      wrong: 'Corp.example {\n  whoami\n}\n',
      right: 'corp.example {\n  whoami\n}\n',
      from: '1.11.3',
      release: '1.14.7',
    },
    treats: ({ blocks }) =>
      blocks.flatMap(({ keys }) =>
        keys.flatMap(({ token, zone }) =>
          token.text === token.text.toLowerCase()
            ? []
            : [
                {
                  at: token,
                  words: zone === zone.toLowerCase() ? 'its names come to this block' : 'no query matches it',
                },
              ],
        ),
      ),
  },
  {
    code: 'upgrade-shared-plugins',
    severity: 'info',
    title: 'A block with several keys: one cache, or one for each',
    consequence:
      'The capacity of the cache, `max_concurrent` and the state of the upstreams are shared by all zones of the block, or not.',
    remedy: '',
    source: 'recordings cache-shared-keys, forward-round-robin-block-keys',
    example: {
      wrong: 'a.example b.example {\n  cache 30\n  forward . 192.0.2.53\n}\n',
      right: 'a.example {\n  cache 30\n  forward . 192.0.2.53\n}\n',
      from: '1.8.4',
      release: '1.8.6',
    },
    treats: (view) =>
      eachBlock(view, ({ keys }) => {
        const [first, second] = keys;
        if (first === undefined || second === undefined) return [];
        const words = inRelease(sharesPlugins, view.release.name)
          ? 'one of each plugin for all keys'
          : 'each key has plugins of its own';
        return [{ at: first.token, words }];
      }),
  },
  {
    code: 'upgrade-lameduck',
    severity: 'info',
    title: 'When `lameduck` makes CoreDNS wait',
    consequence: 'A reload takes effect later, or at once.',
    remedy: '',
    source: 'recording corefile-reload-lameduck',
    example: {
      wrong: block('  reload\n  health {\n    lameduck 5s\n  }\n'),
      right: block('  reload\n'),
      from: '1.9.3',
      release: '1.10.1',
    },
    treats: (view) =>
      everywhere(view, 'health').flatMap((line): Treatment[] => {
        const at = propertyOf(line, 'lameduck')?.name;
        if (at === undefined || everywhere(view, 'reload').length === 0) return [];
        return [
          {
            at,
            words: inRelease(lameduckOnlyAtEnd, view.release.name)
              ? 'at the end only'
              : 'at the end and before each reload',
          },
        ];
      }),
  },
  {
    code: 'upgrade-template-miss',
    severity: 'warning',
    title: 'A query that does not match a `template`',
    consequence: 'Clients get an error at once, or wait for their time-out.',
    remedy: 'add `fallthrough` if another plugin knows the answer',
    source: 'recording corefile-template-miss',
    example: {
      wrong: block('  template IN A {\n    match ^db[.]\n    answer "{{ .Name }} 60 IN A 192.0.2.1"\n  }\n'),
      right: block(
        '  template IN A {\n    match ^db[.]\n    answer "{{ .Name }} 60 IN A 192.0.2.1"\n    fallthrough\n  }\n',
      ),
      from: '1.8.6',
      release: '1.9.3',
    },
    treats: (view) =>
      everywhere(view, 'template').flatMap((line): Treatment[] => {
        const at = propertyOf(line, 'match')?.name;
        if (at === undefined || hasProperty(line, 'fallthrough')) return [];
        return [
          { at, words: inRelease(missIsServfail, view.release.name) ? 'ends as SERVFAIL' : 'gets no reply at all' },
        ];
      }),
  },
  {
    code: 'upgrade-wildcards',
    severity: 'info',
    title: 'Wildcards in names of Services',
    consequence:
      'Names such as `*.default.svc.cluster.local` or `any.any.svc.cluster.local` are NXDOMAIN from 1.9.0 on.',
    remedy: 'look for such names among your programs before the upgrade',
    source: 'facts of plugin/kubernetes (1.9.0)',
    example: {
      wrong: '. {\n  kubernetes cluster.local\n  forward . 192.0.2.53\n}\n',
      right: block('  cache 30\n'),
      from: '1.8.6',
      release: '1.9.3',
    },
    treats: (view) =>
      everywhere(view, 'kubernetes').map(({ name }) => ({
        at: name,
        words: inRelease(wildcards, view.release.name)
          ? '`*` and `any` stand for any label'
          : '`*` and `any` are labels like others',
      })),
  },
  {
    code: 'upgrade-unready-pods',
    severity: 'warning',
    title: 'Pods that are not ready, behind headless Services',
    consequence: 'Clients get, or no longer get, addresses that do not serve.',
    remedy: '',
    source: 'facts of plugin/kubernetes (1.8.1 to 1.8.3)',
    example: {
      wrong: '. {\n  kubernetes cluster.local\n  forward . 192.0.2.53\n}\n',
      right: block('  cache 30\n'),
      from: '1.7.0',
      release: '1.8.3',
    },
    treats: (view) =>
      everywhere(view, 'kubernetes').map(({ name }) => ({
        at: name,
        words: inRelease(includesUnready, view.release.name)
          ? 'their addresses are given'
          : 'their addresses are left out',
      })),
  },
];

function eachBlock({ blocks }: CorefileView, treats: (block: BlockView) => readonly Treatment[]): Treatment[] {
  return blocks.flatMap(treats);
}

function eachForward(
  { blocks }: CorefileView,
  treats: (forward: ForwardView, block: BlockView) => readonly Treatment[],
): Treatment[] {
  return blocks.flatMap((one) => one.forwards.flatMap((forward) => treats(forward, one)));
}

function eachStale(view: CorefileView, words: (mode: 'immediate' | 'verify') => string | undefined): Treatment[] {
  return eachBlock(view, ({ cache }) => {
    const at = propertyOf(cache?.statement, 'serve_stale')?.name;
    const stale = cache?.options.stale;
    const text = stale === undefined ? undefined : words(stale.mode);
    return at === undefined || text === undefined ? [] : [{ at, words: text }];
  });
}
