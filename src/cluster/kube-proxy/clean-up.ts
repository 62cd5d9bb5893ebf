import type { Connection } from '../../kernel/conntrack/connection.ts';
import { parseAddress } from '../../network/address.ts';
import type { EndpointDescription } from '../endpoint.ts';
import type { ServiceDescription } from '../world.ts';

/** Which tracked flows of UDP a release of kube-proxy deletes once its rules are in. TCP is never touched. */
export interface CleanUpRule {
  /** First release with these properties. */
  readonly since: string;
  /** Which end points it thinks of. */
  readonly counts: 'all' | 'ready' | 'serving';
  /**
   * Flows to an end point that is no longer among them: always, never, or only if it went from the Service with that;
   * one that had stopped serving before it went is forgotten.
   */
  readonly removedEndpoint: 'always' | 'with-service' | 'never';
  /** All flows to a Service that got its first. */
  readonly firstEndpoint: boolean;
  /**
   * Compares all flows with the end points whenever those of any Service have changed: finds flows that no event
   * tells of. `address` looks at the Service's address alone, `port` at its port too, `target` at the end point's port too.
   */
  readonly reconciles: 'no' | 'address' | 'port' | 'target';
  /** Does the comparison look at Services without end points? */
  readonly reconcilesEmpty: boolean;
}

const byEvents: CleanUpRule = {
  since: '1.8.0',
  counts: 'ready',
  removedEndpoint: 'always',
  firstEndpoint: true,
  reconciles: 'no',
  reconcilesEmpty: false,
};
const byServing: CleanUpRule = { ...byEvents, counts: 'serving' };
const byComparison: CleanUpRule = {
  since: '1.32.0',
  counts: 'serving',
  removedEndpoint: 'never',
  firstEndpoint: false,
  reconciles: 'address',
  reconcilesEmpty: false,
};

/** Oldest first; a row holds up to the next. */
const cleanUpRules: readonly CleanUpRule[] = [
  /** kubernetes#48370: nothing at 0 to N. */
  { ...byEvents, since: '1.2.0', firstEndpoint: false },
  byEvents,
  /** kubernetes#105657: counts end points that are not ready, so the flush of 0 to N comes before the rule and misses what is born until then. */
  { ...byEvents, since: '1.22.0', firstEndpoint: false },
  /** kubernetes#106163. */
  { ...byEvents, since: '1.22.4' },
  /** kubernetes#127780: an end point that stops serving before it goes is forgotten. */
  { ...byServing, since: '1.29.0', removedEndpoint: 'with-service' },
  { ...byServing, since: '1.29.10' },
  { ...byServing, since: '1.30.0', removedEndpoint: 'with-service' },
  { ...byServing, since: '1.30.6' },
  { ...byServing, since: '1.31.0', removedEndpoint: 'with-service' },
  { ...byServing, since: '1.31.2' },
  /** kubernetes#127318. */
  byComparison,
  /** kubernetes#130484. */
  { ...byComparison, since: '1.32.3', reconciles: 'port' },
  /** kubernetes#130542. */
  { ...byComparison, since: '1.34.0', reconciles: 'target' },
  /** kubernetes#139629. */
  { ...byComparison, since: '1.37.0', reconciles: 'target', reconcilesEmpty: true },
];

/** The row of a release such as `1.22.3`; of `1.22` alone, that of its last patch release. */
export function cleanUpRule(release: string): CleanUpRule {
  const wanted = order(release);
  return cleanUpRules.findLast(({ since }) => order(since) <= wanted) ?? byEvents;
}

const lastPatch = 999;

function order(release: string): number {
  const [major = 0, minor = 0, patch = lastPatch] = release.split('.').map(Number);
  return (major * 1000 + minor) * 1000 + patch;
}

type Flow = Pick<Connection, 'original' | 'reply'>;

/** Which flows are deleted after a sync that brought the Services from `before` to `after`. */
export function cleanedUp(
  rule: CleanUpRule,
  before: readonly ServiceDescription[],
  after: readonly ServiceDescription[],
): (flow: Flow) => boolean {
  const changes = after.map((service) => {
    const old = before.find(({ name }) => name === service.name)?.endpoints ?? [];
    return { service, old, isChanged: !sameEndpoints(old, service.endpoints) };
  });
  const isChanged = changes.some((change) => change.isChanged);
  const filters = changes.flatMap(({ service, old }): ((flow: Flow) => boolean)[] => {
    const address = parseAddress(service.address);
    const isTo = ({ original }: Flow) => original.destination === address;
    const counted = countedBy(rule, old);
    const now = countedBy(rule, service.endpoints);
    const stay = rule.removedEndpoint === 'with-service' ? service.endpoints.map((endpoint) => endpoint.address) : now;
    const removed = counted.filter((endpoint) => !stay.includes(endpoint)).map((endpoint) => parseAddress(endpoint));
    const isFirst = counted.length === 0 && now.length > 0;
    return [
      ...(rule.removedEndpoint === 'never' ? [] : [(flow: Flow) => isTo(flow) && removed.includes(flow.reply.source)]),
      ...(rule.firstEndpoint && isFirst ? [isTo] : []),
      ...(rule.reconciles !== 'no' && isChanged ? [(flow: Flow) => isTo(flow) && isAstray(rule, flow, service)] : []),
    ];
  });
  return (flow) => flow.original.protocol === 'udp' && filters.some((filter) => filter(flow));
}

function countedBy({ counts }: CleanUpRule, endpoints: readonly EndpointDescription[]): string[] {
  return endpoints.filter((one) => counts === 'all' || one[counts]).map(({ address }) => address);
}

function sameEndpoints(some: readonly EndpointDescription[], others: readonly EndpointDescription[]): boolean {
  if (some.length !== others.length) return false;
  return some.every(({ address, ready, serving, terminating }) =>
    others.some(
      (o) => o.address === address && o.ready === ready && o.serving === serving && o.terminating === terminating,
    ),
  );
}

/** A flow to a Service whose answers would come from none of its end points. */
function isAstray(rule: CleanUpRule, { original, reply }: Flow, service: ServiceDescription): boolean {
  const endpoints = countedBy(rule, service.endpoints);
  if (endpoints.length === 0 && !rule.reconcilesEmpty) return false;
  const ports = service.ports.filter(({ protocol }) => protocol === 'udp');
  const own = ports.filter(({ port }) => port === original.destinationPort);
  if (ports.length === 0 || (rule.reconciles !== 'address' && own.length === 0)) return false;
  if (!endpoints.some((endpoint) => parseAddress(endpoint) === reply.source)) return true;
  return rule.reconciles === 'target' && !own.some(({ targetPort }) => targetPort === reply.sourcePort);
}
