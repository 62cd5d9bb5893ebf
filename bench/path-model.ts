// Lookups along the standard path: pod, Service, CoreDNS without cache, an authoritative server, and back.
import { type Files, loadScenario, run } from '../src/index.ts';
import { packetSent } from '../src/kernel/records.ts';

const scenario = `
title: Lookups one after the other
seed: 1
duration: 100s
cluster:
  kubernetes: "1.29"
  nodes: { node-1: { address: 192.168.1.200, kernel: "5.15" } }
  coredns: { release: 1.11.1, replicas: 2, corefile: ./Corefile, serviceIP: 10.96.0.10 }
servers:
  upstream: { role: authoritative, address: 192.168.1.100, zones: { example.com: ./example.com.zone } }
pods:
  app: { node: node-1, resolver: glibc 2.36, resolvConf: ./resolv.conf }
workloads:
  app: { pod: app, lookup: www.example.com, family: ipv4, at: 0s, every: 20ms }
`;

const texts: Readonly<Record<string, string>> = {
  'bench/scenario.yaml': scenario,
  'bench/Corefile': '.:53 {\n    forward . 192.168.1.100\n}\n',
  'bench/resolv.conf': 'nameserver 10.96.0.10\noptions ndots:1\n',
  'bench/example.com.zone':
    '$ORIGIN example.com.\n$TTL 60\n@ SOA ns admin 1 7200 3600 1209600 5\n@ NS ns\nns A 192.168.1.100\nwww A 192.0.2.1\n',
};

const files: Files = {
  read: (path) => texts[path],
  isDirectory: (path) => path === 'bench',
};

/** Runs it once. */
export function standardPath(): { readonly lookups: number; readonly packets: number } {
  const { analysis, store } = run(loadScenario('bench', files));
  const lookups = analysis.workloads.reduce((sum, { summary }) => sum + summary.lookups, 0);
  return { lookups, packets: store.count(packetSent) };
}
