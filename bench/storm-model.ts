// A retry storm: CoreDNS 1.6.7 reads 512 octets of replies that have 758, and asks the next of three upstreams at once.
import { buildWorld } from '../src/cluster/build.ts';
import { attemptRecord } from '../src/coredns/plugins/forward/records.ts';
import { Recorder } from '../src/engine/recorder.ts';
import { Simulation } from '../src/engine/simulation.ts';
import { type Files, loadScenario } from '../src/index.ts';
import { toWorld } from '../src/scenario/translate/world.ts';
import { Counters } from './counters.ts';

const upstreams = ['192.168.1.100', '192.168.1.101', '192.168.1.102'];
const addresses = Array.from({ length: 20 }, (_, i) => `api-push.vivo.com.cn. A 192.0.2.${i + 1}\n`);

const scenario = `
title: A retry storm
seed: 1
duration: 22s
cluster:
  kubernetes: "1.18"
  nodes: { node-1: { address: 192.168.1.200, kernel: "5.4" } }
  coredns: { release: 1.6.7, replicas: 1, corefile: ./Corefile, serviceIP: 10.96.0.10 }
servers:
  internet: { role: authoritative, address: 203.0.113.250, zones: { ".": ./internet.zone } }
${upstreams.map((address, i) => `  dns-${i}: { role: recursor, software: bind, address: ${address}, upstreams: { ".": internet }, faults: { limits: none, compress: false } }`).join('\n')}
pods:
  app: { node: node-1, resolver: glibc 2.36, resolvConf: ./resolv.conf }
workloads:
  app: { pod: app, lookup: api-push.vivo.com.cn., family: ipv4, at: 1s, every: 10s }
`;

const texts: Readonly<Record<string, string>> = {
  'bench/scenario.yaml': scenario,
  'bench/Corefile': `.:53 {\n    forward . ${upstreams.join(' ')}\n}\n`,
  'bench/resolv.conf': 'nameserver 10.96.0.10\noptions ndots:1\n',
  'bench/internet.zone': `$ORIGIN .\n$TTL 600\n@ SOA ns. admin. 1 7200 3600 1209600 5\n@ NS ns.\nns. A 203.0.113.250\n${addresses.join('')}`,
};

const files: Files = {
  read: (path) => texts[path],
  isDirectory: (path) => path === 'bench',
};

/** Runs it once; returns the queries that CoreDNS sent to its upstreams. */
export function storm(): number {
  const world = toWorld(loadScenario('bench', files), '1');
  const counters = new Counters();
  const simulation = new Simulation(world.seed, new Recorder(counters));
  buildWorld(world, simulation);
  simulation.run(world.until);
  return counters.count(attemptRecord);
}
