import { type History, inRelease } from '../../../coredns/history.ts';
import type { AddressFamily } from '../../../network/address.ts';

type Table = 'filter' | 'nat';

/** A rule of a built-in chain that leads into one of kube-proxy's. */
interface Jump {
  readonly table: Table;
  readonly from: string;
  readonly to: string;
  readonly rule: string;
}

function jump(table: Table, from: string, to: string, comment: string, onlyNew = false): Jump {
  const state = onlyNew ? '-m conntrack --ctstate NEW ' : '';
  const about = comment === '' ? '' : `-m comment --comment "${comment}" `;
  return { table, from, to, rule: `${state}${about}-j ${to}` };
}

const external = 'kubernetes externally-visible service portals';
const portals = 'kubernetes service portals';

/** As in proxier.go, iptablesJumpChains, in its order: each is put in front of those before. */
const filterJumps: History<readonly Jump[]> = [
  [
    '0',
    [
      jump('filter', 'INPUT', 'KUBE-EXTERNAL-SERVICES', external, true),
      jump('filter', 'FORWARD', 'KUBE-SERVICES', portals, true),
      jump('filter', 'OUTPUT', 'KUBE-SERVICES', portals, true),
      jump('filter', 'INPUT', 'KUBE-SERVICES', portals, true),
      jump('filter', 'FORWARD', 'KUBE-FORWARD', 'kubernetes forwarding rules'),
    ],
  ],
  /** kubernetes#95252. */
  [
    '1.20',
    [
      jump('filter', 'INPUT', 'KUBE-EXTERNAL-SERVICES', external, true),
      jump('filter', 'FORWARD', 'KUBE-EXTERNAL-SERVICES', external, true),
      jump('filter', 'FORWARD', 'KUBE-SERVICES', portals, true),
      jump('filter', 'OUTPUT', 'KUBE-SERVICES', portals, true),
      jump('filter', 'FORWARD', 'KUBE-FORWARD', 'kubernetes forwarding rules'),
    ],
  ],
  /** kubernetes#97824. */
  [
    '1.21',
    [
      jump('filter', 'INPUT', 'KUBE-EXTERNAL-SERVICES', external, true),
      jump('filter', 'FORWARD', 'KUBE-EXTERNAL-SERVICES', external, true),
      jump('filter', 'INPUT', 'KUBE-NODEPORTS', 'kubernetes health check service ports'),
      jump('filter', 'FORWARD', 'KUBE-SERVICES', portals, true),
      jump('filter', 'OUTPUT', 'KUBE-SERVICES', portals, true),
      jump('filter', 'FORWARD', 'KUBE-FORWARD', 'kubernetes forwarding rules'),
    ],
  ],
];

/** kubernetes#110289. */
const firewallJumps: History<readonly Jump[]> = [
  ['0', []],
  [
    '1.25',
    ['INPUT', 'OUTPUT', 'FORWARD'].map((from) =>
      jump('filter', from, 'KUBE-PROXY-FIREWALL', 'kubernetes load balancer firewall', true),
    ),
  ],
];

const natJumps: readonly Jump[] = [
  jump('nat', 'OUTPUT', 'KUBE-SERVICES', portals),
  jump('nat', 'PREROUTING', 'KUBE-SERVICES', portals),
  jump('nat', 'POSTROUTING', 'KUBE-POSTROUTING', 'kubernetes postrouting rules'),
];

/** The kubelet's own (kubelet_network_linux.go); it starts before kube-proxy. */
const kubeletJumps: readonly Jump[] = [
  jump('filter', 'INPUT', 'KUBE-FIREWALL', ''),
  jump('filter', 'OUTPUT', 'KUBE-FIREWALL', ''),
];

/** The rules that lead into kube-proxy's and the kubelet's chains, in the order in which they are put in front. */
export function jumpsOf(release: string): readonly Jump[] {
  return [...kubeletJumps, ...inRelease(filterJumps, release), ...inRelease(firewallJumps, release), ...natJumps];
}

/** Chains of a table that stand whatever the Services are, in the order in which kube-proxy writes them. */
export function topChains(table: Table, release: string): string[] {
  if (table === 'nat') return ['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-POSTROUTING', 'KUBE-MARK-MASQ'];
  const jumped = new Set(jumpsOf(release).map(({ to }) => to));
  const order = ['KUBE-SERVICES', 'KUBE-EXTERNAL-SERVICES', 'KUBE-FORWARD', 'KUBE-NODEPORTS', 'KUBE-PROXY-FIREWALL'];
  return [...order.filter((chain) => jumped.has(chain)), 'KUBE-FIREWALL'];
}

/** Empty chains that tell kube-proxy and the kubelet whether somebody has flushed their rules, in each table. */
const canaries = ['KUBE-KUBELET-CANARY', 'KUBE-PROXY-CANARY'];

/** From kubernetes 1.24 on it tells others whether the node's iptables is the legacy one. */
const hint: History<readonly string[]> = [
  ['0', []],
  ['1.24', ['KUBE-IPTABLES-HINT']],
];

/** KEP-3178, IPTablesOwnershipCleanup: without it the kubelet has a chain that marks what is to be dropped. */
const marksDrops: History<boolean> = [
  ['0', true],
  ['1.27', false],
];

const declare = (chain: string) => `:${chain} - [0:0]`;

/** What both write once, when they start: chains that stay empty, and the kubelet's mark. */
export function standingChains(release: string): string {
  const marks = inRelease(marksDrops, release);
  return [
    '*mangle',
    ...[...inRelease(hint, release), ...canaries].map(declare),
    'COMMIT',
    '*nat',
    ...[...canaries, ...(marks ? ['KUBE-MARK-DROP'] : [])].map(declare),
    ...(marks ? ['-A KUBE-MARK-DROP -j MARK --set-xmark 0x8000/0x8000'] : []),
    'COMMIT',
    '*filter',
    ...canaries.map(declare),
    'COMMIT',
    '',
  ].join('\n');
}

/** Rules of KUBE-FIREWALL, which the kubelet and, since 1.25, kube-proxy write. */
export function firewallRules(release: string, family: AddressFamily): string[] {
  return [
    ...(inRelease(marksDrops, release)
      ? [
          '-A KUBE-FIREWALL -m comment --comment "kubernetes firewall for dropping marked packets" -m mark --mark 0x8000/0x8000 -j DROP',
        ]
      : []),
    // IPv6 has no route_localnet (kubelet_network_linux.go).
    ...(family === 'ipv4'
      ? [
          '-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment "block incoming localnet connections" -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP',
        ]
      : []),
  ];
}

/** Where traffic from outside the pods' range is marked: in KUBE-SERVICES, or in the Service's own chain (kubernetes#96959). */
export const marksInServiceChain: History<boolean> = [
  ['0', false],
  ['1.22', true],
];

/** The comments of a Service's chain name the end point of each rule. */
export const namesEndpoints: History<boolean> = [
  ['0', false],
  ['1.25', true],
];
