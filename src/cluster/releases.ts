/** What came with a Kubernetes release. */
export interface KubernetesRelease {
  readonly name: string;
  /** What kubeadm installs (constants.go, CoreDNSVersion; of the last patch releases where they differ). */
  readonly coredns: string;
}

/** Oldest first. */
export const kubernetesReleases: readonly KubernetesRelease[] = [
  { name: '1.18', coredns: '1.6.7' },
  { name: '1.19', coredns: '1.7.0' },
  { name: '1.20', coredns: '1.7.0' },
  { name: '1.21', coredns: '1.8.0' },
  { name: '1.22', coredns: '1.8.4' },
  { name: '1.23', coredns: '1.8.6' },
  { name: '1.24', coredns: '1.8.6' },
  { name: '1.25', coredns: '1.9.3' },
  { name: '1.26', coredns: '1.9.3' },
  { name: '1.27', coredns: '1.10.1' },
  { name: '1.28', coredns: '1.10.1' },
  { name: '1.29', coredns: '1.11.1' },
  { name: '1.30', coredns: '1.11.1' },
  { name: '1.31', coredns: '1.11.3' },
  { name: '1.32', coredns: '1.11.3' },
  { name: '1.33', coredns: '1.12.0' },
  { name: '1.34', coredns: '1.12.1' },
  { name: '1.35', coredns: '1.13.1' },
  { name: '1.36', coredns: '1.14.2' },
  { name: '1.37', coredns: '1.14.6' },
];

export function kubernetesRelease(name: string): KubernetesRelease | undefined {
  return kubernetesReleases.find((release) => release.name === name);
}
