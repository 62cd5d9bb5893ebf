/** What came with a Kubernetes release. */
export interface KubernetesRelease {
  readonly name: string;
  /** What kubeadm installs (constants.go, CoreDNSVersion; of the last patch releases where they differ). */
  readonly coredns: string;
  /** Image of NodeLocal DNSCache in cluster/addons; of 1.25, 1.26, 1.28, 1.29 and 1.31 to 1.33 by the date of its tag. */
  readonly nodeCache: string;
}

/** Oldest first. */
export const kubernetesReleases: readonly KubernetesRelease[] = [
  { name: '1.18', coredns: '1.6.7', nodeCache: '1.15.10' },
  { name: '1.19', coredns: '1.7.0', nodeCache: '1.15.13' },
  { name: '1.20', coredns: '1.7.0', nodeCache: '1.15.16' },
  { name: '1.21', coredns: '1.8.0', nodeCache: '1.17.0' },
  { name: '1.22', coredns: '1.8.4', nodeCache: '1.17.0' },
  { name: '1.23', coredns: '1.8.6', nodeCache: '1.21.1' },
  { name: '1.24', coredns: '1.8.6', nodeCache: '1.21.1' },
  { name: '1.25', coredns: '1.9.3', nodeCache: '1.22.8' },
  { name: '1.26', coredns: '1.9.3', nodeCache: '1.22.13' },
  { name: '1.27', coredns: '1.10.1', nodeCache: '1.22.18' },
  { name: '1.28', coredns: '1.10.1', nodeCache: '1.22.20' },
  { name: '1.29', coredns: '1.11.1', nodeCache: '1.22.23' },
  { name: '1.30', coredns: '1.11.1', nodeCache: '1.23.0' },
  { name: '1.31', coredns: '1.11.3', nodeCache: '1.23.0' },
  { name: '1.32', coredns: '1.11.3', nodeCache: '1.23.1' },
  { name: '1.33', coredns: '1.12.0', nodeCache: '1.25.0' },
  { name: '1.34', coredns: '1.12.1', nodeCache: '1.26.4' },
  { name: '1.35', coredns: '1.13.1', nodeCache: '1.26.4' },
  { name: '1.36', coredns: '1.14.2', nodeCache: '1.26.7' },
  { name: '1.37', coredns: '1.14.6', nodeCache: '1.26.7' },
];

/** The last one that is modelled. */
export const newestKubernetes = '1.37';

export function kubernetesRelease(name: string): KubernetesRelease | undefined {
  return kubernetesReleases.find((release) => release.name === name);
}
