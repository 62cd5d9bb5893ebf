import { type ClientTemplate, type DeploymentDescription, usualGracePeriod } from '../../cluster/pods/description.ts';
import type { Scenario } from '../scenario.ts';
import type { PlacedPods } from './pods.ts';
import { workloadOn } from './workloads.ts';

/** The Deployments of clients. */
export function clientDeployments(
  scenario: Scenario,
  placed: PlacedPods['clients'],
  seed: string,
): DeploymentDescription[] {
  return Object.entries(scenario.definition.pods).flatMap(([name, { deployment, namespace, hostNetwork }]) => {
    if (deployment === undefined) return [];
    const { maxSurge, maxUnavailable, antiAffinity, podDisruptionBudget, nodes } = deployment;
    return [
      {
        name,
        namespace,
        services: servicesOf(name, scenario),
        template: {
          runs: clientContainer(name, scenario, seed),
          hostNetwork,
          readyAfter: deployment.readyAfter ?? 0,
          preStop: deployment.preStop ?? 0,
          gracePeriod: deployment.terminationGracePeriod ?? usualGracePeriod,
        },
        pods: (placed[name] ?? []).map(({ host: _, ...pod }) => pod),
        maxSurge,
        maxUnavailable,
        oneNodeEach: antiAffinity === 'required',
        keepsApart: antiAffinity === 'preferred',
        ...(nodes !== undefined && { nodes }),
        ...(podDisruptionBudget !== undefined && { disruptionBudget: podDisruptionBudget }),
      },
    ];
  });
}

/** The Services whose end points its pods are. */
function servicesOf(deployment: string, { definition }: Scenario): string[] {
  return definition.cluster.services.filter((service) => service.deployment === deployment).map(({ name }) => name);
}

/** What the pods of a Deployment run, on each node that they may be on. */
function clientContainer(deployment: string, scenario: Scenario, seed: string): ClientTemplate {
  const { workloads, cluster } = scenario.definition;
  const own = Object.entries(workloads).filter(([, { pod }]) => pod === deployment);
  const on = (node: string) =>
    own.map(([name, workload]) => {
      const described = workloadOn({ node, host: '' }, name, workload, scenario, seed);
      return { workload: described, onStart: workload.onStart === true };
    });
  return {
    kind: 'client',
    clock: 'program',
    workloads: Object.fromEntries(Object.keys(cluster.nodes).map((node) => [node, on(node)])),
  };
}
