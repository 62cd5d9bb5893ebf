import type { Connection } from '../../kernel/conntrack/connection.ts';
import { parseAddress } from '../../network/address.ts';
import type { Address } from '../../network/packet.ts';
import type { EndpointDescription } from '../endpoint.ts';
import type { ServiceDescription } from '../world.ts';
import type { CleanUpRule, ComparisonRule, EventRule } from './clean-up-releases.ts';
import { isProxied } from './endpoint-choice.ts';

type Flow = Pick<Connection, 'original' | 'reply'>;
type IsDeleted = (flow: Flow) => boolean;
type Services = readonly ServiceDescription[];

/** Which flows are deleted after a sync that brought the Services from `before` to `after`. */
export function cleanedUp({ by }: CleanUpRule, before: Services, after: Services): IsDeleted {
  const [old, now] = [before.filter(hasUdp), after.filter(hasUdp)];
  const filters = by.kind === 'events' ? byEvents(by, old, now) : byComparison(by, old, now);
  return (flow) => flow.original.protocol === 'udp' && filters.some((filter) => filter(flow));
}

function hasUdp(service: ServiceDescription): boolean {
  return isProxied(service) && service.ports.some(({ protocol }) => protocol === 'udp');
}

function byEvents(rule: EventRule, before: Services, after: Services): IsDeleted[] {
  const old = new Map(before.map((service) => [service.name, service]));
  const there = new Set(after.map(({ name }) => name));
  const deleted = addresses(before.filter(({ name }) => !there.has(name)).map(({ address }) => address));
  return [
    ...(deleted.size > 0 ? [({ original }: Flow) => deleted.has(original.destination)] : []),
    ...after.flatMap((service) => ofChange(rule, old.get(service.name)?.endpoints ?? [], service)),
  ];
}

/** What an event-driven release deletes for one Service. */
function ofChange(rule: EventRule, before: readonly EndpointDescription[], service: ServiceDescription): IsDeleted[] {
  if (before === service.endpoints) return [];
  const counted = countedBy(rule, before);
  const now = countedBy(rule, service.endpoints);
  const stay = rule.removedEndpoint === 'with-service' ? service.endpoints.map(({ address }) => address) : now;
  const removed = addresses(counted.filter((address) => !stay.includes(address)));
  const nodePorts = nodePortsOf(service);
  const outside = addresses([
    ...(rule.externalAddresses ? (service.externalIPs ?? []) : []),
    ...(rule.loadBalancerAddresses ? (service.loadBalancerIPs ?? []) : []),
  ]);
  const clusterIp = addresses([service.address]);
  const isFirst = rule.firstEndpoint && counted.length === 0 && now.length > 0;
  const leadsToRemoved: IsDeleted = ({ original, reply }) => {
    if (!removed.has(reply.source)) return false;
    const isToClusterIp = clusterIp.has(original.destination) && (rule.nodePort === 'beside' || nodePorts.size === 0);
    return isToClusterIp || nodePorts.has(original.destinationPort) || outside.has(original.destination);
  };
  const isToService: IsDeleted = ({ original: { destination, destinationPort } }) =>
    clusterIp.has(destination) || outside.has(destination) || (rule.nodePortAtFirst && nodePorts.has(destinationPort));
  return [...(removed.size > 0 ? [leadsToRemoved] : []), ...(isFirst ? [isToService] : [])];
}

function countedBy({ counts }: EventRule, endpoints: readonly EndpointDescription[]): string[] {
  return endpoints.filter((one) => counts === 'all' || one[counts]).map(({ address }) => address);
}

function byComparison(rule: ComparisonRule, before: Services, after: Services): IsDeleted[] {
  const old = new Map(before.map((service) => [service.name, service]));
  const isChanged = after.some((service) => !sameEndpoints(old.get(service.name), service));
  const isGone = before.some(({ name, endpoints }) => endpoints.length > 0 && !after.some((one) => one.name === name));
  if (!isChanged && !isGone) return [];
  return after.flatMap((service) => {
    const serving = addresses(service.endpoints.filter((one) => one.serving).map(({ address }) => address));
    return serving.size === 0 && !rule.emptyServices ? [] : [isAstray(rule, service, serving)];
  });
}

/** A flow to a Service whose answers would come from none of its end points. */
function isAstray(
  { looksAt }: ComparisonRule,
  { address, externalIPs = [], loadBalancerIPs = [], ports }: ServiceDescription,
  serving: ReadonlySet<Address>,
): IsDeleted {
  const udp = ports.filter(({ protocol }) => protocol === 'udp');
  const own = addresses([address, ...externalIPs, ...loadBalancerIPs]);
  return ({ original, reply }) => {
    const to = original.destinationPort;
    const meant = udp.filter(
      ({ port, nodePort }) =>
        nodePort === to || (own.has(original.destination) && (looksAt === 'address' || port === to)),
    );
    if (meant.length === 0) return false;
    const isTarget = looksAt !== 'target' || meant.some(({ targetPort }) => targetPort === reply.sourcePort);
    return !serving.has(reply.source) || !isTarget;
  };
}

function addresses(texts: readonly string[]): Set<Address> {
  return new Set(texts.map(parseAddress).filter((address) => address !== undefined));
}

/** Of UDP: flows to one are known by their port alone, whatever their address. */
function nodePortsOf({ ports }: ServiceDescription): Set<number> {
  return new Set(
    ports.flatMap(({ protocol, nodePort }) => (protocol === 'udp' && nodePort !== undefined ? [nodePort] : [])),
  );
}

function sameEndpoints(before: ServiceDescription | undefined, after: ServiceDescription): boolean {
  if (before === after) return true;
  if (before === undefined) return after.endpoints.length === 0;
  const described = ({ endpoints, ports }: ServiceDescription) =>
    endpoints
      .map(({ address, ready, serving, terminating }) =>
        [address, ready, serving, terminating, ports.map((port) => port.targetPort)].join(' '),
      )
      .sort();
  const [old, now] = [described(before), described(after)];
  return old.length === now.length && old.every((one, i) => one === now[i]);
}
