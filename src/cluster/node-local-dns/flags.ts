import type { NodeCacheRelease } from './releases.ts';

/** What node-cache was told on its command line. */
export interface NodeCacheFlags {
  readonly localAddresses: readonly string[];
  /** `-dns.port` */
  readonly dnsPort: string;
  readonly healthPort: string;
  readonly interfaceName: string;
  readonly setsUpInterface: boolean;
  readonly setsUpIptables: boolean;
  readonly skipsTeardown: boolean;
  readonly reloadsWithSignal: boolean;
  /** Service whose ClusterIP takes the place of __PILLAR__CLUSTER__DNS__. */
  readonly upstreamService: string;
  readonly baseCorefile: string;
  /** `-conf`: the Corefile that is written and run. */
  readonly corefile: string;
  /** Directory of the kube-dns ConfigMap; empty: none. */
  readonly kubeDnsDirectory: string;
  readonly pidfile: string;
  /** Port of node-cache's own metrics. */
  readonly metricsPort: number;
  /** Nanoseconds between two looks at the rules; may be negative. */
  readonly syncInterval: bigint;
}

/** Why the command line was refused: what is printed, and how the process ends. */
export interface FlagsRefused {
  readonly lines: readonly string[];
  readonly code: number;
}

type Kind = 'text' | 'flag' | 'duration';

/** Flags and their values unless given; those of CoreDNS and caddy that take part in nothing are only known. */
const known = (release: NodeCacheRelease): Readonly<Record<string, readonly [Kind, string]>> => ({
  localip: ['text', ''],
  ...(release.knowsSetupInterface ? { setupinterface: ['flag', 'true'] as const } : {}),
  interfacename: ['text', 'nodelocaldns'],
  syncinterval: ['duration', '60ns'],
  'metrics-listen-address': ['text', '0.0.0.0:9353'],
  setupiptables: ['flag', 'true'],
  basecorefile: ['text', '/etc/coredns/Corefile.base'],
  corefile: ['text', '/etc/Corefile'],
  kubednscm: ['text', release.looksForKubeDns ? '' : '/etc/kube-dns'],
  upstreamsvc: ['text', 'kube-dns'],
  'health-port': ['text', '8080'],
  skipteardown: ['flag', 'false'],
  ...(release.knowsReloadWithSignal ? { reloadwithsignal: ['flag', 'false'] as const } : {}),
  'dns.port': ['text', '53'],
  conf: ['text', ''],
  pidfile: ['text', ''],
  quiet: ['flag', 'false'],
  plugins: ['flag', 'false'],
  version: ['flag', 'false'],
});

/** Understands the command line as Go's `flag` package does, and as node-cache then judges it. */
export function parseFlags(words: readonly string[], release: NodeCacheRelease): NodeCacheFlags | FlagsRefused {
  const values = readValues(words, known(release), release);
  if (!(values instanceof Map)) return values;
  const text = (name: string) => values.get(name) ?? '';
  const isSet = (name: string) => goBoolean(text(name)) === true;
  const localAddresses = text('localip').split(',');
  for (const address of localAddresses)
    if (!isAddress(address)) return fatal(`invalid localip specified - ${JSON.stringify(address)}`);
  if (!/^[+-]?\d+$/.test(text('dns.port')))
    return fatal(`invalid port specified - ${JSON.stringify(text('dns.port'))}`);
  if (!/^[+-]?\d+$/.test(text('health-port')))
    return fatal(`invalid healthcheck port specified - ${JSON.stringify(text('health-port'))}`);
  return {
    localAddresses,
    dnsPort: text('dns.port'),
    healthPort: text('health-port'),
    interfaceName: text('interfacename'),
    setsUpInterface: !release.knowsSetupInterface || isSet('setupinterface'),
    setsUpIptables: isSet('setupiptables'),
    skipsTeardown: isSet('skipteardown'),
    reloadsWithSignal: isSet('reloadwithsignal'),
    upstreamService: text('upstreamsvc'),
    baseCorefile: text('basecorefile'),
    corefile: text('conf'),
    kubeDnsDirectory: text('kubednscm'),
    pidfile: text('pidfile'),
    metricsPort: Number(/:(\d+)$/.exec(text('metrics-listen-address'))?.[1] ?? 0),
    // time.Duration(n) * time.Second is a product of two numbers of nanoseconds in 64 bits.
    syncInterval: BigInt.asIntN(64, (goNanoseconds(text('syncinterval')) ?? 0n) * 1_000_000_000n),
  };
}

function readValues(
  words: readonly string[],
  flags: Readonly<Record<string, readonly [Kind, string]>>,
  release: NodeCacheRelease,
): Map<string, string> | FlagsRefused {
  const usage = (message: string): FlagsRefused => ({
    lines: [
      message,
      `Usage of node-cache-${release.name}:`,
      `Runs CoreDNS v${release.coredns} as a nodelocal cache listening on the specified ip:port`,
    ],
    code: 2,
  });
  const values = new Map(Object.entries(flags).map(([name, [, value]]) => [name, value]));
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (!/^-./.test(word) || word === '--') break;
    const [, name = '', given] = /^--?([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === '' || name.startsWith('-')) return usage(`bad flag syntax: ${word}`);
    const kind = flags[name]?.[0];
    if (kind === undefined) return usage(`flag provided but not defined: -${name}`);
    if (kind === 'flag') {
      if (goBoolean(given ?? 'true') === undefined)
        return usage(`invalid boolean value ${JSON.stringify(given)} for -${name}: parse error`);
      values.set(name, given ?? 'true');
      continue;
    }
    const value = given ?? words[++i];
    if (value === undefined) return usage(`flag needs an argument: -${name}`);
    if (kind === 'duration' && goNanoseconds(value) === undefined)
      return usage(`invalid value ${JSON.stringify(value)} for flag -${name}: parse error`);
    values.set(name, value);
  }
  return values;
}

function fatal(why: string): FlagsRefused {
  return { lines: [`[FATAL] Error parsing flags - ${why}, Exiting`], code: 1 };
}

function isAddress(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
}

/** `strconv.ParseBool`. */
function goBoolean(text: string): boolean | undefined {
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
  return /^(0|f|F|FALSE|false|False)$/.test(text) ? false : undefined;
}

const nanosecondsPerUnit: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 6e10,
  h: 3.6e12,
};

/** `time.ParseDuration` in whole nanoseconds. */
function goNanoseconds(text: string): bigint | undefined {
  if (/^[+-]?0$/.test(text)) return 0n;
  if (!/^[+-]?(\d+(\.\d*)?(ns|us|µs|ms|s|m|h)|\.\d+(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  let sum = 0n;
  for (const [, number = '', unit = ''] of text.matchAll(/(\d*\.?\d*)(ns|us|µs|ms|s|m|h)/g))
    sum += BigInt(Math.round(Number(number) * (nanosecondsPerUnit[unit] ?? 0)));
  return text.startsWith('-') ? -sum : sum;
}
