import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { checkCorefile } from '../../src/coredns/check.ts';
import type { ClusterView } from '../../src/coredns/cluster-view.ts';
import { findRelease } from '../../src/coredns/releases.ts';
import { served } from '../../src/coredns/testing/served.ts';
import type { Problem } from '../../src/problem/problem.ts';

interface Distribution {
  readonly name: string;
  readonly release: string;
  /** Where its facts are told; the Corefile beside this file restates them. */
  readonly source: string;
  readonly files?: Readonly<Record<string, string>>;
  /** Why CoreDNS itself refuses it. */
  readonly refusal?: string;
}

const resolvConf = { '/etc/resolv.conf': 'nameserver 10.0.0.2\n' };
const nodeHosts = '10.0.0.10 server-1\n';
const secondForward = '/etc/coredns/custom/corp.override';

const distributions: readonly Distribution[] = [
  { name: 'kubeadm', release: '1.11.1', source: 'kubernetes cmd/kubeadm/app/phases/addons/dns manifests.go, 1.29' },
  { name: 'kubeadm-1.32', release: '1.11.3', source: 'the same, since kubernetes#128359' },
  {
    name: 'k3s',
    release: '1.12.3',
    source: 'k3s manifests/coredns.yaml, k3s#7640',
    files: { '/etc/coredns/NodeHosts': nodeHosts, '/etc/coredns/custom/a.server': 'a.test:53 {\n  whoami\n}\n' },
  },
  {
    name: 'k3s',
    release: '1.9.1',
    source: 'the same with an addition that brings a second forward: refused before 1.9.4',
    files: { '/etc/coredns/NodeHosts': nodeHosts, [secondForward]: 'forward corp.test 10.0.0.3\n' },
    refusal: 'plugin/forward: this plugin can only be used once per Server Block',
  },
  { name: 'rke2', release: '1.14.7', source: 'rke2-charts rke2-coredns values.yaml' },
  { name: 'eks', release: '1.11.4', source: 'EKS add-on, coredns#4327' },
  { name: 'aks', release: '1.11.3', source: 'AKS, coredns#7090 and #4729' },
  { name: 'kubespray', release: '1.12.4', source: 'kubespray roles/kubernetes-apps/ansible coredns-config.yml' },
  {
    name: 'openshift',
    release: '1.11.3',
    source: 'cluster-dns-operator controller_dns_configmap.go',
  },
  { name: 'kind', release: '1.11.1', source: 'kind: what kubeadm writes' },
  { name: 'minikube', release: '1.11.1', source: 'minikube#11404: hosts before forward, log' },
  { name: 'gke-node-local', release: '1.11.3', source: 'cluster/addons/dns/nodelocaldns, as GKE fills it' },
];

const cluster: ClusterView = {
  *sync() {},
  namespaces: () => ['default'],
  services: () => [
    {
      name: 'kubernetes',
      namespace: 'default',
      clusterIPs: ['10.96.0.1'],
      ports: [{ name: 'https', protocol: 'TCP', port: 443 }],
      publishNotReadyAddresses: false,
    },
  ],
  endpoints: () => [],
  podsAt: () => [],
};

test.each(distributions.map((one) => [`${one.name} with ${one.release}`, one] as const))('%s', (_, one) => {
  const path = fileURLToPath(new URL(`${one.name}.Corefile`, import.meta.url));
  const text = readFileSync(path, 'utf8');
  const release = findRelease(one.release);
  if (release === undefined) throw new Error(`there is no release ${one.release}`);
  const files = { ...resolvConf, ...one.files };
  const problems: Problem[] = [];
  const remarks: Problem[] = [];
  checkCorefile({ file: 'Corefile', text }, { release, files, environment: {} }, remarks, problems);
  expect(problems.map(({ message }) => message)).toEqual(one.refusal === undefined ? [] : [one.refusal]);
  expect(remarks).toEqual([]);
  const running = served(text, { release: one.release, files, cluster });
  expect(running.failure).toBe(one.refusal);
  if (one.refusal !== undefined || one.name === 'gke-node-local') return;
  expect(running.ask('kubernetes.default.svc.cluster.local.', 'A')?.answer).toHaveLength(1);
});
