import * as z from 'zod';
import { clientPresetNames, clientPresets } from '../client-presets.ts';
import { deploymentKeys, podCount } from './life.ts';
import { address, addresses, artefact, distribution, dnsName, duration, label, requiredKey } from './values.ts';

/** A client-side cache of the JVM (InetAddress). Seconds as `networkaddress.cache.ttl` counts them; -1: for ever. */
const jvm = z.strictObject({
  release: z
    .string()
    .regex(/^\d+(\.\d+)*$/)
    .default('17')
    .transform((release) => release.replace(/^1\./, '')) // 1.8 is 8
    .describe('Java release, such as "17".'),
  ttl: z.int().min(-1).optional().describe('networkaddress.cache.ttl; 30 unless said, -1 keeps for ever.'),
  negativeTtl: z.int().min(-1).optional().describe('networkaddress.cache.negative.ttl; 10 unless said.'),
  staleTtl: z.int().min(0).optional().describe('networkaddress.cache.stale.ttl of Java 21 and later; 0 unless said.'),
});

/** What a program sets of Netty's DnsNameResolverBuilder. */
const netty = z.strictObject({
  bothFamilies: z.boolean().optional().describe('resolvedAddressTypes: A and AAAA; A alone unless said.'),
  firstFamilySuffices: z.boolean().optional().describe('completeOncePreferredResolved'),
  tcp: z
    .enum(['never', 'after-truncation', 'after-time-out'])
    .optional()
    .describe('socketChannelType, and its second argument; never unless said.'),
  minTtl: z.int().min(0).optional().describe('Seconds that an answer is kept at least; 0 unless said.'),
  maxTtl: z.int().min(0).optional().describe('Seconds that an answer is kept at most; its own TTL unless said.'),
  negativeTtl: z.int().min(0).optional().describe('Seconds that a failure is kept; 0 unless said.'),
  channelPerResolution: z.boolean().optional().describe('A fresh source port for each lookup (4.1.115 and later).'),
  separately: z.boolean().optional().describe('Lookups of one name at a time are not merged.'),
});

/** Addresses that the program itself holds from one connect to the next. */
const held = z.strictObject({
  by: z
    .enum(['redisson', 'envoy-strict-dns', 'envoy-logical-dns', 'grpc-go'])
    .describe('redisson: DNSMonitor; grpc-go: looks up anew when it connects, 30 s apart at least.'),
  every: z.int().min(1).optional().describe('Seconds: dnsMonitoringInterval, dns_refresh_rate, MinResolutionInterval.'),
});

const dnsConfig = z.strictObject({
  nameservers: z.array(address).default([]),
  searches: z.array(z.string().regex(/^\S{1,253}$/)).default([]),
  options: z
    .array(z.strictObject({ name: z.string().regex(/^[^\s:]+$/), value: z.string().regex(/^\S*$/).optional() }))
    .default([]),
});

/** A Deployment of clients: its pods are alike, come and go. */
const deployment = z
  .strictObject({
    replicas: z.int().min(0).max(1000),
    nodes: z
      .array(label)
      .min(1)
      .optional()
      .describe(
        'The nodes that take its pods (a nodeSelector); all unless said. At first they stand one on each in turn.',
      ),
    maxSurge: podCount
      .default('25%')
      .describe('Pods beyond its replicas while it is rolled out, or a share of them, rounded up.'),
    maxUnavailable: podCount
      .default('25%')
      .describe('Replicas that may be missing while it is rolled out, or a share of them, rounded down.'),
    antiAffinity: z
      .enum(['none', 'preferred', 'required'])
      .default('none')
      .describe('required: never two on a node; none: the scheduler spreads them all the same.'),
    podDisruptionBudget: deploymentKeys.podDisruptionBudget,
    readyAfter: duration
      .optional()
      .describe('From the start of a container until its pod is ready, and the rollout goes on; 0s unless said.'),
    preStop: deploymentKeys.preStop,
    terminationGracePeriod: duration
      .optional()
      .describe(
        'From the deletion of a pod to SIGKILL, preStop included; 30s unless said. The program ends at SIGTERM.',
      ),
  })
  .describe(
    'In place of node: a Deployment whose pods (NAME-1, NAME-2, …) each run the workloads that name it, from the start of their containers on. Events scale it, roll it out, drain its nodes.',
  );

export const pods = z.record(
  label,
  z
    .strictObject({
      node: label.optional().describe('Where it runs; it stays there.'),
      deployment: deployment.optional(),
      address: addresses.optional().describe('Chosen from the name unless said.'),
      namespace: label.default('default'),
      client: z
        .enum(clientPresetNames)
        .optional()
        .describe(
          `In place of dnsPolicy, the resolv.conf of a kind of client: ${clientPresetNames.map((name) => `${name} (${clientPresets[name].about})`).join(', ')}.`,
        ),
      hostNetwork: z
        .boolean()
        .default(false)
        .describe("The node's own network, and with ClusterFirst its resolv.conf."),
      dnsPolicy: z
        .enum(['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'])
        .optional()
        .describe('ClusterFirst unless said.'),
      dnsConfig: dnsConfig.optional().describe('What the kubelet adds to the resolv.conf of any policy.'),
      resolvConf: artefact.optional().describe("The pod's resolv.conf, in place of what dnsPolicy makes."),
      resolver: z.string().default('glibc 2.36').describe('The C library or runtime that resolves, and its release.'),
      jvm: jvm.optional().describe('A JVM on top of that resolver, with its cache.'),
      nodejs: z
        .strictObject({ threads: z.int().min(1).max(1024).default(4).describe('UV_THREADPOOL_SIZE') })
        .optional()
        .describe("Node's dns.lookup: calls of libc on the threads of libuv's pool, half of which may wait for it."),
      cgo: z
        .string()
        .optional()
        .describe(
          'With a resolver go: the libc of a program built with cgo, such as glibc 2.36, which it leaves some lookups to.',
        ),
      program: z
        .enum(['python', 'php', 'curl', 'wget'])
        .optional()
        .describe('In whose words a failure of libc is told; as gai_strerror says it unless said.'),
      netty: netty.optional().describe('With a resolver netty: what the program sets of it.'),
      held: held.optional().describe('Addresses that the program keeps from connect to connect.'),
      hosts: artefact.optional().describe('/etc/hosts, beyond the lines for localhost.'),
      hostAliases: z
        .array(z.strictObject({ ip: address, hostnames: z.array(dnsName).min(1) }))
        .default([])
        .describe('Lines that the kubelet adds to /etc/hosts.'),
      nsswitch: artefact.optional().describe('/etc/nsswitch.conf; `hosts: files dns` unless said.'),
    })
    .transform(({ address: [address, otherAddress] = [], node, ...rest }, ctx) => ({
      ...rest,
      node:
        node ??
        (rest.deployment === undefined
          ? requiredKey(ctx, 'node', 'name the node it runs on, or make it a deployment')
          : ''),
      ...(address !== undefined && { address }),
      ...(otherAddress !== undefined && { otherAddress }),
    })),
);

const connects = z
  .strictObject({
    port: z.int().min(1).max(65535),
    protocol: z.enum(['tcp', 'udp']).default('tcp').describe('udp: messages that nobody answers, such as syslog.'),
    maxAge: duration
      .optional()
      .describe('A connection that is older is given up before its next use; never unless said.'),
    timeout: duration.optional().describe('Of the connect and of each request; 2s unless said.'),
  })
  .describe(
    'Each call is a request over a connection, as of a pool: the name is looked up only where there is none, at the start and when a request has failed.',
  );

const replay = z
  .strictObject({
    csv: artefact
      .optional()
      .describe('A CSV file: a heading with time, name and, if known, type (A or AAAA); a lookup a row.'),
    queryLog: artefact
      .optional()
      .describe(
        "What CoreDNS's log plugin wrote, as `kubectl logs --timestamps` prints it: its queries of types A and AAAA.",
      ),
    client: address.optional().describe('With queryLog: only the queries of this address.'),
  })
  .describe('In place of lookup and every: what was asked, and when; the first of it at the time that at says.');

const rate = z
  .union([z.array(z.strictObject({ at: duration, perSecond: z.number().min(0).max(100_000) })).min(1), artefact])
  .describe(
    'In place of every: how many lookups a second start (of a Deployment, in each pod), from each time of the run on; none before the first. Or a CSV file with the columns time and per_second, whose first row stands for the time that at says.',
  );

const retries = z
  .strictObject({
    times: z.int().min(1).max(1000).describe('At most.'),
    pause: distribution.optional().describe('Before the first of them; none unless said.'),
    factor: z.number().min(1).max(10).default(1).describe('Each pause is so many times the one before.'),
  })
  .describe('A lookup that fails is made again, on the same thread: each is a lookup of its own in the figures.');

export const workloads = z.record(
  label,
  z.strictObject({
    pod: label.describe('The pod it runs in, or a Deployment: then in each of its pods.'),
    onStart: z
      .boolean()
      .optional()
      .describe(
        'In a Deployment: what its program does when it starts; the pods that are there when the run begins have it behind them.',
      ),
    lookup: dnsName.optional().describe('The name as the program gives it; %n is the number of the call.'),
    port: z
      .int()
      .min(1)
      .max(65535)
      .optional()
      .describe(
        'Source port of every query: one UDP socket for all, which asks the first nameserver for the name as it stands, once. Absent: as the resolver does, from fresh ports.',
      ),
    timeout: duration.optional().describe('With a port: how long a query waits for its answer; 5s unless said.'),
    family: z.enum(['any', 'ipv4', 'ipv6']).default('any').describe('Address family asked for: any sends A and AAAA.'),
    at: duration
      .optional()
      .describe('Time of the first lookup; 0s unless said. In a Deployment from the start of the container.'),
    every: duration.optional().describe('From the start of one lookup to the next.'),
    think: distribution
      .optional()
      .describe(
        'In place of every: each thread pauses so long between a result and its next lookup, as users and workers do who wait for their answers.',
      ),
    rate: rate.optional(),
    replay: replay.optional(),
    retries: retries.optional(),
    exitsOnFailure: z
      .boolean()
      .optional()
      .describe(
        'In a Deployment: the program ends when a lookup has failed, after its retries. The kubelet starts it again, and after 10 s, 20 s, … when that happens again (CrashLoopBackOff).',
      ),
    connects: connects.optional(),
    arrivals: z
      .enum(['regular', 'poisson'])
      .default('regular')
      .describe('poisson: at times that know nothing of each other, `every` on average.'),
    burst: z.int().min(1).max(10_000).default(1).describe('How many lookups are due at once, each time.'),
    pauses: z
      .array(z.strictObject({ from: duration, until: duration }))
      .default([])
      .describe('No lookup starts in these times.'),
    threads: z
      .int()
      .min(1)
      .max(10_000)
      .default(1)
      .describe('How many lookups of the program can be in progress at once; the next one waits for a free thread.'),
    count: z.int().min(1).optional().describe('Until the end unless said.'),
  }),
);
