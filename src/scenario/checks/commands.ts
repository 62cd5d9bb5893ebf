import { familyOfCidr, ServicesOfFamily } from '../../cluster/kube-proxy/families.ts';
import { createProxier } from '../../cluster/kube-proxy/modes.ts';
import { settle } from '../../cluster/kube-proxy/proxier.ts';
import { Recorder, type Sink } from '../../engine/recorder.ts';
import { Simulation } from '../../engine/simulation.ts';
import { runCommand } from '../../kernel/command.ts';
import { createHost } from '../../kernel/host.ts';
import { createNetwork } from '../../network/network.ts';
import type { Problems } from '../../problem/problem.ts';
import type { ArtefactReader } from '../artefacts.ts';
import { withIndent } from '../document.ts';
import { kubeProxyRelease, nodesWithKubeProxy } from '../names.ts';
import type { Artefacts } from '../scenario.ts';
import type { ScenarioFile } from '../schema/scenario.ts';
import { defaultCommitGap } from '../translate/kube-proxy.ts';
import { placeAll } from '../translate/pods.ts';
import { services } from '../translate/services.ts';
import { topology } from '../translate/topology.ts';

/** Tries the commands of `run` events on hosts that are made for it, in the order in which they would be typed. */
export function checkCommands(
  file: ScenarioFile,
  rules: Artefacts['rules'],
  reader: ArtefactReader,
  problems: Problems,
): void {
  const commands = [...file.events.entries()]
    .filter(([, { run }]) => run !== undefined)
    .sort((a, b) => a[1].at - b[1].at);
  if (commands.length === 0) return;
  const pods = placeAll(file);
  const { hosts, segments } = topology({ file, latencies: {} }, pods.own, rules);
  const simulation = new Simulation('check', new Recorder(nowhere));
  const network = createNetwork(simulation, segments);
  const made = new Map(hosts.map((host) => [host.name, createHost(simulation, network, host)]));
  const proxied = services(file, pods).map((service) => ({ ...service, whenEmpty: 'reject' as const }));
  for (const name of nodesWithKubeProxy(file.cluster)) {
    const node = made.get(name);
    if (node === undefined) continue;
    const { kubeProxy, podCIDR, otherPodCIDR } = file.cluster;
    for (const podCidr of [podCIDR, otherPodCIDR ?? []].flat()) {
      const release = kubeProxyRelease(file.cluster);
      const site = { simulation, host: node, release, podCidr, commitGap: defaultCommitGap };
      settle(createProxier(kubeProxy, site), new ServicesOfFamily(familyOfCidr(podCidr)).of(proxied));
    }
  }
  for (const [i, { run }] of commands) {
    const host = made.get(run?.on ?? '');
    const text = reader.inline(['events', i, 'run', 'command']);
    if (host !== undefined && text !== undefined)
      withIndent(text, problems, (source, found) => runCommand(host, source, found));
  }
}

const nowhere: Sink = { trace: () => {}, write: () => {} };
