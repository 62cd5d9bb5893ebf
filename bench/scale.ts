// node scale.js PODS SECONDS: pods behind NodeLocal DNSCache, a hundred on each node: each looks up a name of its own once a second, A and AAAA. Prints what it cost.
import { buildWorld } from '../src/cluster/build.ts';
import { cacheRecord } from '../src/coredns/plugins/cache/records.ts';
import { Recorder } from '../src/engine/recorder.ts';
import { Simulation } from '../src/engine/simulation.ts';
import { type Files, loadScenario } from '../src/index.ts';
import { toWorld } from '../src/scenario/translate/world.ts';
import { lookupEnded } from '../src/workload/records.ts';
import { Counters } from './counters.ts';

const podsOnANode = 100;

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

function scenario(pods: number, seconds: number): string {
  const nodes = numbers(Math.ceil(pods / podsOnANode));
  return `
title: Many pods
seed: 1
duration: ${seconds}s
cluster:
  kubernetes: "1.29"
  podCIDR: 10.128.0.0/9
  nodes:
${nodes.map((i) => `    node-${i}: { address: 192.168.${i >> 7}.${(i & 127) + 100}, kernel: "5.15", resolvConf: ./node.conf }`).join('\n')}
  coredns: { release: 1.11.1, replicas: 2, corefile: ./Corefile, serviceIP: 10.96.0.10 }
  nodeLocalDNS: {}
servers:
  internet: { role: authoritative, address: 203.0.113.250, zones: { example.com: ./example.com.zone } }
  dns: { role: recursor, address: 192.168.100.1, upstreams: { example.com: internet } }
pods:
${numbers(pods)
  .map((i) => `  app-${i}: { node: node-${Math.floor(i / podsOnANode)} }`)
  .join('\n')}
workloads:
${numbers(pods)
  .map(
    (i) =>
      `  app-${i}: { pod: app-${i}, lookup: host-${i % podsOnANode}.example.com., at: ${(i * 7919) % 1000}ms, every: 1s }`,
  )
  .join('\n')}
`;
}

const texts: Readonly<Record<string, string>> = {
  'bench/Corefile': '.:53 {\n    errors\n    forward . /etc/resolv.conf\n    cache 30\n}\n',
  'bench/node.conf': 'nameserver 192.168.100.1\n',
  // One miss in twenty: each name is asked for once a second on each node, and kept for twenty.
  'bench/example.com.zone':
    '$ORIGIN example.com.\n$TTL 20\n@ SOA ns admin 1 7200 3600 1209600 20\n@ NS ns\nns A 203.0.113.250\n* A 192.0.2.1\n',
};

export interface ScaleRun {
  readonly lookups: number;
  /** Share of the queries to caches that were answered out of them. */
  readonly hits: number;
  /** Seconds until the world stands, and until its time is over. */
  readonly building: number;
  readonly running: number;
  /** Octets. */
  readonly memory: number;
}

/** Runs it once, with counters alone. */
function manyPods(pods: number, seconds: number): ScaleRun {
  const files: Files = {
    read: (path) => (path === 'bench/scenario.yaml' ? scenario(pods, seconds) : texts[path]),
    isDirectory: (path) => path === 'bench',
  };
  const begun = performance.now();
  const world = toWorld(loadScenario('bench', files), '1');
  const counters = new Counters();
  const simulation = new Simulation(world.seed, new Recorder(counters));
  buildWorld(world, simulation);
  const built = performance.now();
  simulation.run(world.until);
  const ended = performance.now();
  const [hits, misses] = [counters.count(cacheRecord, 'hit'), counters.count(cacheRecord, 'miss')];
  return {
    lookups: counters.count(lookupEnded),
    hits: hits / (hits + misses),
    building: (built - begun) / 1000,
    running: (ended - built) / 1000,
    memory: process.resourceUsage().maxRSS * 1024,
  };
}

console.log(JSON.stringify(manyPods(Number(process.argv[2]), Number(process.argv[3]))));
