import type { Micros } from '../engine/time.ts';
import type { ProgramName } from './program.ts';

/** A client's resolver. */
export interface ResolverDescription {
  readonly kind: 'glibc' | 'musl' | 'go' | 'c-ares' | 'netty' | 'dig' | 'nslookup' | 'host' | 'busybox-nslookup';
  readonly release: string;
  /** resolv.conf as the pod has it. */
  readonly resolvConf: { readonly file: string; readonly text: string };
  /** Calls of getaddrinfo go through Node's pool of threads (dns.lookup). `threads`: UV_THREADPOOL_SIZE. */
  readonly pool?: { readonly kind: 'libuv'; readonly threads: number };
  /** Go: the libc of a program that was built with cgo; absent: it was built without. */
  readonly cgo?: { readonly kind: 'glibc' | 'musl'; readonly release: string };
  /** Go: false as with GODEBUG=netedns0=0, the default of a program whose go.mod names a release before 1.19. */
  readonly edns?: false;
  /** c-ares: what Node's `new Resolver({timeout, tries})` sets. */
  readonly timing?: { readonly timeout?: Micros; readonly tries?: number };
  /** What a program sets of Netty's DnsNameResolverBuilder. */
  readonly netty?: NettyDescription;
  /** dig: `+search`. */
  readonly search?: boolean;
  /** A cache on top of it, in the same process. */
  readonly cache?: JvmCacheDescription;
  /** Addresses that the program holds and looks up again in ways of its own. */
  readonly held?: HeldDescription;
  /** A program in whose words a failure of libc is told. */
  readonly program?: ProgramName;
  /** /etc/hosts */
  readonly hosts?: string;
  /** /etc/nsswitch.conf. Absent: `hosts: files dns`, as images have it; empty: none, and what libc does without. */
  readonly nsswitch?: string;
  /** Has the host an IPv6 address beside ::1? Absent: a link-local one, as an interface gets by itself; false: none at all, where it matters (Java). */
  readonly hasIpv6?: boolean;
}

/** Who holds addresses between connects. `every`: seconds; absent: its default. */
export interface HeldDescription {
  readonly by: 'redisson' | 'envoy-strict-dns' | 'envoy-logical-dns' | 'grpc-go';
  readonly every?: number | undefined;
}

/** Settings of Netty's DnsNameResolverBuilder; absent: its defaults. */
export interface NettyDescription {
  /** resolvedAddressTypes(IPV4_PREFERRED), which is the default where the host has a global IPv6 address. */
  readonly bothFamilies?: boolean | undefined;
  /** completeOncePreferredResolved */
  readonly firstFamilySuffices?: boolean | undefined;
  /** socketChannelType, and whether TCP is also tried after a time-out (4.1.105 and later). */
  readonly tcp?: 'never' | 'after-truncation' | 'after-time-out' | undefined;
  /** Seconds. */
  readonly minTtl?: number | undefined;
  readonly maxTtl?: number | undefined;
  readonly negativeTtl?: number | undefined;
  /** DnsNameResolverChannelStrategy.ChannelPerResolution (4.1.115 and later): a fresh source port for each lookup. */
  readonly channelPerResolution?: boolean | undefined;
  /** A bare DnsNameResolver, which does not merge lookups of one name; one of a DnsAddressResolverGroup does. */
  readonly separately?: boolean | undefined;
}

/** java.net.InetAddress's cache. Times in seconds; -1: for ever, 0: none. Absent: the release's default. */
export interface JvmCacheDescription {
  readonly kind: 'jvm';
  readonly release: string;
  /** networkaddress.cache.ttl */
  readonly ttl?: number | undefined;
  /** networkaddress.cache.negative.ttl */
  readonly negativeTtl?: number | undefined;
  /** networkaddress.cache.stale.ttl (Java 21 and later) */
  readonly staleTtl?: number | undefined;
}
