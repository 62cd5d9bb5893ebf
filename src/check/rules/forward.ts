import { forwardBehaviour } from '../../coredns/plugins/forward/releases.ts';
import { isWithin, parentOf } from '../../dns/name.ts';
import { formatEndpoint } from '../../network/address.ts';
import { counted } from '../../trace/words.ts';
import { hasProperty, propertyOf } from '../corefile/statement.ts';
import {
  addressOf,
  type BlockView,
  type CorefileView,
  type ForwardView,
  isNodeCache,
  isRoot,
} from '../corefile/view.ts';
import type { CorefileRule, Found } from '../finding.ts';
import { eachForward } from './forwards.ts';

const fewQueries = 100;

const forward = (to: string, properties = '') => `. {\n  cache 30\n  forward . ${to} {\n${properties}  }\n}\n`;

export const forwardRules: readonly CorefileRule[] = [
  {
    code: 'upstream-not-there',
    severity: 'error',
    title: 'A forward to an address that nobody has',
    consequence:
      'Queries go there and nothing comes back: with no other upstream each one ends as SERVFAIL, after 6 s (4 s from 1.14.7 on), and after 2 s once it counts as down.',
    remedy:
      'write the address of a server that is there, or remove the block; where the cluster does have that server, name it under `servers:` in the scenario',
    source:
      'field report S1; recordings forward-blackhole-one-default, forward-blackhole-two, path-upstream-silent-node',
    example: {
      wrong: '. {\n  cache 30\n  forward . 192.168.1.101\n}\ncorp.example {\n  cache 30\n  forward . 192.0.2.53\n}\n',
      right: '. {\n  cache 30\n  forward . 192.168.1.101\n}\n',
    },
    find: (view) => eachForward(view, (one) => notThere(view, one)),
  },
  {
    code: 'forward-hidden',
    severity: 'error',
    title: 'A `forward` stands behind one that takes all its names',
    consequence:
      'The first `forward` of the block whose zone holds the name takes the query, not the one with the longest zone: the later one is asked only where the first has `next`.',
    remedy: 'put the line with the narrower zone first, or give it a server block of its own',
    source: 'recordings corefile-order-two-forwards, forward-several-forwards',
    example: {
      wrong: '. {\n  cache 30\n  forward . 192.0.2.53\n  forward corp.example 192.0.2.54\n}\n',
      right: '. {\n  cache 30\n  forward corp.example 192.0.2.54\n  forward . 192.0.2.53\n}\n',
    },
    find: ({ blocks }) => blocks.flatMap(hidden),
  },
  {
    code: 'upstream-twice',
    severity: 'warning',
    title: 'One upstream is listed twice',
    consequence:
      'It is no second server: when it fails, the other attempt fails as well. Up to 1.14.3 it gets two shares of the queries and two health checks; from 1.14.4 on the two are one.',
    remedy: 'remove one of them, or write the address of another server',
    source: 'recording forward-duplicate-to',
    example: { wrong: forward('192.0.2.53 192.0.2.53'), right: forward('192.0.2.53 192.0.2.54') },
    find: (view) =>
      eachForward(view, ({ targets }) => {
        const seen = new Set<string>();
        return targets.flatMap(({ to, token }) =>
          to.flatMap((one): Found[] => {
            const key = one.kind === 'address' ? formatEndpoint(one.endpoint) : JSON.stringify(one);
            const again = seen.has(key);
            seen.add(key);
            return again
              ? [{ at: token, message: `${addressOf(one) ?? token.text} stands here for the second time` }]
              : [];
          }),
        );
      }),
  },
  {
    code: 'policy-ignored',
    severity: 'warning',
    title: 'In this release the policy of `forward` has no effect',
    consequence:
      'From 1.6.7 to 1.6.9 every query starts with the first upstream, whatever the policy says: the others get only what the first has failed.',
    remedy: 'run 1.7.0 or later',
    source: 'recording forward-random-1-6-7',
    example: {
      wrong: forward('192.0.2.53 192.0.2.54', '    policy round_robin\n'),
      right: forward('192.0.2.53 192.0.2.54', '    policy sequential\n'),
      release: '1.6.7',
    },
    find: (view) =>
      eachForward(view, ({ statement, options, targets }) => {
        const at = propertyOf(statement, 'policy')?.name;
        const several = targets.flatMap(({ to }) => to).length > 1;
        if (!forwardBehaviour(view.release.name).policiesKeepOrder || !several) return [];
        if (at === undefined || options.policy === 'sequential') return [];
        return [{ at, message: `\`${options.policy}\` asks the upstreams in the order of the line` }];
      }),
  },
  {
    code: 'policy-for-one',
    severity: 'info',
    title: 'A policy where there is one upstream',
    consequence: 'A policy decides between upstreams; with one it changes nothing.',
    remedy: 'add a second upstream, or remove the line',
    source: 'facts of plugin/forward; recording forward-blackhole-one-default',
    example: {
      wrong: forward('192.0.2.53', '    policy sequential\n'),
      right: forward('192.0.2.53 192.0.2.54', '    policy sequential\n'),
    },
    find: (view) =>
      eachForward(view, ({ statement, targets }) => {
        const at = propertyOf(statement, 'policy')?.name;
        const to = targets.flatMap((target) => target.to);
        if (at === undefined || to.length !== 1 || targets.some(({ isFile }) => isFile)) return [];
        return to[0]?.kind === 'address' ? [{ at, message: 'there is no other upstream to choose' }] : [];
      }),
  },
  {
    code: 'never-down',
    severity: 'warning',
    title: 'With `max_fails 0` a dead upstream is asked for ever',
    consequence:
      'It is never probed and never left out: while it is silent every query that starts with it waits 2 s, and with no other upstream 6 s for its SERVFAIL (4 s from 1.14.7 on) instead of 2 s; `max_concurrent` is used up two to three times as fast.',
    remedy: 'leave `max_fails` at 2, unless another check stands behind this address',
    source: 'recordings forward-max-fails-0, forward-blackhole-one',
    example: { wrong: forward('192.0.2.53 192.0.2.54', '    max_fails 0\n'), right: forward('192.0.2.53 192.0.2.54') },
    find: (view) =>
      eachForward(view, ({ statement, options }) => {
        const at = propertyOf(statement, 'max_fails')?.name;
        return at === undefined || options.maxFails > 0
          ? []
          : [{ at, message: 'no upstream of this line ever counts as down' }];
      }),
  },
  {
    code: 'probe-without-dot',
    severity: 'error',
    title: 'In this release a probe for a name without final dot is never sent',
    consequence:
      'In 1.9.2 and 1.9.3 each such probe counts as failed: after the first error of a query the upstream goes down and stays down until a restart or reload.',
    remedy: 'write the final dot: `domain example.org.`',
    source: 'recording forward-health-check-options',
    example: {
      wrong: forward('192.0.2.53', '    health_check 0.5s domain example.org\n'),
      right: forward('192.0.2.53', '    health_check 0.5s domain example.org.\n'),
      release: '1.9.3',
    },
    find: (view) =>
      eachForward(view, ({ statement, options }) => {
        const at = propertyOf(statement, 'health_check')?.name;
        if (at === undefined || !forwardBehaviour(view.release.name).probeNeedsFinalDot) return [];
        return options.health.domain.endsWith('.')
          ? []
          : [{ at, message: `no probe for ${options.health.domain} ever leaves` }];
      }),
  },
  {
    code: 'failover-goes-round',
    severity: 'warning',
    title: 'In this release `failover` asks the same upstreams for 5 s',
    consequence:
      'From 1.13.0 to 1.14.6 the upstreams are asked again and again while all of them return a listed code; after 5 s the client gets SERVFAIL instead of that code.',
    remedy: 'run 1.14.7 or later, or remove the code that every upstream may give',
    source: 'recordings forward-failover-rcodes, forward-failover-timeline',
    example: {
      wrong: forward('192.0.2.53 192.0.2.54', '    failover NXDOMAIN\n'),
      right: forward('192.0.2.53 192.0.2.54'),
      release: '1.13.1',
    },
    find: (view) =>
      eachForward(view, ({ statement, options }) => {
        const at = propertyOf(statement, 'failover')?.name;
        if (at === undefined || !forwardBehaviour(view.release.name).failoverGoesRound) return [];
        return [
          {
            at,
            message: `where every upstream says ${options.failover.join(' or ')} the client waits 5 s for SERVFAIL`,
          },
        ];
      }),
  },
  {
    code: 'host-name-looked-up-once',
    severity: 'warning',
    title: 'The host name of an upstream is looked up at the start only',
    consequence:
      'Its addresses of that moment are asked until the next start or reload. If the server moves, queries go to the old address; if the name cannot be looked up at the start, CoreDNS does not start.',
    remedy: 'write addresses that stay, such as those of a Service or a load balancer',
    source: 'recordings forward-hostname-to, corefile-start-forward-hostname',
    example: { wrong: forward('dns.corp.example'), right: forward('192.0.2.53') },
    find: (view) =>
      eachForward(view, ({ targets }) =>
        targets
          .filter(({ to }) => to.some(({ kind }) => kind === 'name'))
          .map(({ token }) => ({ at: token, message: `${token.text} is looked up once` })),
      ),
  },
  {
    code: 'prefer-udp-without-effect',
    severity: 'warning',
    title: '`prefer_udp` beside `force_tcp` does nothing',
    consequence: 'CoreDNS takes both, and `force_tcp` wins: every query goes over TCP.',
    remedy: 'keep one of the two',
    source: 'recordings forward-protocols, size-force-tcp',
    example: {
      wrong: forward('192.0.2.53', '    force_tcp\n    prefer_udp\n'),
      right: forward('192.0.2.53', '    prefer_udp\n'),
    },
    find: (view) =>
      eachForward(view, ({ statement }) => {
        const at = propertyOf(statement, 'prefer_udp')?.name;
        return at !== undefined && hasProperty(statement, 'force_tcp')
          ? [{ at, message: '`force_tcp` is set as well' }]
          : [];
      }),
  },
  {
    code: 'force-tcp-costs-packets',
    severity: 'info',
    title: '`force_tcp` takes several packets for each query',
    consequence:
      'Each query in flight needs a connection of its own: about five packets where UDP takes one. AWS lets an interface send 1024 packets a second to the VPC resolver: about 205 queries a second over TCP, where UDP allows 1024; what is above is dropped. A resolver whose TCP is silent makes a query wait up to 30 s for its connection.',
    remedy: 'towards resolvers outside the cluster leave `force_tcp` out, or use `prefer_udp`',
    source:
      'repost.aws vpc-find-cause-of-failed-dns-queries; recordings nodelocal-connection-per-query, forward-tcp-blackhole-dial',
    example: { wrong: forward('192.0.2.53', '    force_tcp\n'), right: forward('192.0.2.53') },
    find: (view) =>
      eachForward(view, ({ statement }, block) => {
        const at = propertyOf(statement, 'force_tcp')?.name;
        if (at === undefined || !isRoot(block) || isNodeCache(view)) return [];
        return [{ at, message: 'queries to servers outside go over TCP' }];
      }),
  },
  {
    code: 'max-concurrent-small',
    severity: 'warning',
    title: '`max_concurrent` leaves room for few queries',
    consequence:
      'A query that waits for an upstream takes one place, up to 6 s each while it is silent, and 2 s once it counts as down. Queries beyond the number fail at once: REFUSED, up to 1.8.0 SERVFAIL.',
    remedy: 'queries a second times the seconds that one may wait: kubeadm writes 1000 (about 2 kB of memory each)',
    source: 'gh:coredns/coredns#3635; recording forward-max-concurrent',
    example: {
      wrong: forward('192.0.2.53', '    max_concurrent 20\n'),
      right: forward('192.0.2.53', '    max_concurrent 1000\n'),
    },
    find: (view) =>
      eachForward(view, ({ statement, options: { maxConcurrent } }, block) => {
        const at = propertyOf(statement, 'max_concurrent')?.name;
        if (at === undefined || maxConcurrent === 0 || maxConcurrent >= fewQueries || !isRoot(block)) return [];
        const each = Math.floor(maxConcurrent / 2);
        return [{ at, message: `with a silent upstream ${counted(each, 'query')} a second use all places up` }];
      }),
  },
  {
    code: 'attempts-unbounded',
    severity: 'warning',
    title: '`max_connect_attempts 0` takes the bound off the attempts',
    consequence:
      'An upstream that refuses at once (closed port, or a reset) is asked again without a pause until it counts as down (about 1 s) or 5 s are over: thousands of attempts for one query. By default a query makes two for each upstream.',
    remedy: 'leave the property out',
    source: 'recordings forward-refused-one-default, forward-refused-two-cap',
    example: { wrong: forward('192.0.2.53', '    max_connect_attempts 0\n'), right: forward('192.0.2.53') },
    find: (view) =>
      eachForward(view, ({ statement, options }) => {
        const at = propertyOf(statement, 'max_connect_attempts')?.name;
        if (at === undefined || options.maxAttempts !== 0) return [];
        if (forwardBehaviour(view.release.name).attemptsPerUpstream === undefined) return [];
        return [{ at, message: 'only time limits the attempts of a query' }];
      }),
  },
];

/** Forwards whose names are all taken by one before them. */
function hidden({ forwards }: BlockView): Found[] {
  const takers = new Map<string, ForwardView[]>();
  return forwards.flatMap((one): Found[] => {
    const { from } = one.options;
    const first = zonesAbove(from)
      .flatMap((zone) => takers.get(zone) ?? [])
      .find(({ options }) => !options.except.some((zone) => isWithin(from, zone)));
    if (one.options.next.length === 0 && !one.options.nextOnNoData) {
      const own = takers.get(from) ?? [];
      own.push(one);
      takers.set(from, own);
    }
    if (first === undefined) return [];
    const { line } = first.statement.name;
    return [
      { at: one.statement.name, message: `\`forward ${first.options.from}\` in line ${line} takes these queries` },
    ];
  });
}

/** `a.b.`, `b.`, `.` */
function zonesAbove(zone: string): string[] {
  return zone === '.' ? [zone] : [zone, ...zonesAbove(parentOf(zone))];
}

const noConnection =
  'No connection opens: each query waits 30 s for one (two times 2.5 s from 1.15.0 on) and ends as SERVFAIL; clients have given up before.';

/** Upstreams that are nobody's, where all addresses are known. */
function notThere({ surroundings: { owners } }: CorefileView, { targets, options }: ForwardView): Found[] {
  if (owners === undefined) return [];
  const all = targets.flatMap(({ to }) => to);
  const known = (address: string | undefined) =>
    address === undefined || address.startsWith('127.') || owners.has(address);
  return targets.flatMap(({ token, to }) =>
    to.flatMap((one): Found[] => {
      const address = addressOf(one);
      if (address === undefined || known(address)) return [];
      const message = `nothing in this scenario has the address ${address}`;
      const alive = all.filter((other) => known(addressOf(other))).length;
      const secure = one.scheme === 'tls';
      if (alive === 0) return [{ at: token, message, ...(secure && { consequence: noConnection }) }];
      const share =
        options.policy === 'sequential'
          ? 'Queries that start with it wait'
          : `One in ${all.length} queries starts with it and waits`;
      const consequence = secure
        ? `${share} 30 s for its connection, and then SERVFAIL; from 1.15.0 on 2.5 s, and then for the next upstream. It counts as down 7 s after the first such failure.`
        : `${share} 2 s for the next upstream, until three probes have failed (4 s after the first query) and it counts as down.`;
      return [{ at: token, message, consequence, severity: 'warning' }];
    }),
  );
}
