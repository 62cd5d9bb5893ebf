import { headless } from '../../cluster/world.ts';
import type { Path } from '../document.ts';
import type { ScenarioFile } from '../schema/scenario.ts';
import { type CheckContext, mustBeKnown, objectTo } from './check.ts';

type ServiceEntry = ScenarioFile['cluster']['services'][number];

/** What the API server would refuse in a Service, and end points on nodes that are not there. */
export function checkServices(context: CheckContext): void {
  const { cluster, events } = context.file;
  const entries: { path: Path; service: ServiceEntry }[] = [
    ...cluster.services.map((service, i) => ({ path: ['cluster', 'services', i], service })),
    ...events.flatMap(({ createService }, i) =>
      createService === undefined ? [] : [{ path: ['events', i, 'createService'], service: createService }],
    ),
  ];
  const taken = new Map<string, string>();
  for (const { path, service } of entries) {
    checkHeadless(context, path, service);
    checkNodePorts(context, path, service, taken);
    checkOutside(context, path, service, isExternal(service));
    checkEndpoints(context, [...path, 'endpoints'], service.endpoints);
    if (service.deployment !== undefined) checkSelected(context, path, service);
  }
  checkOutside(
    context,
    ['cluster', 'coredns', 'service'],
    cluster.coredns.service,
    isExternal(cluster.coredns.service),
  );
  for (const [i, { changeEndpoints }] of events.entries())
    if (changeEndpoints !== undefined)
      checkEndpoints(context, ['events', i, 'changeEndpoints', 'endpoints'], changeEndpoints.endpoints);
}

/** Its end points are those of a Deployment, from the beginning and of nobody else. */
function checkSelected(context: CheckContext, path: Path, { name, deployment = '', endpoints }: ServiceEntry): void {
  const { names, file } = context;
  mustBeKnown(context, [...path, 'deployment'], deployment, names.deployments, 'Deployment');
  const conflict = (at: Path, message: string) =>
    objectTo(context, at, 'conflict', message, 'leave one of the two out');
  if (endpoints.length > 0) conflict([...path, 'endpoints'], `the pods of ${deployment} are its end points`);
  if (path[0] === 'events') conflict([...path, 'deployment'], 'a Service that comes later selects no Deployment');
  for (const [i, { changeEndpoints }] of file.events.entries())
    if (changeEndpoints?.service === name)
      conflict(['events', i, 'changeEndpoints', 'service'], `the pods of ${deployment} are its end points`);
}

type Rules = ScenarioFile['cluster']['coredns']['service'];

function isExternal({
  externalIPs,
  loadBalancerIPs,
  ports = [],
}: Rules & Partial<Pick<ServiceEntry, 'ports'>>): boolean {
  return externalIPs.length > 0 || loadBalancerIPs.length > 0 || ports.some(({ nodePort }) => nodePort !== undefined);
}

function checkHeadless(context: CheckContext, path: Path, service: ServiceEntry): void {
  if (service.address !== headless) return;
  const said = [
    service.sessionAffinity === 'ClientIP' ? 'sessionAffinity' : '',
    service.internalTrafficPolicy === 'Local' ? 'internalTrafficPolicy' : '',
    service.externalIPs.length > 0 ? 'externalIPs' : '',
    service.loadBalancerIPs.length > 0 ? 'loadBalancerIPs' : '',
    service.ports.some(({ nodePort }) => nodePort !== undefined) ? 'ports' : '',
  ].filter((key) => key !== '');
  for (const key of said)
    objectTo(
      context,
      [...path, key],
      'conflict',
      `${service.name} is headless: kube-proxy has no rule for it`,
      'give it a ClusterIP, or leave the key out',
    );
}

function checkNodePorts(context: CheckContext, path: Path, service: ServiceEntry, taken: Map<string, string>): void {
  for (const [i, { nodePort, protocol }] of service.ports.entries()) {
    if (nodePort === undefined) continue;
    const port = `${nodePort}/${protocol}`;
    const other = taken.get(port);
    taken.set(port, service.name);
    if (other !== undefined)
      objectTo(
        context,
        [...path, 'ports', i, 'nodePort'],
        'conflict',
        `node port ${port} is that of ${other} already`,
        'choose another of 30000 to 32767',
      );
  }
}

function checkOutside(context: CheckContext, path: Path, rules: Rules, external: boolean): void {
  if (rules.externalTrafficPolicy === 'Local' && !external)
    objectTo(
      context,
      [...path, 'externalTrafficPolicy'],
      'conflict',
      'nothing from outside reaches this Service',
      'give it a nodePort, externalIPs or loadBalancerIPs, or leave the key out',
    );
  if (rules.sessionAffinity !== 'ClientIP' && rules.sessionAffinityTimeout !== undefined)
    objectTo(
      context,
      [...path, 'sessionAffinityTimeout'],
      'conflict',
      'it has no session affinity',
      'say sessionAffinity: ClientIP too',
    );
}

function checkEndpoints(context: CheckContext, path: Path, endpoints: ServiceEntry['endpoints']): void {
  for (const [i, endpoint] of endpoints.entries()) {
    if (typeof endpoint === 'string') continue;
    const { node, ready, terminating } = endpoint;
    if (node !== undefined) mustBeKnown(context, [...path, i, 'node'], node, context.names.nodes, 'node');
    if (ready === true && terminating)
      objectTo(
        context,
        [...path, i, 'ready'],
        'conflict',
        'an end point that terminates is never ready',
        'say serving: true if its pod still is',
      );
  }
}
