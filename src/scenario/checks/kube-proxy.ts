import { newestKubernetes } from '../../cluster/releases.ts';
import { kubeProxyRelease } from '../names.ts';
import { type CheckContext, objectTo } from './check.ts';

/** Conntrack was first looked after in 1.2; older ones differ in too much else. */
const oldestKubeProxy = '1.8.0';
/** Alpha of the mode nftables (KEP-3866). */
const firstNftables = '1.29.0';
/** utilkernel.NFTablesKubeProxyKernelVersion. */
const nftablesKernel = '5.13';

const ipvsKeys = ['scheduler', 'udpTimeout', 'tcpTimeout', 'tcpFinTimeout'] as const;

/** kube-proxy must be of a release, and on kernels, that have its mode. */
export function checkKubeProxy(context: CheckContext): void {
  const { cluster } = context.file;
  const { kubeProxy } = cluster;
  const { release: own, mode } = kubeProxy;
  const path = ['cluster', 'kubeProxy'];
  if (own !== undefined && (order(own) < order(oldestKubeProxy) || order(own) >= order(newestKubernetes) + 1000)) {
    const hint = `releases from ${oldestKubeProxy} to ${newestKubernetes}`;
    objectTo(context, [...path, 'release'], 'unknown-release', `kube-proxy ${own} is not known`, hint);
  }
  for (const key of ipvsKeys)
    if (mode !== 'ipvs' && kubeProxy[key] !== undefined)
      objectTo(
        context,
        [...path, key],
        'not-used',
        `the mode ${mode} has no ${key}`,
        'add mode: ipvs, or leave it out',
      );
  if (mode !== 'iptables' && kubeProxy.commitGap !== undefined) {
    const message = `the mode ${mode} commits all at once: it has no commitGap`;
    objectTo(context, [...path, 'commitGap'], 'not-used', message, 'leave it out');
  }
  if (mode !== 'nftables') return;
  if (order(kubeProxyRelease(cluster)) < order(firstNftables)) {
    const message = `kube-proxy ${kubeProxyRelease(cluster)} has no mode nftables`;
    objectTo(context, [...path, 'mode'], 'unknown-mode', message, 'it came with Kubernetes 1.29');
  }
  for (const [name, { kernel }] of Object.entries(cluster.nodes)) {
    if (order(kernel) >= order(nftablesKernel)) continue;
    const message = `kube-proxy would exit on ${name}: "kube-proxy in nftables mode requires kernel ${nftablesKernel} or later"`;
    objectTo(
      context,
      ['cluster', 'nodes', name, 'kernel'],
      'kernel-too-old',
      message,
      `give it kernel: "${nftablesKernel}"`,
    );
  }
}

function order(release: string): number {
  const [major = 0, minor = 0, patch = 0] = release.split('.').map(Number);
  return (major * 1000 + minor) * 1000 + patch;
}
