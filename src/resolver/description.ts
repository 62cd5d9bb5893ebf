/** A client's resolver. */
export interface ResolverDescription {
  readonly kind: 'glibc' | 'musl' | 'go' | 'c-ares';
  readonly release: string;
  /** resolv.conf as the pod has it. */
  readonly resolvConf: { readonly file: string; readonly text: string };
  /** A cache on top of it, in the same process. */
  readonly cache?: { readonly kind: 'jvm'; readonly release: string; /** Seconds; -1: for ever. */ readonly ttl?: number; readonly negativeTtl?: number };
  /** /etc/hosts, where the resolver looks first. */
  readonly hosts?: string;
}
