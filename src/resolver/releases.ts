import type { ResolverDescription } from './description.ts';

/** What of glibc's resolver changed with a release; a row holds up to the next one. Facts: glibc's NEWS, resolv/. */
export interface GlibcRelease {
  /** First release with these properties. */
  readonly since: string;
  /** Domains of the search list that are kept, and their characters together (MAXDNSRCH, until 2.26). */
  readonly searchDomains: number;
  readonly searchCharacters: number;
  /** Is resolv.conf read again when it changed? */
  readonly reloads: boolean;
  /** Options understood beside ndots, timeout and attempts. A word counts as the first that it begins with. */
  readonly flags: readonly string[];
  /** `rotate`: is the server of the first lookup random? Before: always the second. */
  readonly randomStart: boolean;
  /** One query at a time: does a rejected first query wait for the reply to the second, which was never sent? (bug 30081) */
  readonly waitsForUnsentQuery: boolean;
  /** Does a thread that fell back to one query at a time never read resolv.conf again? (bug 31476) */
  readonly fallbackStopsReload: boolean;
  /** Is an error without its question a reply? (bug 31890) */
  readonly takesBareErrors: boolean;
  /** `options -rotate` (bug 14799) */
  readonly minusClears: boolean;
  /** How nss_dns builds a result of one family: with room for 48 aliases, or for those there are (bug 12154). */
  readonly hostent: 'reserved' | 'exact';
  /** nsswitch.conf in place of one without a `hosts` line (nss/nss_database.c). */
  readonly withoutNsswitch: string;
}

const glibc2_14: GlibcRelease = {
  since: '2.14',
  searchDomains: 6,
  searchCharacters: 256,
  reloads: false,
  flags: ['no-tld-query', 'rotate', 'edns0', 'single-request-reopen', 'single-request', 'use-vc'],
  randomStart: false,
  waitsForUnsentQuery: true,
  fallbackStopsReload: true,
  takesBareErrors: false,
  minusClears: false,
  hostent: 'reserved',
  withoutNsswitch: 'hosts: dns [!UNAVAIL=return] files',
};
const glibc2_26: GlibcRelease = {
  ...glibc2_14,
  since: '2.26',
  searchDomains: Number.POSITIVE_INFINITY,
  searchCharacters: Number.POSITIVE_INFINITY,
  reloads: true,
  flags: [...glibc2_14.flags, 'no-reload'],
};
const glibc2_28: GlibcRelease = { ...glibc2_26, since: '2.28', randomStart: true };
const glibc2_31: GlibcRelease = { ...glibc2_28, since: '2.31', flags: [...glibc2_28.flags, 'trust-ad'] };
/** With the fixes of 2022 to July 2024, which the stable branches of 2.34 to 2.40 have too: Debian 12's 2.36-9+deb12u14 (recording glibc-n06). */
const glibc2_34: GlibcRelease = {
  ...glibc2_31,
  since: '2.34',
  waitsForUnsentQuery: false,
  fallbackStopsReload: false,
  takesBareErrors: true,
  hostent: 'exact',
};
const glibc2_35: GlibcRelease = { ...glibc2_34, since: '2.35', withoutNsswitch: 'hosts: files dns' };
const glibc2_36: GlibcRelease = { ...glibc2_35, since: '2.36', flags: [...glibc2_35.flags, 'no-aaaa'] };
const glibc2_41: GlibcRelease = {
  ...glibc2_36,
  since: '2.41',
  flags: [...glibc2_36.flags, 'strict-error'],
  minusClears: true,
};

/** What of musl's resolver changed with a release. Facts: musl's WHATSNEW, src/network/. */
export interface MuslRelease {
  readonly since: string;
  /** Is a truncated reply asked for again over TCP? Before: what is in it is taken. */
  readonly asksAgainOverTcp: boolean;
  /** Are addresses of one family enough when the other reply is missing or denies the name? Without any, the reply to A decides alone. */
  readonly halfSuffices: boolean;
  /** The error for a name that exists without an address. */
  readonly noData: 'EAI_NONAME' | 'EAI_NODATA';
  /** Does a candidate that cannot be asked for, such as one with an empty label, end the search? */
  readonly stopsAtBadName: boolean;
  /** Does a name that ends in two dots leave as a query that no server can read? */
  readonly sendsDoubledDots: boolean;
  /** Is the reply to AAAA read before the one to A? Of more than 48 addresses the rest is left out. */
  readonly readsIpv6First: boolean;
  /** Octets of each reply that are kept (abuf of src/network/lookup_name.c). */
  readonly replyBuffer: number;
  /** May the data of the last record reach up to ten octets into what lies behind the buffer? (src/network/dns_parse.c) */
  readonly readsPastEnd: boolean;
  /** A reply with more questions and answers together is not read at all. */
  readonly mostEntries: number;
}

const musl1_1_13: MuslRelease = {
  since: '1.1.13',
  asksAgainOverTcp: false,
  halfSuffices: true,
  noData: 'EAI_NONAME',
  stopsAtBadName: true,
  sendsDoubledDots: true,
  readsIpv6First: false,
  replyBuffer: 512,
  readsPastEnd: true,
  mostEntries: 64,
};
const musl1_2_1: MuslRelease = { ...musl1_1_13, since: '1.2.1', halfSuffices: false };
const musl1_2_4: MuslRelease = {
  since: '1.2.4',
  asksAgainOverTcp: true,
  halfSuffices: false,
  noData: 'EAI_NODATA',
  stopsAtBadName: false,
  sendsDoubledDots: false,
  readsIpv6First: true,
  replyBuffer: 768,
  readsPastEnd: false,
  mostEntries: 64,
};
const musl1_2_5: MuslRelease = {
  ...musl1_2_4,
  since: '1.2.5',
  replyBuffer: 4800,
  mostEntries: Number.POSITIVE_INFINITY,
};

/**
 * What of Go's own resolver changed with a release.
 * Recorded: 1.19.8, 1.21.13, 1.22.10, 1.23.9, 1.25.5, 1.26.8, 1.27.3 (recordings go*-k* to go*-n*); that 1.20 took
 * on options is from its sources' history alone.
 */
export interface GoRelease {
  readonly since: string;
  /** The size that every query offers by EDNS; undefined: none. internal/godebugs: netedns0, changed in 1.19. */
  readonly udpSize: number | undefined;
  /** Options understood beside ndots, timeout and attempts (net/dnsconfig_unix.go). */
  readonly flags: readonly string[];
  /** Is a name that the files alone were asked for and do not have "no such host"? Before: an address that does not suit. */
  readonly missesInFiles: boolean;
  /**
   * Does a source in nsswitch.conf that only libc knows stand for `dns` where the line has none? Before: such a line, words of
   * resolv.conf that Go does not know, and names under `local` mean files, then dns.
   */
  readonly unknownStandsForDns: boolean;
  /** With cgo: are names under `local` libc's, whatever nsswitch.conf says? After: where it names mdns. */
  readonly leavesLocal: boolean;
  /** Is a name of 254 characters with its final dot asked for? */
  readonly takesLongest: boolean;
  /** Does a name under `onion` go through the search list? Before: nothing is asked, but candidates may end so. */
  readonly searchesForOnions: boolean;
  /** Is a truncated reply over TCP taken as it is? Before: no answer, the next server's turn. */
  readonly takesTruncatedOverTcp: boolean;
  /** Is an empty reply without RA a referral only when it has no additional record either, not even OPT? */
  readonly referralIsBare: boolean;
  /** Is a resolv.conf without a server looked at again at each lookup? */
  readonly seeksServers: boolean;
}

const go1_18: GoRelease = {
  since: '1.18',
  udpSize: undefined,
  flags: ['rotate', 'single-request', 'single-request-reopen', 'use-vc'],
  missesInFiles: false,
  unknownStandsForDns: false,
  leavesLocal: true,
  takesLongest: false,
  searchesForOnions: false,
  takesTruncatedOverTcp: false,
  referralIsBare: false,
  seeksServers: false,
};
/** maxDNSPacketSize of net/dnsclient_unix.go */
const go1_19: GoRelease = { ...go1_18, since: '1.19', udpSize: 1232 };
const go1_20: GoRelease = {
  ...go1_19,
  since: '1.20',
  flags: [...go1_19.flags, 'trust-ad', 'edns0', 'no-reload'],
  missesInFiles: true,
};
const go1_21: GoRelease = { ...go1_20, since: '1.21', unknownStandsForDns: true, takesLongest: true };
const go1_22: GoRelease = { ...go1_21, since: '1.22', searchesForOnions: true };
const go1_23: GoRelease = {
  ...go1_22,
  since: '1.23',
  leavesLocal: false,
  takesTruncatedOverTcp: true,
  referralIsBare: true,
};
const go1_27: GoRelease = { ...go1_23, since: '1.27', seeksServers: true };

/** What of c-ares changed with a release. Facts: c-ares' RELEASE-NOTES, src/lib/ares_process.c. */
export interface CAresRelease {
  readonly since: string;
  /** Seconds that the first try takes, unless resolv.conf says otherwise (DEFAULT_TIMEOUT). */
  readonly timeout: number;
  /** Are `timeout` and `use-vc` understood in resolv.conf (src/lib/ares_sysconfig_files.c)? */
  readonly knowsWords: boolean;
  /** Is a lookup whose tries were all rejected said to have been rejected, and not to have timed out? */
  readonly tellsRejected: boolean;
  /** Is the server asked first that failed least lately? Before: in the order of the file, each time. */
  readonly sortsByFailures: boolean;
  /** Is the wait of later rounds cut by up to half by chance? */
  readonly hasJitter: boolean;
  /** Is the wait five times what the server took of late? */
  readonly adaptsTimeout: boolean;
  /** Do all sockets stay open until no query is under way, so that a late reply counts? After: until nobody waits at them. */
  readonly keepsSockets: boolean;
  /** Does a query that timed out over UDP leave its socket for a new one? Before: if the same server is asked again, by the same one. */
  readonly leavesSocket: boolean;
  /** Does one query in ten also go to a server that failed, to learn whether it is back? */
  readonly probes: boolean;
}

const cares1_14: CAresRelease = {
  since: '1.14',
  timeout: 5,
  knowsWords: false,
  tellsRejected: true,
  sortsByFailures: false,
  hasJitter: false,
  adaptsTimeout: false,
  keepsSockets: true,
  leavesSocket: false,
  probes: false,
};
const cares1_20: CAresRelease = { ...cares1_14, since: '1.20', timeout: 2 };
const cares1_22: CAresRelease = {
  ...cares1_20,
  since: '1.22',
  sortsByFailures: true,
  hasJitter: true,
  keepsSockets: false,
  tellsRejected: false,
};
const cares1_28: CAresRelease = { ...cares1_22, since: '1.28', knowsWords: true };
const cares1_32: CAresRelease = { ...cares1_28, since: '1.32', adaptsTimeout: true, tellsRejected: true };
const cares1_34: CAresRelease = { ...cares1_32, since: '1.34', probes: true };
const cares1_34_6: CAresRelease = { ...cares1_34, since: '1.34.6', leavesSocket: true };

/** What of Java's InetAddress cache changed with a release; the defaults are those of java.security. */
export interface JavaRelease {
  readonly since: string;
  /** Seconds that addresses, and failures, are kept. */
  readonly ttl: number;
  readonly negativeTtl: number;
  /** networkaddress.cache.stale.ttl: may expired addresses be kept and handed out while a new look-up fails? */
  readonly keepsStale: boolean;
}

const java8: JavaRelease = { since: '8', ttl: 30, negativeTtl: 10, keepsStale: false };
const java21: JavaRelease = { ...java8, since: '21', keepsStale: true };

interface Row {
  readonly since: string;
}

/** The row of a release; the oldest one in still older releases. */
function rowOf<R extends Row>(rows: readonly [R, ...R[]], release: string): R {
  const [oldest] = rows;
  return rows.findLast(({ since }) => comparedWith(since, release) >= 0) ?? oldest;
}

/** Negative where `release` is older than `other`, 0 where it is of that series: `2.36.1` is of `2.36`. */
export function comparedWith(other: string, release: string): number {
  const [left, right] = [release.split('.').map(Number), other.split('.').map(Number)];
  const at = right.findIndex((number, i) => number !== (left[i] ?? 0));
  return at < 0 ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
}

export const glibcRelease = (release: string): GlibcRelease =>
  rowOf([glibc2_14, glibc2_26, glibc2_28, glibc2_31, glibc2_34, glibc2_35, glibc2_36, glibc2_41], release);
export const muslRelease = (release: string): MuslRelease =>
  rowOf([musl1_1_13, musl1_2_1, musl1_2_4, musl1_2_5], release);
export const goRelease = (release: string): GoRelease =>
  rowOf([go1_18, go1_19, go1_20, go1_21, go1_22, go1_23, go1_27], release);
export const caresRelease = (release: string): CAresRelease =>
  rowOf([cares1_14, cares1_20, cares1_22, cares1_28, cares1_32, cares1_34, cares1_34_6], release);
export const javaRelease = (release: string): JavaRelease => rowOf([java8, java21], release);

/** The releases whose behaviour was read in the source or recorded, the first and the last. */
export const resolverReleases: Readonly<Record<ResolverDescription['kind'] | 'java', { from: string; to: string }>> = {
  glibc: { from: glibc2_14.since, to: glibc2_41.since },
  musl: { from: musl1_1_13.since, to: '1.2.6' },
  go: { from: go1_18.since, to: go1_27.since },
  'c-ares': { from: cares1_14.since, to: cares1_34_6.since },
  netty: { from: '4.1', to: '4.1' },
  dig: { from: '9.18', to: '9.18' },
  nslookup: { from: '9.18', to: '9.18' },
  host: { from: '9.18', to: '9.18' },
  'busybox-nslookup': { from: '1.35', to: '1.35' },
  java: { from: java8.since, to: '25' },
};
