import { controlPlaneRelease } from '../../cluster/controllers/releases.ts';
import {
  type CoreDnsTemplate,
  coreDnsDeployment,
  type DeploymentDescription,
  type LifeDescription,
  type PodTemplate,
  type ProbeDescription,
  usualGracePeriod,
} from '../../cluster/pods/description.ts';
import { second } from '../../engine/time.ts';
import type { WorkloadDescription } from '../../workload/description.ts';
import { corednsRelease, dnsServiceName, upstreamServiceName } from '../names.ts';
import type { Scenario } from '../scenario.ts';
import type { ScenarioFile } from '../schema/scenario.ts';
import { barePods } from './bare-pods.ts';
import { clientDeployments } from './client-deployments.ts';
import { type Links, podQuality } from './links.ts';
import { type PlacedPod, type PlacedPods, podRanges } from './pods.ts';

type Probe = ScenarioFile['cluster']['coredns']['readinessProbe'];

/** The probes of kubeadm's manifest, and the plugin that answers them. */
const kubeadm = {
  readiness: {
    plugin: 'ready',
    path: '/ready',
    port: 8181,
    initialDelay: 0,
    period: 10 * second,
    timeout: 1 * second,
    failureThreshold: 3,
  },
  liveness: {
    plugin: 'health',
    path: '/health',
    port: 8080,
    initialDelay: 60 * second,
    period: 10 * second,
    timeout: 5 * second,
    failureThreshold: 5,
  },
} as const satisfies Record<string, ProbeDescription & { readonly plugin: string }>;

/** What lives in the cluster: CoreDNS's Deployment and those of clients, on nodes with kubelets. */
export function lifeOf(
  scenario: Scenario,
  links: Links,
  template: PodTemplate,
  pods: PlacedPods,
  workloads: readonly WorkloadDescription[],
  seed: string,
): LifeDescription {
  const { definition } = scenario;
  const { nodes, kubernetes, kubeProxy } = definition.cluster;
  const ranges = podRanges(definition);
  return {
    kubernetes,
    nodes: Object.entries(nodes).map(([name, { address, otherAddress, kernel }]) => {
      const [podCidr = '', otherPodCidr] = ranges.get(name) ?? [];
      const other = {
        ...(otherAddress !== undefined && { otherAddress }),
        ...(otherPodCidr !== undefined && { otherPodCidr }),
      };
      return { name, address, kernel, podCidr, ...other };
    }),
    takenAddresses: pods.own.flatMap(({ address, otherAddress }) => [address, otherAddress ?? []].flat()),
    podLink: podQuality(links),
    barePods: barePods(definition, pods.bare, workloads),
    whenEmpty: kubeProxy.emptyService,
    deployments: [
      corednsDeployment(definition, template, pods.coredns),
      ...clientDeployments(scenario, pods.clients, seed),
    ],
  };
}

function corednsDeployment(
  { cluster }: ScenarioFile,
  template: PodTemplate,
  pods: readonly PlacedPod[],
): DeploymentDescription {
  const { kubernetes, nodeLocalDNS, coredns } = cluster;
  const { maxSurge, maxUnavailable, podDisruptionBudget, antiAffinity, hostNetwork } = coredns;
  return {
    name: coreDnsDeployment,
    namespace: 'kube-system',
    services: [dnsServiceName, ...(nodeLocalDNS === undefined ? [] : [upstreamServiceName])],
    template,
    pods: pods.map(({ host: _, ...pod }) => pod),
    maxSurge,
    maxUnavailable,
    oneNodeEach: antiAffinity === 'required' || hostNetwork,
    keepsApart: controlPlaneRelease(kubernetes).keepsApart,
    ...(podDisruptionBudget !== undefined && { disruptionBudget: podDisruptionBudget }),
  };
}

/** What each CoreDNS pod is made of. */
export function podTemplate(scenario: Scenario): PodTemplate {
  const { definition, artefacts } = scenario;
  const { coredns } = definition.cluster;
  const readinessProbe = probeOf('readiness', coredns.readinessProbe, artefacts.corefile.text);
  const livenessProbe = probeOf('liveness', coredns.livenessProbe, artefacts.corefile.text);
  return {
    runs: corednsContainer(scenario),
    hostNetwork: coredns.hostNetwork,
    readyAfter: 0,
    ...(readinessProbe !== undefined && { readinessProbe }),
    ...(livenessProbe !== undefined && { livenessProbe }),
    preStop: coredns.preStop ?? 0,
    gracePeriod: coredns.terminationGracePeriod ?? usualGracePeriod,
  };
}

/** The container of each CoreDNS pod. */
export function corednsContainer({ definition, artefacts }: Scenario): CoreDnsTemplate {
  const { coredns } = definition.cluster;
  return {
    kind: 'coredns',
    process: {
      release: corednsRelease(definition.cluster),
      corefile: artefacts.corefile,
      files: artefacts.corednsFiles,
      environment: coredns.environment,
      ignore: coredns.ignore,
      ...(coredns.queriesPerSecond === undefined ? {} : { queriesPerSecond: coredns.queriesPerSecond }),
      port: 53,
    },
    // CoreDNS runs with dnsPolicy Default: its resolv.conf is the node's.
    nodeFiles: Object.fromEntries(
      Object.keys(definition.cluster.nodes).flatMap((node) => {
        const own = artefacts.resolvConfs[node];
        return own === undefined ? [] : [[node, { '/etc/resolv.conf': own.text }]];
      }),
    ),
  };
}

/** The scenario's own; kubeadm's where it says nothing and the Corefile has a page for it. */
function probeOf(kind: keyof typeof kubeadm, own: Probe, corefile: string): ProbeDescription | undefined {
  const { plugin, ...usual } = kubeadm[kind];
  if (own === 'none' || (own === undefined && !new RegExp(`^\\s*${plugin}\\b`, 'm').test(corefile))) return undefined;
  const { path, port, initialDelay, period, timeout, failureThreshold } = own ?? {};
  return {
    path: path ?? usual.path,
    port: port ?? usual.port,
    initialDelay: initialDelay ?? usual.initialDelay,
    period: period ?? usual.period,
    timeout: timeout ?? usual.timeout,
    failureThreshold: failureThreshold ?? usual.failureThreshold,
  };
}
