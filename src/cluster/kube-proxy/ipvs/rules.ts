import type { AddressFamily } from '../../../network/address.ts';

/** Of kube-proxy's sets those that hold anything here, by what their members are made of. */
export const sets = {
  'CLUSTER-IP': 'hash:ip,port',
  'LOOP-BACK': 'hash:ip,port,ip',
  'IPVS-IPS': 'hash:ip',
} as const;
export type SetName = keyof typeof sets;

/** `KUBE-CLUSTER-IP`; of IPv6 `KUBE-6-CLUSTER-IP`. */
export function setName(name: SetName, family: AddressFamily): string {
  return family === 'ipv4' ? `KUBE-${name}` : `KUBE-6-${name}`;
}

/** kube-proxy's chains in the mode ipvs, in front of all other rules; those of node ports and load balancers are left out. */
export const ipvsJumps = [
  '*filter',
  ':KUBE-FORWARD - [0:0]',
  '-I FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD',
  'COMMIT',
  '*nat',
  ':KUBE-SERVICES - [0:0]',
  ':KUBE-POSTROUTING - [0:0]',
  '-I PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
  '-I OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
  '-I POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
  'COMMIT',
  '',
].join('\n');

export const ipvsFilterJumps = [
  '*filter',
  ':KUBE-IPVS-FILTER - [0:0]',
  '-I INPUT -m comment --comment "kubernetes ipvs access filter" -j KUBE-IPVS-FILTER',
  'COMMIT',
  '',
].join('\n');

/** What a sync restores: the same text whatever the Services are, as the sets hold them. */
export function ipvsTables(podCidr: string, family: AddressFamily, rejectsOtherPorts: boolean): string {
  const set = (name: SetName) => setName(name, family);
  const reject = family === 'ipv4' ? 'icmp-port-unreachable' : 'icmp6-port-unreachable';
  const filter = rejectsOtherPorts
    ? [
        `-A KUBE-IPVS-FILTER -m set --match-set ${set('CLUSTER-IP')} dst,dst -j RETURN`,
        `-A KUBE-IPVS-FILTER -m conntrack --ctstate NEW -m set --match-set ${set('IPVS-IPS')} dst -j REJECT --reject-with ${reject}`,
      ]
    : [];
  return [
    '*nat',
    ':KUBE-SERVICES - [0:0]',
    ':KUBE-POSTROUTING - [0:0]',
    ':KUBE-MARK-MASQ - [0:0]',
    '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
    `-A KUBE-POSTROUTING -m comment --comment "Kubernetes endpoints dst ip:port, source ip for solving hairpin purpose" -m set --match-set ${set('LOOP-BACK')} dst,dst,src -j MASQUERADE`,
    '-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
    '-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0',
    '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
    `-A KUBE-SERVICES ! -s ${podCidr} -m comment --comment "Kubernetes service cluster ip + port for masquerade purpose" -m set --match-set ${set('CLUSTER-IP')} dst,dst -j KUBE-MARK-MASQ`,
    `-A KUBE-SERVICES -m set --match-set ${set('CLUSTER-IP')} dst,dst -j ACCEPT`,
    'COMMIT',
    '*filter',
    ':KUBE-FORWARD - [0:0]',
    ...(rejectsOtherPorts ? [':KUBE-IPVS-FILTER - [0:0]'] : []),
    '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT',
    '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    ...filter,
    'COMMIT',
    '',
  ].join('\n');
}
