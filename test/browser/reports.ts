import { disk } from '../../src/cli/disk.ts';
import { type Files, type FinishedRun, loadScenario, run } from '../../src/index.ts';

const root = new URL('../../scenarios/', import.meta.url).pathname;

/** A bundled scenario, run. */
export function bundled(name: string): FinishedRun {
  return run(loadScenario(root + name, disk));
}

/** A scenario out of texts, run. */
export function written(texts: Readonly<Record<string, string>>): FinishedRun {
  const files: Files = { read: (path) => texts[path.replace('s/', '')], isDirectory: (path) => path === 's' };
  return run(loadScenario('s', files));
}

/** A scenario in which every text that may hold anything tries to run a script. */
export function hostile(): FinishedRun {
  const attack = '</script><script>window.hacked = 1</script><img src=x onerror="window.hacked = 1"><!--';
  return written({
    'scenario.yaml': `
title: ${JSON.stringify(`Title ${attack}`)}
duration: 20s
cluster:
  nodes: { node-1: { address: 192.168.1.200 } }
  coredns: { release: 1.11.1, replicas: 1, corefile: ./Corefile }
servers:
  corp-dns: { role: authoritative, address: 192.168.1.100, zones: { example.com: ./zone } }
pods: { app: { node: node-1 } }
workloads: { app: { pod: app, lookup: db.example.com., family: ipv4, every: 1s } }
events:
  - { at: 5s, label: ${JSON.stringify(`Event ${attack}`)}, changeRecords: { server: corp-dns, zone: example.com, replace: db 5 IN A 10.0.0.2 } }
lesson: [{ at: 3s, text: ${JSON.stringify(`Lesson ${attack}`)} }]
remedy: [${JSON.stringify(`Remedy ${attack}`)}]
`,
    Corefile: `# Comment ${attack}\n.:53 {\n  forward . 192.168.1.100\n  cache 30\n}\n`,
    zone: `@ 60 IN SOA ns host 1 7200 900 1209600 60\ndb 5 IN A 10.0.0.1\ndb 5 IN TXT ${JSON.stringify(attack)}\n`,
  });
}

/** A hundred thousand lookups by four pods, of names of which some change and some fail. */
export function large(): FinishedRun {
  const workload = (name: string, lookup: string) =>
    `  ${name}: { pod: ${name}, lookup: ${lookup}, family: ipv4, every: 2ms }`;
  return written({
    'scenario.yaml': `
title: A hundred thousand lookups
duration: 52s
cluster:
  nodes: { node-1: { address: 192.168.1.200 }, node-2: { address: 192.168.1.201 } }
  coredns: { release: 1.11.1, replicas: 2, corefile: ./Corefile }
servers:
  corp-dns: { role: authoritative, address: 192.168.1.100, zones: { example.com: ./zone } }
pods: { a: { node: node-1 }, b: { node: node-2 }, c: { node: node-1 }, d: { node: node-2 } }
workloads:
${workload('a', 'n%n.example.com.')}
${workload('b', 'redis.example.com.')}
${workload('c', 'redis.example.com.')}
${workload('d', 'redis.example.com.')}
events:
  - { at: 20s, label: failover, changeRecords: { server: corp-dns, zone: example.com, replace: redis 5 IN A 10.0.0.2 } }
  - { at: 45s, label: corp-dns down, setServer: { server: corp-dns, answers: servfail } }
`,
    Corefile: '.:53 {\n  forward . 192.168.1.100\n  cache 30\n}\n',
    zone: '$TTL 5\n@ IN SOA ns host 1 7200 900 1209600 60\nredis 5 IN A 10.0.0.1\n* 5 IN A 10.0.0.9\n',
  });
}
