import { expect, test } from 'vitest';
import { serviceChain } from './chain-name.ts';

// Names that stand in public dumps of iptables-save, and facts on the hashes.
test.each([
  ['kube-system/kube-dns:dns', 'udp', 'KUBE-SVC-TCOU7JCQXEZGVUNU'],
  ['kube-system/kube-dns:dns-tcp', 'tcp', 'KUBE-SVC-ERIFXISQEP7F7OF4'],
  ['kube-system/kube-dns:metrics', 'tcp', 'KUBE-SVC-JD5MR3NA4I4DYORP'],
  ['kube-system/kube-dns-upstream:dns', 'udp', 'KUBE-SVC-FXR4M2CWOGAZGGYD'],
  ['kube-system/kube-dns-upstream:dns-tcp', 'tcp', 'KUBE-SVC-BRK3P4PPQWCLKOAN'],
  ['default/kubernetes:https', 'tcp', 'KUBE-SVC-NPX46M4PTMTKRN6Y'],
] as const)('chain of %s over %s', (port, protocol, name) => {
  expect(serviceChain('SVC', port, protocol)).toBe(name);
});
