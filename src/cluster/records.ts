import { recordKind } from '../engine/recorder.ts';

/** An event of the scenario or recording happened. Cause: its kind. */
export const worldEvent = recordKind('cluster.event', { label: 'text' });

/**
 * kube-proxy put a table in place on a node. Cause: the table. `services`: addresses that have a rule in it now,
 * REJECT in filter and DNAT in nat, with blanks between.
 */
export const proxyCommit = recordKind('kube-proxy.commit', { services: 'text' });
