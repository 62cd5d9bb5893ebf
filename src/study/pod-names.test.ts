import { expect, test } from 'vitest';
import { loadScenario } from '../scenario/load.ts';
import { type FinishedRun, run } from './run.ts';

/** A pod `shop/app` at 10.244.1.9, and a Deployment `front/web` of one pod; `pods` look each of the names up once a second. */
function lived(mode: string, names: readonly string[], { events = '', plugin = '', pods = ['app'] } = {}): FinishedRun {
  const workloads = names.flatMap((name, i) =>
    pods.map((pod) => `  n${i}-${pod}: { pod: ${pod}, lookup: ${name}, family: ipv4, every: 1s }\n`),
  );
  const texts: Record<string, string> = {
    's/scenario.yaml': `title: t
duration: 10s
cluster:
  nodes: { node-1: { address: 192.168.1.1 }, node-2: { address: 192.168.1.2 } }
  coredns: { release: 1.11.1, corefile: ./Corefile }
servers:
  dns: { role: authoritative, address: 192.168.1.10, zones: { example.com: ./zone } }
pods:
  app: { node: node-2, namespace: shop, address: 10.244.1.9 }
  web: { namespace: front, deployment: { replicas: 1, nodes: [node-1] } }
workloads:
${workloads.join('')}events: [${events}]
`,
    's/Corefile': `.:53 {\n  ${plugin}\n  kubernetes cluster.local {\n    pods ${mode}\n  }\n  forward . 192.168.1.10\n}\n`,
    's/zone': '@ 600 IN SOA ns host 1 7200 900 1209600 60\n@ 600 IN NS ns\nwww 600 IN A 10.0.0.1\n',
  };
  return run(loadScenario('s', { read: (path) => texts[path], isDirectory: (path) => path === 's' }));
}

const results = ({ analysis }: FinishedRun, workload = 0) =>
  analysis.workloads[workload]?.lookups.map(({ result }) => result);

test.each([
  ['disabled', ['EAI_NONAME', 'EAI_NONAME', 'EAI_NONAME']],
  ['insecure', ['OK', 'OK', 'OK']],
  ['verified', ['OK', 'EAI_NONAME', 'EAI_NONAME']],
])('pods %s: the name of a pod, of an address that no pod has, and of a pod in another namespace', (mode, expected) => {
  const names = ['10-244-1-9.shop', '10-244-1-8.shop', '10-244-1-9.front'].map((pod) => `${pod}.pod.cluster.local.`);
  const finished = lived(mode, names);
  expect(names.map((_, i) => results(finished, i)?.[0])).toEqual(expected);
});

test('autopath knows the pods: one query in place of one for each domain', () => {
  const asked = (plugin: string, mode: string) => {
    const { analysis } = lived(mode, ['www.example.com'], { plugin, pods: ['app', 'web'] });
    return analysis.workloads.map(({ lookups: [first] }) =>
      first === undefined ? [] : analysis.namesTried(first).map(({ name }) => name),
    );
  };
  const below = (namespace: string) => [`www.example.com.${namespace}.svc.cluster.local.`];
  expect(asked('autopath @kubernetes', 'verified')).toEqual([below('shop'), below('front')]);
  for (const tried of asked('autopath @kubernetes', 'insecure')) expect(tried).toHaveLength(4);
});

test('a pod of a Deployment that is deleted keeps its name until it is gone, and its successor has one', () => {
  const address = (finished: FinishedRun, pod: string) =>
    finished.world.hosts.find(({ name }) => name === pod)?.interfaces[0]?.addresses[0] ?? '';
  const events = '{ at: 2.5s, deletePod: { pod: web-1 } }';
  const before = lived('verified', ['a.test.'], { events });
  const names = ['web-1', 'web-2'].map(
    (pod) => `${address(before, pod).replaceAll('.', '-')}.front.pod.cluster.local.`,
  );
  const finished = lived('verified', names, { events });
  const [old, successor] = [results(finished, 0), results(finished, 1)];
  // SIGTERM ends it within 1 s, its object goes 1 to 2 s later.
  expect(old?.slice(0, 4)).toEqual(['OK', 'OK', 'OK', 'OK']);
  expect(old?.slice(7)).toEqual(['EAI_NONAME', 'EAI_NONAME', 'EAI_NONAME']);
  expect(successor?.slice(0, 3)).toEqual(['EAI_NONAME', 'EAI_NONAME', 'EAI_NONAME']);
  expect(successor?.at(-1)).toBe('OK');
});
