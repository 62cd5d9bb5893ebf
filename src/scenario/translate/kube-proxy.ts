import type { KubeProxyDescription } from '../../cluster/world.ts';
import type { Distribution } from '../../engine/distribution.ts';
import { millisecond, second } from '../../engine/time.ts';
import { kubeProxyRelease } from '../names.ts';
import type { ScenarioFile } from '../schema/scenario.ts';

/** A watch tells of a change within milliseconds to a second. */
export const defaultDelay: Distribution = { kind: 'lognormal', median: 20 * millisecond, p99: 1 * second };

/**
 * Least, median and greatest of 60 restores of few rules; and what kubernetes#138073 tells of one with 200,000 end
 * points: 10 s for some 800,000 lines.
 */
export const defaultCommitGap: KubeProxyDescription['commitGap'] = {
  least: { kind: 'empirical', sample: [0.8 * millisecond, 8.8 * millisecond, 24 * millisecond] },
  perLine: 12,
};

/** Of all releases. */
const defaultSyncPeriod = 30 * second;

/** kube-proxy as the scenario has it. */
export function kubeProxyOf(cluster: ScenarioFile['cluster']): KubeProxyDescription {
  const { mode, delay, minSyncPeriod, syncPeriod, commitGap, scheduler = 'rr' } = cluster.kubeProxy;
  const { tcpTimeout, tcpFinTimeout, udpTimeout } = cluster.kubeProxy;
  const seconds = (span = 0) => span / second;
  return {
    mode,
    release: kubeProxyRelease(cluster),
    delay: delay ?? defaultDelay,
    ...(minSyncPeriod !== undefined && { minSyncPeriod }),
    syncPeriod: syncPeriod ?? defaultSyncPeriod,
    ...(mode === 'ipvs' && {
      ipvs: {
        scheduler,
        timeouts: { tcp: seconds(tcpTimeout), tcpFin: seconds(tcpFinTimeout), udp: seconds(udpTimeout) },
      },
    }),
    ...(cluster.serviceCIDR !== undefined && { serviceCidr: cluster.serviceCIDR }),
    commitGap: commitGap === undefined ? defaultCommitGap : { least: commitGap, perLine: 0 },
  };
}
