import { expect, test } from 'vitest';
import type { Files } from '../scenario/files.ts';
import { loadScenario } from '../scenario/load.ts';
import { eventKinds } from '../scenario/schema/events.ts';
import { run } from './run.ts';

const second = 1_000_000;
const corefile = '.:53 {\n  ready\n  kubernetes cluster.local\n  forward . 192.168.1.11\n  reload 2s 1s\n}\n';
const hosts = '.:53 {\n  ready\n  hosts {\n    10.9.9.9 www.example.com\n  }\n  reload 2s 1s\n}\n';
const nodeLocal = (upstream: string) =>
  `.:53 {\n  bind 169.254.20.10 10.96.0.10\n  ${upstream}\n  reload 2s 1s\n  health 169.254.20.10:8080\n}\n`;
const fresh = 'hosts {\n    10.9.9.9 www.example.com\n  }';
const service = (address: string) =>
  `name: default/api, address: ${address}, ports: [{ name: http, protocol: tcp, port: 80 }], endpoints: [10.9.0.1]`;

const zone = (www: string) =>
  `@ 600 IN SOA ns host 1 7200 900 1209600 60\n@ 600 IN NS ns\nns 600 IN A 192.168.1.10\nwww 600 IN A ${www}\n`;

interface Case {
  readonly event: string;
  /** Seconds; the others in `rest` say their own. */
  readonly at?: number;
  readonly rest?: string;
  /** Keys of the cluster. */
  readonly cluster?: string;
  readonly lookup?: string;
  readonly port?: boolean;
  /** What lookups end with from one second to another: an address, `fails`, or more than one of them. */
  readonly expected: readonly string[];
}

/** A client on node-2, CoreDNS on node-1, a recursor and an authority outside. */
function outcomes({ event, at = 4, rest = '', cluster = '', lookup = 'www.example.com.', port }: Case) {
  const texts: Record<string, string> = {
    's/scenario.yaml': `title: t
duration: 20s
cluster:
  kubernetes: "1.29"
  nodes: { node-1: { address: 192.168.1.1 }, node-2: { address: 192.168.1.2 } }
  coredns: { release: 1.11.1, corefile: ./Corefile, replicas: 1, readinessProbe: { period: 2s } }
  kubeProxy: { release: "1.29.3", delay: 0s, commitGap: 0s }
${cluster}
servers:
  dns: { role: authoritative, address: 192.168.1.10, zones: { example.com: ./zone } }
  other: { role: authoritative, address: 192.168.1.12, zones: { example.com: ./other } }
  vpc: { role: recursor, software: unbound, address: 192.168.1.11, upstreams: { example.com: dns } }
pods: { app: { node: node-2, dnsConfig: { options: [{ name: timeout, value: "1" }, { name: attempts, value: "1" }] } } }
workloads:
  app: { pod: app, lookup: ${lookup}, family: ipv4, at: 250ms, every: 500ms, ${port === true ? 'port: 40000, timeout: 1s' : 'threads: 9'} }
events: [ { at: ${at}s, ${event} } ${rest === '' ? '' : `, ${rest}`} ]
`,
    's/Corefile': corefile,
    's/hosts.Corefile': hosts,
    's/node-local.Corefile': nodeLocal('forward . 192.168.1.11'),
    's/fresh.Corefile': nodeLocal(fresh),
    's/zone': zone('10.0.0.1'),
    's/other': zone('10.0.0.3'),
  };
  const files: Files = { read: (path) => texts[path], isDirectory: (path) => path === 's' };
  const { analysis } = run(loadScenario('s', files));
  const lookups = analysis.workloads[0]?.lookups ?? [];
  return (from: number, until: number) => {
    const own = lookups.filter(({ start }) => start >= from * second && start < until * second);
    return [...new Set(own.map(({ result, addresses }) => (result === 'OK' ? addresses.join(' ') : 'fails')))].join(
      ' ',
    );
  };
}

const is = '10.0.0.1';
const changed = 'changeRecords: { server: dns, zone: example.com, replace: www 600 IN A 10.0.0.2 }';
const withCache = '  nodeLocalDNS: { corefile: ./node-local.Corefile }';
const api = 'api.default.svc.cluster.local.';
const withApi = `  services: [{ ${service('10.96.0.50')} }]`;
const cut = (node: string) => `setLink: { link: node-1..${node}, loss: 1, for: 6s }`;

/** Each kind of event, and what it does to lookups. */
const cases: Record<keyof typeof eventKinds, readonly Case[]> = {
  // The recursor keeps the old record for its TTL.
  changeRecords: [
    {
      event: changed,
      expected: [`0-4 ${is}`, `4-20 ${is}`],
    },
  ],
  flushCache: [
    {
      event: 'flushCache: { server: vpc }',
      at: 8,
      rest: `{ at: 4s, ${changed} }`,
      expected: [`4-8 ${is}`, '8-20 10.0.0.2'],
    },
  ],
  setServer: [
    {
      event: 'setServer: { server: vpc, answers: never }',
      expected: [`0-3 ${is}`, '5-20 fails'],
    },
    {
      event: 'setServer: { server: vpc, answers: refused }',
      expected: [`0-3 ${is}`, '5-20 fails'],
    },
    {
      event: 'setServer: { server: vpc, answers: servfail }',
      expected: [`0-3 ${is}`, '5-20 fails'],
    },
    // More than the client waits.
    {
      event: 'setServer: { server: vpc, delay: 1.5s }',
      expected: [`0-3 ${is}`, '5-20 fails'],
    },
  ],
  // Up to 3 s of the reload plugin, after those of the kubelet.
  editCorefile: [
    {
      event: 'editCorefile: { corefile: ./hosts.Corefile, arrivesAfter: 2s }',
      expected: [`0-6 ${is}`, '10-20 10.9.9.9'],
    },
  ],
  restart: [
    {
      event: 'restart: { coredns: coredns-1 }',
      expected: [`0-4 ${is}`, `4-12 fails ${is}`, `12-20 ${is}`],
    },
  ],
  crash: [
    {
      event: 'crash: { coredns: coredns-1, startsAgainAfter: 4s }',
      expected: [`0-3 ${is}`, '4-8 fails', `12-20 ${is}`],
    },
  ],
  deletePod: [
    {
      event: 'deletePod: { coredns: coredns-1, replacedAfter: never }',
      expected: [`0-4 ${is}`, '6-20 fails'],
    },
    {
      event: 'deletePod: { coredns: coredns-1 }',
      expected: [`0-4 ${is}`, `10-20 ${is}`],
    },
  ],
  rolloutRestart: [
    {
      event: 'rolloutRestart: coredns',
      expected: [`0-4 ${is}`, `10-20 ${is}`],
    },
  ],
  scale: [
    {
      event: 'scale: { coredns: 0 }',
      expected: [`0-4 ${is}`, '6-20 fails'],
    },
    {
      event: 'scale: { coredns: 0 }',
      rest: '{ at: 8s, scale: { coredns: 1 } }',
      expected: ['6-8 fails', `13-20 ${is}`],
    },
  ],
  drain: [
    {
      event: 'drain: { node: node-1 }',
      rest: '{ at: 3s, drain: { node: node-2 } }',
      expected: [`0-4 ${is}`, '6-20 fails'],
    },
  ],
  uncordon: [
    {
      event: 'uncordon: { node: node-1 }',
      at: 8,
      rest: '{ at: 3s, drain: { node: node-2 } }, { at: 4s, drain: { node: node-1 } }',
      expected: ['6-8 fails', `13-20 ${is}`],
    },
  ],
  loseNode: [
    {
      event: 'loseNode: { node: node-1 }',
      expected: [`0-4 ${is}`, '4-20 fails'],
    },
  ],
  nodeReturns: [
    {
      event: 'nodeReturns: { node: node-1 }',
      at: 8,
      rest: '{ at: 4s, loseNode: { node: node-1 } }',
      expected: ['4-7 fails', `14-20 ${is}`],
    },
  ],
  crashNodeLocalDNS: [
    {
      event: 'crashNodeLocalDNS: { node: node-2, startsAgainAfter: 4s }',
      cluster: withCache,
      expected: [`0-4 ${is}`, '4-7 fails', `9-20 ${is}`],
    },
  ],
  // It takes its rules away: CoreDNS is asked meanwhile.
  restartNodeLocalDNS: [
    {
      event: 'restartNodeLocalDNS: { node: node-2, startsAgainAfter: 6s }',
      cluster: withCache,
      expected: [`0-4 ${is}`, `5-9 ${is}`, `12-20 ${is}`],
    },
  ],
  editNodeLocalDNS: [
    {
      event: 'editNodeLocalDNS: { corefile: ./fresh.Corefile, arrivesAfter: 0s }',
      at: 2,
      cluster: withCache,
      expected: [`0-2 ${is}`, '16-20 10.9.9.9'],
    },
  ],
  createService: [
    {
      event: `createService: { ${service('10.96.0.50')} }`,
      lookup: api,
      expected: ['0-4 fails', '5-20 10.96.0.50'],
    },
  ],
  deleteService: [
    {
      event: 'deleteService: { service: default/api }',
      cluster: withApi,
      lookup: api,
      expected: ['0-4 10.96.0.50', '10-20 fails'],
    },
  ],
  changeEndpoints: [
    {
      event: 'changeEndpoints: { service: default/api, endpoints: [10.9.0.2] }',
      cluster: `  services: [{ ${service('None')} }]`,
      lookup: api,
      expected: ['0-4 10.9.0.1', '10-20 10.9.0.2'],
    },
  ],
  // Whoever asks for a Service that comes into being meanwhile asks in vain, and so does kubectl.
  setApiServer: [
    {
      event: 'setApiServer: { reachable: false }',
      at: 2,
      rest: `{ at: 4s, createService: { ${service('10.96.0.50')} } }`,
      lookup: api,
      expected: ['0-20 fails'],
    },
  ],
  setLink: [
    {
      event: cut('vpc'),
      expected: [`0-3 ${is}`, '4-9 fails', `12-20 ${is}`],
    },
  ],
  stopKubeProxy: [
    // Its rules still lead to the pod that is gone.
    {
      event: 'stopKubeProxy: { node: node-2, for: 9s }',
      rest: '{ at: 5s, rolloutRestart: coredns }',
      expected: [`0-5 ${is}`, '9-12 fails', `14-20 ${is}`],
    },
    {
      event: 'stopKubeProxy: { node: node-2, hung: true, for: 9s }',
      rest: '{ at: 5s, rolloutRestart: coredns }',
      expected: [`0-5 ${is}`, '9-12 fails', `14-20 ${is}`],
    },
  ],
  failKubeProxyRestores: [
    {
      event: 'failKubeProxyRestores: { node: node-2 }',
      rest: '{ at: 5s, rolloutRestart: coredns }',
      expected: [`0-5 ${is}`, '9-20 fails'],
    },
  ],
  // Only the first packet of a flow meets the rules of the nat table.
  flushConntrack: [
    {
      event: 'flushConntrack: { node: node-2 }',
      at: 12,
      rest: '{ at: 4s, run: { on: node-2, command: iptables -t nat -I PREROUTING -p udp --dport 53 -j DNAT --to-destination 192.168.1.12 } }',
      port: true,
      expected: [`0-12 ${is}`, '13-20 10.0.0.3'],
    },
  ],
  run: [
    {
      event: 'run: { on: node-2, command: iptables -I FORWARD -p udp --dport 53 -j DROP }',
      expected: [`0-4 ${is}`, '4-20 fails'],
    },
    {
      event: 'run: { on: node-2, command: sysctl -w net.ipv4.ip_forward=0 }',
      expected: [`0-4 ${is}`, '4-20 fails'],
    },
  ],
};

test.each(Object.entries(cases).flatMap(([kind, all]) => all.map((one) => ({ kind, ...one }))))(
  '$kind: $event',
  (one) => {
    const seen = outcomes(one);
    const found = one.expected.map((text) => {
      const [, from, until] = /^(\d+)-(\d+) /.exec(text) ?? [];
      return `${from}-${until} ${seen(Number(from), Number(until))}`;
    });
    expect(found).toEqual(one.expected);
  },
);

test('each kind of event is tried', () => {
  expect(Object.keys(cases).sort()).toEqual(Object.keys(eventKinds).sort());
});
