/** Which tracked flows of UDP a release of kube-proxy deletes once its rules are in. TCP is never touched. */
export interface CleanUpRule {
  /** First release with these properties. */
  readonly since: string;
  /** What makes it delete flows: events since the last sync, or a comparison of all flows with the end points. */
  readonly by: EventRule | ComparisonRule;
}

/** Flows of an end point that went, of a Service that got its first one, of a Service that was deleted. */
export interface EventRule {
  readonly kind: 'events';
  /** Which end points it thinks of. */
  readonly counts: 'all' | 'ready' | 'serving';
  /** `with-service`: only if it went while it counted; one that had stopped counting before it went is forgotten. */
  readonly removedEndpoint: 'always' | 'with-service';
  /** All flows to a Service that got its first. */
  readonly firstEndpoint: boolean;
  readonly externalAddresses: boolean;
  readonly loadBalancerAddresses: boolean;
  /** Flows to a node port: of an end point that went, instead of those to the ClusterIP or beside them. */
  readonly nodePort: 'instead' | 'beside';
  /** Flows to a node port of a Service that got its first end point. */
  readonly nodePortAtFirst: boolean;
}

/**
 * Every flow to a Service's address (and node port) whose answers would come from none of its serving end points,
 * whenever the end points of any Service with a UDP port have changed. It finds flows that no event tells of.
 */
export interface ComparisonRule {
  readonly kind: 'comparison';
  /** `address`: flows to any port of the Service's addresses; `port`: to its own; `target`: the end point's port too. */
  readonly looksAt: 'address' | 'port' | 'target';
  /** Services without serving end points are looked at too. */
  readonly emptyServices: boolean;
}

const events: EventRule = {
  kind: 'events',
  counts: 'ready',
  removedEndpoint: 'always',
  firstEndpoint: true,
  externalAddresses: true,
  loadBalancerAddresses: true,
  nodePort: 'beside',
  nodePortAtFirst: true,
};
/** kubernetes#98305 brought node ports; before it, those of a Service were cleaned instead of its ClusterIP. */
const before1_21: EventRule = { ...events, loadBalancerAddresses: false, nodePort: 'instead', nodePortAtFirst: false };
const serving: EventRule = { ...events, counts: 'serving' };
/** kubernetes#119394: an end point that stops serving before it goes is forgotten; mended by #127780. */
const forgetful: EventRule = { ...serving, removedEndpoint: 'with-service' };
const comparison: ComparisonRule = { kind: 'comparison', looksAt: 'port', emptyServices: false };

/** Oldest first; a row holds up to the next. */
const cleanUpRules: readonly CleanUpRule[] = [
  /** kubernetes#48370: nothing at 0 to N. */
  { since: '1.2.0', by: { ...before1_21, firstEndpoint: false, externalAddresses: false } },
  { since: '1.8.0', by: { ...before1_21, externalAddresses: false } },
  /** kubernetes#75265. */
  { since: '1.14.0', by: before1_21 },
  { since: '1.20.5', by: { ...before1_21, nodePortAtFirst: true } },
  { since: '1.21.0', by: { ...events, loadBalancerAddresses: false } },
  /** kubernetes#104009, picked for 1.21 and 1.22 (#104151, #104149). */
  { since: '1.21.5', by: events },
  /** kubernetes#105657: counts end points that are not ready, so that the flush of 0 to N comes before the rule. */
  { since: '1.22.0', by: { ...events, counts: 'all', loadBalancerAddresses: false } },
  { since: '1.22.2', by: { ...events, counts: 'all' } },
  /** kubernetes#106163. */
  { since: '1.22.4', by: events },
  { since: '1.29.0', by: forgetful },
  { since: '1.29.10', by: serving },
  { since: '1.30.0', by: forgetful },
  { since: '1.30.6', by: serving },
  { since: '1.31.0', by: forgetful },
  { since: '1.31.2', by: serving },
  /** kubernetes#127318; of any port: #129982. */
  { since: '1.32.0', by: { ...comparison, looksAt: 'address' } },
  /** kubernetes#130484. */
  { since: '1.32.3', by: comparison },
  /** kubernetes#130542. */
  { since: '1.34.0', by: { ...comparison, looksAt: 'target' } },
  /** kubernetes#139629. */
  { since: '1.37.0', by: { ...comparison, looksAt: 'target', emptyServices: true } },
];

/** The row of a release such as `1.22.3`; of `1.22` alone, that of its last patch release. */
export function cleanUpRule(release: string): CleanUpRule {
  const wanted = order(release);
  const rule = cleanUpRules.findLast(({ since }) => order(since) <= wanted);
  if (rule === undefined) throw new Error(`kube-proxy ${release} is older than all that is known`);
  return rule;
}

const lastPatch = 999;

function order(release: string): number {
  const [major = 0, minor = 0, patch = lastPatch] = release.split('.').map(Number);
  return (major * 1000 + minor) * 1000 + patch;
}
