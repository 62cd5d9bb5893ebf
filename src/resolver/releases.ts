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
}

const glibc2_14: GlibcRelease = {
  since: '2.14',
  searchDomains: 6,
  searchCharacters: 256,
  reloads: false,
  flags: ['debug', 'no-tld-query', 'rotate', 'edns0', 'single-request-reopen', 'single-request', 'use-vc'],
  randomStart: false,
  waitsForUnsentQuery: true,
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
const glibc2_36: GlibcRelease = { ...glibc2_31, since: '2.36', flags: [...glibc2_31.flags, 'no-aaaa'] };
const glibc2_40: GlibcRelease = { ...glibc2_36, since: '2.40', waitsForUnsentQuery: false };

/** What of musl's resolver changed with a release. Facts: musl's WHATSNEW, src/network/. */
export interface MuslRelease {
  readonly since: string;
  /** Is a truncated reply asked for again over TCP? Before: what is in it is taken. */
  readonly asksAgainOverTcp: boolean;
  /** The error for a name that exists without an address. */
  readonly noData: 'EAI_NONAME' | 'EAI_NODATA';
  /** Does a candidate that cannot be asked for, such as one with an empty label, end the search? */
  readonly stopsAtBadName: boolean;
}

const musl1_1_13: MuslRelease = {
  since: '1.1.13',
  asksAgainOverTcp: false,
  noData: 'EAI_NONAME',
  stopsAtBadName: true,
};
const musl1_2_4: MuslRelease = { since: '1.2.4', asksAgainOverTcp: true, noData: 'EAI_NODATA', stopsAtBadName: false };

/** What of Go's own resolver changed with a release, or with the `go` line of go.mod, which decides the same defaults. */
export interface GoRelease {
  readonly since: string;
  /** The size that every query offers by EDNS; undefined: none. internal/godebugs: netedns0, changed in 1.19. */
  readonly udpSize: number | undefined;
}

const go1_18: GoRelease = { since: '1.18', udpSize: undefined };
/** maxDNSPacketSize of net/dnsclient_unix.go. */
const go1_19: GoRelease = { since: '1.19', udpSize: 1232 };

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
  return rows.findLast(({ since }) => !isOlder(release, since)) ?? oldest;
}

function isOlder(release: string, than: string): boolean {
  const [left, right] = [release.split('.').map(Number), than.split('.').map(Number)];
  const at = right.findIndex((number, i) => number !== (left[i] ?? 0));
  return at >= 0 && (left[at] ?? 0) < (right[at] ?? 0);
}

export const glibcRelease = (release: string): GlibcRelease =>
  rowOf([glibc2_14, glibc2_26, glibc2_28, glibc2_31, glibc2_36, glibc2_40], release);
export const muslRelease = (release: string): MuslRelease => rowOf([musl1_1_13, musl1_2_4], release);
export const goRelease = (release: string): GoRelease => rowOf([go1_18, go1_19], release);
export const javaRelease = (release: string): JavaRelease => rowOf([java8, java21], release);
