import { goDuration } from '../../coredns/corefile/go-values.ts';
import { second } from '../../engine/time.ts';
import { propertyOf, type Statement } from '../corefile/statement.ts';
import { type BlockView, type CorefileView, everywhere, isNodeCache, isRoot, uses } from '../corefile/view.ts';
import type { CorefileRule, Found } from '../finding.ts';

/** terminationGracePeriodSeconds unless said. */
const graceSeconds = 30;

const pod = (lines: string) =>
  `. {\n  errors\n${lines}  kubernetes cluster.local\n  forward . 192.0.2.53\n  cache 30\n}\n`;
const healthy = '  health {\n    lameduck 5s\n  }\n  ready\n  reload\n';

export const operationRules: readonly CorefileRule[] = [
  {
    code: 'no-errors',
    severity: 'info',
    title: '`errors` is missing where queries are forwarded',
    consequence:
      'Why a query failed (`i/o timeout`, `overflow unpacking`, `no healthy proxies`) stands in no log: SERVFAIL is all that is seen.',
    remedy: 'add `errors` to the block',
    source: 'recording corefile-errors-consolidate',
    example: {
      wrong: '. {\n  cache 30\n  forward . 192.0.2.53\n}\n',
      right: '. {\n  errors\n  cache 30\n  forward . 192.0.2.53\n}\n',
    },
    find: ({ blocks }) =>
      blocks.flatMap((block) => {
        const [forward] = block.forwards;
        if (forward === undefined || uses(block, 'errors')) return [];
        return [{ at: forward.statement.name, message: 'failures of this block are not logged' }];
      }),
  },
  {
    code: 'no-reload',
    severity: 'info',
    title: '`reload` is missing: edits take effect at a restart only',
    consequence:
      "An edited ConfigMap reaches the pod's file within 90 s, and CoreDNS does not look: the change waits for the next restart, whenever that is.",
    remedy: 'add `reload` (looks every 30 s), or restart after each edit',
    source: 'gh:coredns/deployment!71; recording corefile-reload-good',
    example: { wrong: pod('  health {\n    lameduck 5s\n  }\n  ready\n'), right: pod(healthy) },
    find: (view) => missing(view, 'reload', 'edits of this file wait for a restart'),
  },
  {
    code: 'no-ready',
    severity: 'info',
    title: '`ready` is missing: queries arrive before the cluster is known',
    consequence:
      'Without a readiness probe a pod gets queries from its start on. Until the API server has answered, names of the cluster that are not there yet end as SERVFAIL, cached for 5 s.',
    remedy: 'add `ready`, and a readiness probe of port 8181, path /ready',
    source: 'gh:coredns/coredns!2126; recordings corefile-ready, corefile-k8s-no-cluster',
    example: { wrong: pod('  health {\n    lameduck 5s\n  }\n  reload\n'), right: pod(healthy) },
    find: (view) => missing(view, 'ready', 'nobody can tell when this CoreDNS knows the cluster'),
  },
  {
    code: 'no-health',
    severity: 'info',
    title: '`health` is missing: a hung CoreDNS is not restarted, and one that stops does so at once',
    consequence:
      'The kubelet has nothing to probe. At the end of a pod CoreDNS is gone about 10 ms after SIGTERM, while kube-proxy still sends it queries for 1 to 10 s.',
    remedy: 'add `health { lameduck 5s }`, and a liveness probe of port 8080, path /health',
    source: 'gh:coredns/deployment#199; recording path-rollout-no-lameduck',
    example: { wrong: pod('  ready\n  reload\n'), right: pod(healthy) },
    find: (view) => missing(view, 'health', 'CoreDNS stops at once, with nobody told'),
  },
  {
    code: 'no-lameduck',
    severity: 'info',
    title: '`health` without `lameduck`: each rollout of CoreDNS loses queries',
    consequence:
      "CoreDNS exits about 10 ms after SIGTERM, and kube-proxy on the nodes takes the pod out of its rules only 0.1 to 10 s later: until then the pod's share of the queries is refused or lost, and a lost one costs a glibc client 5 s or more.",
    remedy: 'write `health { lameduck 5s }`: as long as rules take to change, and well below the grace period (30 s)',
    source: 'gh:coredns/deployment#199; recordings path-rollout-no-lameduck, path-rollout-lameduck-enough',
    example: { wrong: pod('  health\n  ready\n  reload\n'), right: pod(healthy) },
    find: (view) => {
      const lines = everywhere(view, 'health');
      const [health] = lines;
      if (health === undefined || !servesCluster(view)) return [];
      if (lines.some((line) => lameduckSeconds(line) !== 0)) return [];
      return [{ at: health.name, message: 'a pod that ends stops answering before the nodes know' }];
    },
  },
  {
    code: 'lameduck-too-long',
    severity: 'warning',
    title: '`lameduck` is as long as the pod has to live',
    consequence:
      'After SIGTERM the kubelet waits for the grace period (30 s unless the pod says otherwise) and kills what is left: with a lameduck of that length CoreDNS is killed in the middle of its queries instead of ending them.',
    remedy: 'keep it some seconds below terminationGracePeriodSeconds',
    source: 'aws-eks-best-practices#728; recording corefile-signal-term-lameduck',
    example: { wrong: pod('  health {\n    lameduck 30s\n  }\n  ready\n  reload\n'), right: pod(healthy) },
    find: (view) =>
      everywhere(view, 'health').flatMap((line): Found[] => {
        const at = propertyOf(line, 'lameduck')?.name;
        const span = lameduckSeconds(line);
        return at === undefined || span === undefined || span < graceSeconds
          ? []
          : [{ at, message: `${span} s: as long as the usual grace period` }];
      }),
  },
];

/** A CoreDNS of the cluster itself: the one that the kubelet probes and kube-proxy sends queries to. */
function servesCluster(view: CorefileView): boolean {
  return view.blocks.some((block) => uses(block, 'kubernetes')) && !isNodeCache(view);
}

function missing(view: CorefileView, directive: string, message: string): Found[] {
  if (!servesCluster(view) || view.blocks.some((block) => uses(block, directive))) return [];
  const block: BlockView | undefined = view.blocks.find(isRoot) ?? view.blocks[0];
  const at = block?.keys[0]?.token;
  return at === undefined ? [] : [{ at, message }];
}

/** Undefined: what is written is no time, which is a mistake of its own. */
function lameduckSeconds(line: Statement): number | undefined {
  const span = goDuration(propertyOf(line, 'lameduck')?.args[0]?.text ?? '0');
  return 'value' in span ? span.value / second : undefined;
}
