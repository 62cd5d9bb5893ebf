import { podBridge } from '../../cluster/pods/pod-network.ts';
import { parseIptablesSave } from '../../kernel/netfilter/parse-changes.ts';
import { RuleSet } from '../../kernel/netfilter/rule-set.ts';
import type { Position, Problems, Source } from '../../problem/problem.ts';
import type { ScenarioFile } from '../schema/scenario.ts';

/** A node's own rules must be such as iptables-restore takes; what they ask that is not there is remarked. */
export function checkRules(
  source: Source,
  program: 'iptables' | 'ip6tables',
  node: string,
  file: ScenarioFile,
  remarks: Problems,
  problems: Problems,
): void {
  const family = program === 'iptables' ? 'ipv4' : 'ipv6';
  const before = problems.length;
  new RuleSet(family).restore(source, true, problems);
  if (problems.length > before) return;
  const devices = devicesOf(node, file);
  const told = new Set<string>();
  for (const change of parseIptablesSave(source, [], family).flatMap(({ changes }) => changes)) {
    if (change.op !== 'append') continue;
    const remark = (message: string, hint: string): void => {
      if (!told.has(message)) remarks.push({ code: 'not-modelled', message, hint, ...placeOf(change) });
      told.add(message);
    };
    for (const wanted of [change.rule.input, change.rule.output])
      if (wanted !== undefined && !devices.some((one) => isMeant(one, wanted.value)))
        remark(
          `${node} has no device ${wanted.value}: no packet comes or goes by it`,
          'with `device:` the uplink has the name that it has in the rules',
        );
    for (const { module, words } of change.rule.matches)
      if (module === 'set') remark(`\`-m set ${words}\` asks a set that nobody fills here: it is empty`, '');
  }
}

function placeOf({ file, line, column }: Position): Position {
  return { file, line, column };
}

/** Names of a node's devices; of those of pods the beginning. */
function devicesOf(name: string, { cluster }: ScenarioFile): readonly string[] {
  const { nodes, podNetwork, nodeLocalDNS } = cluster;
  return [
    nodes[name]?.device ?? '',
    'lo',
    'v-',
    ...(podNetwork === 'bridge' ? [podBridge] : []),
    ...(nodeLocalDNS === undefined ? [] : ['nodelocaldns']),
    ...(cluster.kubeProxy.mode === 'ipvs' ? ['kube-ipvs0'] : []),
  ];
}

function isMeant(device: string, wanted: string): boolean {
  if (wanted.endsWith('+')) return device.startsWith(wanted.slice(0, -1));
  return device === wanted || (device === 'v-' && wanted.startsWith(device));
}
