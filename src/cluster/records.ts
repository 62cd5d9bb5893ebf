import { recordKind } from '../engine/recorder.ts';

/** kube-proxy has come to the end of a sync on a node. Cause: full, partial or failed. `family`: of the rules, `ipv4` or `ipv6`. `endpoints`: `SERVICE=END POINT`, by address, of each that gets traffic as far as it knows, with blanks between. */
export const proxySync = recordKind('kube-proxy.sync', { family: 'text', endpoints: 'text' });

/** A kube-proxy ended or started, hangs or goes on, can or cannot restore. Cause: which of these. */
export const proxyTurn = recordKind('kube-proxy.turn', {});

/** An event of the scenario or recording happened. Cause: its kind. */
export const worldEvent = recordKind('cluster.event', { label: 'text' });

/**
 * kube-proxy put a table in place on a node. Cause: the table. `services`: addresses that have a rule in it now,
 * REJECT in filter and DNAT in nat, with blanks between.
 */
export const proxyCommit = recordKind('kube-proxy.commit', { services: 'text' });

/**
 * A step in a pod's life, as the API server or its kubelet sees it. Causes: `created`, `scheduled`, `pending`, `started`, `ready`,
 * `not-ready`, `container-ended`, `container-killed`, `deleted`, `network-removed`, `removed`. `text`: what brought it about.
 */
export const podLife = recordKind('pod.life', { deployment: 'text', node: 'text', address: 'text', text: 'text' });

/** A probe of a kubelet was not answered as it should. Cause: `readiness` or `liveness`. `failures`: in a row. */
export const podProbe = recordKind('pod.probe', { node: 'text', outcome: 'text', failures: 'number' });

/**
 * The end points of a Service have changed in the API. Cause: the Deployment whose pods they are. Addresses with blanks between: those that are ready, those that
 * serve though they are not, those whose pods are being deleted.
 */
export const endpointsChanged = recordKind('endpoints.changed', {
  addresses: 'text',
  serving: 'text',
  terminating: 'text',
});

/**
 * A step in a node's life. Causes: `lost`, `not-ready`, `returned`, `ready`, `cordoned`, `uncordoned`.
 * `text`: what brought it about.
 */
export const nodeLife = recordKind('node.life', { text: 'text' });

/** A Deployment or DaemonSet was told to change, or has come to an end with it. Causes: `scaled`, `rollout`, `rolled-out`, `eviction-refused`. */
export const workloadLife = recordKind('deployment.life', { text: 'text' });

/** A turn in the life of a component of the control plane. Causes: `ended` (it lost its lease), `leads` (its successor has it). */
export const controlPlaneTurn = recordKind('control-plane.turn', { text: 'text' });

/** The API server went away or came back. Causes: `down`, `cut-off-nodes`, `back`. */
export const apiTurn = recordKind('api-server.turn', {});
