import { inRelease } from '../../../coredns/history.ts';
import { lameduckOnlyAtEnd } from '../../../coredns/plugins/health/health.ts';
import { includesUnready, wildcards } from '../../../coredns/plugins/kubernetes/records.ts';
import { missIsServfail } from '../../../coredns/plugins/template/template.ts';
import { sharesPlugins } from '../../../coredns/server/configuration.ts';
import { hasProperty, propertyOf } from '../../corefile/statement.ts';
import { everywhere, uses } from '../../corefile/view.ts';
import type { Treatment, UpgradeRule } from '../../finding.ts';
import { block, eachBlock } from './each.ts';

/** What changes in the choice of a block, the order of its plugins, and other plugins. */
export const otherUpgrades: readonly UpgradeRule[] = [
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
