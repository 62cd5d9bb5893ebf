import * as z from 'zod';
import { schedulerNames } from '../../kernel/ipvs/schedulers.ts';
import { kernel, kernelRules, sysctls } from './kernel.ts';
import { deploymentKeys } from './life.ts';
import { service, serviceRules } from './service.ts';
import { address, addresses, artefact, cidr, cidrs, distribution, duration, label } from './values.ts';

const kubeProxy = z.strictObject({
  mode: z.enum(['iptables', 'ipvs', 'nftables']).default('iptables'),
  scheduler: z
    .enum(schedulerNames)
    .optional()
    .describe('Of the mode ipvs: how a new flow gets its end point; rr unless said.'),
  udpTimeout: duration.optional().describe("Of the mode ipvs: life of IPVS's UDP connections; 300s unless said."),
  tcpTimeout: duration.optional().describe('Of the mode ipvs: life of idle TCP connections; 900s unless said.'),
  tcpFinTimeout: duration
    .optional()
    .describe('Of the mode ipvs: life of TCP connections after a FIN; 120s unless said.'),
  release: z
    .string()
    .regex(/^1\.\d+\.\d+$/)
    .optional()
    .describe('Such as "1.22.3": decides which flows it deletes; the last of the Kubernetes release unless said.'),
  delay: distribution
    .optional()
    .describe(
      'From a change in the API until the watch has told kube-proxy of it; { median: 20ms, p99: 1s } unless said.',
    ),
  minSyncPeriod: duration
    .optional()
    .describe('Least time from one sync to the next: 1s unless said, 0s before Kubernetes 1.19.'),
  syncPeriod: duration.optional().describe('After which a sync that failed is tried again; 30s unless said.'),
  commitGap: distribution
    .optional()
    .describe(
      'From the commit of its filter table to that of its nat table: 0.8 to 24ms as measured, half of them under 8.8ms, and 12us for each line of the nat table unless said.',
    ),
  emptyService: z
    .enum(['reject', 'nothing'])
    .default('reject')
    .describe('The rule of a Service without end points; nothing: none, as when the rules were deleted.'),
});

const nodeLocalDNS = z
  .strictObject({
    release: z
      .string()
      .optional()
      .describe(
        'Release of k8s-dns-node-cache, such as 1.22.20; that of the addon of the Kubernetes release unless said.',
      ),
    corefile: artefact
      .optional()
      .describe(
        "The Corefile of the node-local-dns ConfigMap, or its manifest; the addon's own unless said. Placeholders (__PILLAR__…) are filled as node-cache does.",
      ),
    addresses: z
      .array(address)
      .min(1)
      .optional()
      .describe(
        "-localip: what it listens on; unless said what its Corefile binds, or 169.254.20.10 and kube-dns's ClusterIP. Without that ClusterIP pods get the first as their nameserver.",
      ),
    upstreamIP: address
      .optional()
      .describe('ClusterIP of the kube-dns-upstream Service, in front of the same pods as kube-dns.'),
    files: z
      .record(z.string(), artefact)
      .default({})
      .describe('Other files that it finds, by the name the Corefile uses.'),
    kubeDNS: artefact
      .optional()
      .describe('Manifest of the kube-dns ConfigMap, with stubDomains and upstreamNameservers.'),
    nodes: z.array(label).optional().describe('The nodes that run it; all unless said.'),
    arguments: z
      .array(z.string())
      .default([])
      .describe('More arguments of its container, as in the DaemonSet: -skipteardown, -syncinterval, …'),
    settled: z
      .boolean()
      .default(true)
      .describe('Its rules are there from the start; false: it starts at 0s, and they come when they come.'),
  })
  .describe('NodeLocal DNSCache; not deployed unless said.');

const node = z
  .strictObject({
    address: addresses,
    podCIDR: cidrs
      .optional()
      .describe("Addresses of its pods; the next network of the cluster's podCIDR unless said, a /24."),
    kernel,
    kernelRules: kernelRules.optional(),
    sysctls: sysctls.optional(),
    resolvConf: artefact
      .optional()
      .describe("The node's resolv.conf: what pods with dnsPolicy Default get, CoreDNS among them."),
    systemdResolved: z
      .boolean()
      .default(false)
      .describe(
        'systemd-resolved answers on 127.0.0.53, for programs on the node, out of its cache or from those servers.',
      ),
    iptables: artefact
      .optional()
      .describe(
        "The node's rules as iptables-save prints them, of one table or of all: they stand as they are given. kube-proxy does not run on that node unless `kubeProxy: true`, and no rule of a CNI plugin is added.",
      ),
    ip6tables: artefact.optional().describe('The same of ip6tables-save.'),
    kubeProxy: z
      .boolean()
      .optional()
      .describe('Does kube-proxy run there? true unless `iptables` or `ip6tables` gives the rules.'),
    device: z
      .string()
      .regex(/^[a-z][a-z0-9._-]{0,14}$/)
      .default('uplink')
      .describe('Name of its uplink, for rules that name it, such as eth0.'),
    mtu: z.int().min(68).max(65_536).optional().describe('Of its uplink, octets; 1500 unless said.'),
    overlap: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe(
        'Share of new flows, 0 to 1, whose first packet is still on its way through the node when another of the same instant begins, as several CPUs take them: what races in conntrack; 0 unless said.',
      ),
  })
  .transform(({ address: [address = '', otherAddress], podCIDR: [podCIDR, otherPodCIDR] = [], ...rest }) => ({
    ...rest,
    address,
    ...(otherAddress !== undefined && { otherAddress }),
    ...(podCIDR !== undefined && { podCIDR }),
    ...(otherPodCIDR !== undefined && { otherPodCIDR }),
  }));

/** CoreDNS's Deployment and its Service. */
const coredns = z
  .strictObject({
    release: z
      .string()
      .optional()
      .describe('CoreDNS release, such as 1.11.1, or latest; what kubeadm installs with that Kubernetes unless said.'),
    hostNetwork: z
      .boolean()
      .default(false)
      .describe("Replicas listen on their nodes' addresses, one a node, and have none of their own."),
    replicas: z.int().min(1).max(100).default(2),
    corefile: artefact.describe('The Corefile, or a ConfigMap manifest that holds it: a path, or a block.'),
    files: z
      .record(z.string(), artefact)
      .default({})
      .describe('Other files of its directory, by the name the Corefile uses.'),
    serviceIP: addresses
      .prefault('10.96.0.10')
      .describe('ClusterIP of the kube-dns Service; in a dual-stack cluster one of each family.'),
    service: z.strictObject(serviceRules).prefault({}).describe('The rest of the kube-dns Service.'),
    nodes: z.array(label).optional().describe('The node of each replica; absent: one after the other.'),
    custom: artefact
      .optional()
      .describe(
        'Manifest of the coredns-custom ConfigMap, mounted at /etc/coredns/custom: its *.override and *.server.',
      ),
    queriesPerSecond: z
      .number()
      .positive()
      .optional()
      .describe(
        'A CPU limit, as the queries that a replica can work on in a second, one after the other; others wait. No limit unless said.',
      ),
    ignore: z
      .array(z.string())
      .default([])
      .describe('Plugins of the Corefile that are not modelled and are to be left out all the same, such as dnssec.'),
    environment: z
      .record(z.string(), z.string())
      .default({})
      .describe('What {$NAME} and {%NAME%} in the Corefile stand for.'),
    ...deploymentKeys,
  })
  .transform(({ serviceIP: [serviceIP = '', otherServiceIP], ...rest }) => ({
    ...rest,
    serviceIP,
    ...(otherServiceIP !== undefined && { otherServiceIP }),
  }));

/** The cluster: what Kubernetes runs, and how CoreDNS is set up in it. */
export const cluster = z
  .strictObject({
    kubernetes: z
      .string()
      .regex(/^1\.\d+$/)
      .default('1.29')
      .describe('Kubernetes release, such as "1.29".'),
    domain: z.string().default('cluster.local'),
    podCIDR: cidrs
      .prefault('10.244.0.0/16')
      .describe('Addresses of pods; in a dual-stack cluster one network of each family.'),
    serviceCIDR: cidr
      .optional()
      .describe('Where ClusterIPs come from: the mode nftables drops what goes to one that no Service has.'),
    podNetwork: z
      .enum(['routed', 'bridge'])
      .default('routed')
      .describe(
        'What becomes of packets to an address that no pod has any more. routed: lost in silence, as with Calico and in clouds; bridge: lost in silence until the node misses it (8 to 55 s), then the node asks for it for 3 s and answers host unreachable, as with flannel.',
      ),
    nodes: z.record(label, node).describe('Nodes by name, with their address in the network outside the cluster.'),
    kubeProxy: kubeProxy.prefault({}),
    coredns,
    nodeLocalDNS: nodeLocalDNS.optional(),
    services: z.array(service).default([]).describe('Other Services, which the kubernetes plugin and kube-proxy know.'),
  })
  .transform(({ podCIDR: [podCIDR = '', otherPodCIDR], ...rest }) => ({
    ...rest,
    podCIDR,
    ...(otherPodCIDR !== undefined && { otherPodCIDR }),
  }));
