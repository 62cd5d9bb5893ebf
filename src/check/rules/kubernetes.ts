import { goInteger } from '../../coredns/corefile/go-values.ts';
import { inRelease } from '../../coredns/history.ts';
import { includesUnready } from '../../coredns/plugins/kubernetes/records.ts';
import { isWithin } from '../../dns/name.ts';
import { propertyOf, type Statement } from '../corefile/statement.ts';
import { type BlockView, type CorefileView, statement, statements } from '../corefile/view.ts';
import type { CorefileRule, Found } from '../finding.ts';

const defaultTtl = 5;
const block = (kubernetes: string, before = '', cache = 'cache 30') =>
  `. {\n${before}  kubernetes cluster.local ${kubernetes}\n  ${cache}\n  forward . 192.0.2.53\n}\n`;

export const kubernetesRules: readonly CorefileRule[] = [
  {
    code: 'kubernetes-ttl-clamped',
    severity: 'warning',
    title: 'The TTL of the kubernetes plugin is not the one that clients see',
    consequence:
      "The cache of the same block raises every TTL to its minimum (5 s) and cuts it to its maximum, the reply of a miss included: what `ttl` says is not what clients and NodeLocal DNSCache get, nor how long a removed pod's address lives on.",
    remedy:
      "for the cluster's names without a cache: `disable success cluster.local` and `disable denial cluster.local` in the braces of `cache` (1.9.4 and later), or a `ttl` between its minimum and its maximum",
    source: 'gh:coredns/coredns#7091; recordings cache-ttl-cap, cache-ttl-defaults',
    example: { wrong: block('{\n    ttl 0\n  }'), right: block('{\n    ttl 30\n  }') },
    find: (view) => eachKubernetes(view, clampedTtl),
  },
  {
    code: 'outside-addresses-have-no-names',
    severity: 'warning',
    title: 'The kubernetes plugin answers for all addresses, and hands on none',
    consequence:
      'With `in-addr.arpa` or `ip6.arpa` among its zones and no `fallthrough` for them, every address that is no Service or pod is NXDOMAIN here: reverse lookups of the machines outside fail.',
    remedy: 'add `fallthrough in-addr.arpa ip6.arpa`',
    source: 'facts of plugin/kubernetes; recording path-syslog-new-address',
    example: {
      wrong: '. {\n  kubernetes cluster.local in-addr.arpa ip6.arpa\n  cache 30\n  forward . 192.0.2.53\n}\n',
      right:
        '. {\n  kubernetes cluster.local in-addr.arpa ip6.arpa {\n    fallthrough in-addr.arpa ip6.arpa\n  }\n  cache 30\n  forward . 192.0.2.53\n}\n',
    },
    find: (view) =>
      eachKubernetes(view, (line, { forwards }) => {
        const through = propertyOf(line, 'fallthrough');
        const covered = (zone: string) =>
          through?.args.length === 0 || through?.args.some(({ text }) => isWithin(zone, text));
        const [first] = line.args.filter(({ text }) => isReverse(text) && covered(text) !== true);
        if (first === undefined || forwards.length === 0) return [];
        return [{ at: first, message: `addresses outside of the cluster get NXDOMAIN for ${first.text}` }];
      }),
  },
  {
    code: 'cluster-names-leave',
    severity: 'info',
    title: 'Names of the cluster that do not exist are asked outside',
    consequence:
      "A bare `fallthrough` hands on the cluster's own zone, too: each name that the search list makes and that does not exist goes on to the upstream, two queries (A and AAAA) for each search domain and lookup, and the names of Services leave the cluster.",
    remedy: 'name the zones: `fallthrough in-addr.arpa ip6.arpa`',
    source: 'recording path-ndots5-external',
    example: { wrong: block('{\n    fallthrough\n  }'), right: block('{\n    fallthrough in-addr.arpa ip6.arpa\n  }') },
    find: (view) =>
      eachKubernetes(view, (line, { forwards }) => {
        const through = propertyOf(line, 'fallthrough');
        const zones = line.args.filter(({ text }) => !isReverse(text));
        const covers =
          through?.args.length === 0 ||
          through?.args.some(({ text }) => zones.some((zone) => isWithin(zone.text, text)));
        if (through === undefined || covers !== true || forwards.length === 0) return [];
        return [{ at: through.name, message: `what is not found below ${zones[0]?.text ?? 'the zone'} is forwarded` }];
      }),
  },
  {
    code: 'autopath-without-effect',
    severity: 'warning',
    title: '`autopath @kubernetes` needs `pods verified` in the same block',
    consequence:
      'autopath learns the namespace of a client from the list of pods. CoreDNS keeps that list with `pods verified` only, and says nothing: searches go on one name after the other.',
    remedy:
      'write `pods verified` into the braces of `kubernetes` (it takes memory for every pod), or remove `autopath`',
    source: 'recordings corefile-start-autopath-no-kubernetes, corefile-k8s-pods-mode',
    example: {
      wrong: block('{\n    pods insecure\n  }', '  autopath @kubernetes\n'),
      right: block('{\n    pods verified\n  }', '  autopath @kubernetes\n'),
    },
    find: ({ blocks }) =>
      blocks.flatMap((one) =>
        statements(one, 'autopath').flatMap(({ name, args }): Found[] => {
          if (args.at(-1)?.text !== '@kubernetes') return [];
          const kubernetes = statement(one, 'kubernetes');
          if (kubernetes === undefined) return [{ at: name, message: 'this block has no `kubernetes` to ask' }];
          if (propertyOf(kubernetes, 'pods')?.args[0]?.text === 'verified') return [];
          return [{ at: name, message: 'the pods are not known here' }];
        }),
      ),
  },
  {
    code: 'unready-pods-answered',
    severity: 'warning',
    title: 'This release gives the addresses of pods that are not ready',
    consequence:
      'From 1.8.1 to 1.8.3 headless Services hold all addresses of their EndpointSlices, ready or not: clients connect to pods that cannot serve yet, or no more.',
    remedy: 'run 1.8.4 or later',
    source: 'facts of plugin/kubernetes (1.8.1 to 1.8.3)',
    example: {
      wrong: block('{\n    ttl 30\n  }'),
      right: '. {\n  cache 30\n  forward . 192.0.2.53\n}\n',
      release: '1.8.3',
    },
    find: (view) =>
      eachKubernetes(view, ({ name }) =>
        inRelease(includesUnready, view.release.name)
          ? [{ at: name, message: 'headless Services include pods that are not ready' }]
          : [],
      ),
  },
];

const isReverse = (zone: string): boolean => /(^|\.)(in-addr|ip6)\.arpa\.?$/i.test(zone);

function eachKubernetes(
  { blocks }: CorefileView,
  find: (line: Statement, block: BlockView) => readonly Found[],
): Found[] {
  return blocks.flatMap((one) => statements(one, 'kubernetes').flatMap((line) => find(line, one)));
}

function clampedTtl(line: Statement, { cache, zones }: BlockView): Found[] {
  const word = propertyOf(line, 'ttl')?.args[0];
  const ttl = word === undefined ? { value: defaultTtl } : goInteger(word.text);
  if (cache === undefined || word === undefined || 'error' in ttl) return [];
  const { min, max, except } = cache.options.success;
  const own = line.args.length === 0 ? zones : line.args.map(({ text }) => text);
  const names = own.filter((zone) => !isReverse(zone));
  const cached = names.some(
    (zone) => !except.some((one) => isWithin(zone, one)) && cache.options.zones.some((one) => isWithin(zone, one)),
  );
  const seen = Math.min(Math.max(ttl.value, min.seconds), max.seconds);
  if (!cached || seen === ttl.value) return [];
  return [{ at: word, message: `clients see ${seen} s, not ${ttl.value} s` }];
}
