/** A kind of client by the resolv.conf that it has. */
export interface ClientPreset {
  /** Whom it asks: the kube-dns Service, the servers of its node's resolv.conf, or NodeLocal DNSCache before kube-dns. */
  readonly servers: 'kube-dns' | 'node' | 'node-cache';
  /** Has it the search list of its namespace? */
  readonly search: boolean;
  /** The words of its `options` line; empty: none. */
  readonly options: string;
  readonly about: string;
}

/**
 * The kinds of client that a provider's manual tabulates ("DNS resolution and cache policy" of a managed Kubernetes; field
 * report S2). What a file leaves unsaid is the default of the C library: ndots 1, timeout 5, attempts 2.
 */
export const clientPresets = {
  glibcDefault: {
    servers: 'kube-dns',
    search: false,
    options: '',
    about: 'a file that says nothing but the server',
  },
  hostProgram: {
    servers: 'node',
    search: false,
    options: 'timeout:2 attempts:3 rotate single-request-reopen',
    about: 'a program on the machine itself',
  },
  clusterFirstPod: { servers: 'kube-dns', search: true, options: 'ndots:5', about: 'dnsPolicy ClusterFirst' },
  defaultPolicyPod: {
    servers: 'node',
    search: false,
    options: '',
    about: "dnsPolicy Default: the node's servers, and its options lost",
  },
  nodeLocalPod: {
    servers: 'node-cache',
    search: true,
    options: 'ndots:3 attempts:2 timeout:1',
    about: 'NodeLocal DNSCache by admission webhook, kube-dns behind it',
  },
  hostNetworkPod: {
    servers: 'node',
    search: false,
    options: 'timeout:2 attempts:3 rotate single-request-reopen',
    about: 'a pod with hostNetwork',
  },
} as const satisfies Record<string, ClientPreset>;

type ClientPresetName = keyof typeof clientPresets;

/** In the order of the manual. */
export const clientPresetNames = [
  'glibcDefault',
  'hostProgram',
  'clusterFirstPod',
  'defaultPolicyPod',
  'nodeLocalPod',
  'hostNetworkPod',
] as const satisfies readonly ClientPresetName[];
