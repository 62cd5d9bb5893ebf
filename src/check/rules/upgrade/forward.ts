import { bufsizeBehaviour } from '../../../coredns/plugins/bufsize/bufsize.ts';
import { cacheBehaviour } from '../../../coredns/plugins/cache/releases.ts';
import { forwardBehaviour } from '../../../coredns/plugins/forward/releases.ts';
import { second } from '../../../engine/time.ts';
import { propertyOf } from '../../corefile/statement.ts';
import { everywhere } from '../../corefile/view.ts';
import type { UpgradeRule } from '../../finding.ts';
import { neverOverUdp } from '../forwards.ts';
import { block, eachForward, plain } from './each.ts';

/** What changes on the way to the upstreams. */
export const forwardUpgrades: readonly UpgradeRule[] = [
  {
    code: 'upgrade-large-replies',
    severity: 'warning',
    title: 'UDP replies above what the client offered',
    consequence: 'It decides what becomes of large answers of upstreams that do not set TC.',
    remedy: 'from 1.11.3 on clients need TCP port 53 of CoreDNS for them',
    source: 'recordings size-storm-by-release, size-storm-cache-opt-by-release',
    example: { wrong: block('  cache 30\n'), right: plain, from: '1.9.3', release: '1.10.1' },
    treats: (view) =>
      eachForward(view, (forward, { cache }) => {
        const { statement } = forward;
        if (neverOverUdp(forward)) return [];
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
      eachForward(view, (forward, { cache }) => {
        const { statement, options, targets } = forward;
        if (neverOverUdp(forward) || options.readTimeout !== 2 * second) return [];
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
];
