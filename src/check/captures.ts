import { counted, listedInShort } from '../trace/words.ts';

/** What a tool printed that is no configuration: nothing to check, but something to do with it. */
export interface Capture {
  readonly message: string;
  readonly hint: string;
}

const tools: readonly (readonly [pattern: RegExp, tool: string, hint: (lines: readonly string[]) => string])[] = [
  [/^Chain \S+ \(/, 'iptables -L', () => 'give what `iptables-save` prints: that names tables and interfaces, too'],
  [
    /^\s*(\[[\d.]+\]\s+)?(\[[A-Z]+\]\s+)?(ipv[46]\s+\d+\s+)?(udp|tcp)\s+\d+\s.*\bsrc=\S+ dst=\S+/,
    'conntrack',
    conntrackHint,
  ],
  [/^(\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d\.\d+ IP6? /, 'tcpdump', tcpdumpHint],
  [/^(\S+ )?\[(INFO|WARNING|ERROR)\] /, 'CoreDNS', logHint],
];

/** So many lines tell what a file is. */
const firstLines = 20;

/** What a tool printed, by its first lines; undefined: none that is known. */
export function captureIn(text: string): Capture | undefined {
  const lines = text.split(/\r?\n/);
  for (const [pattern, tool, hint] of tools) {
    if (!lines.slice(0, firstLines).some((line) => pattern.test(line))) continue;
    return { message: `this is what ${tool === 'CoreDNS' ? tool : `\`${tool}\``} prints`, hint: hint(lines) };
  }
  return undefined;
}

/** Entries whose answers would have to come from the address that was asked, to another than who had asked, have no DNAT: field report S4. */
function conntrackHint(lines: readonly string[]): string {
  const astray = lines.flatMap((line, i) => {
    const [source, asked] = [...line.matchAll(/\bsrc=(\S+) dst=(\S+)/g)];
    const isDns = / dport=53\b/.test(line);
    const isAstray = source !== undefined && asked?.[1] === source[2] && asked?.[2] !== source[1];
    return isDns && isAstray ? [{ number: i + 1, address: source[2] }] : [];
  });
  const [first] = astray;
  if (first === undefined)
    return 'put what happened into a scenario: `dnspath run --capture conntrack` prints the like of it to lay beside';
  const which =
    astray.length === 1
      ? `line ${first.number} expects`
      : `lines ${listedInShort(astray.map(({ number }) => String(number)))} expect`;
  return `${which} answers from ${first.address} itself: if that is a ClusterIP, no DNAT rule stood when the entry was born, and whoever keeps asking from that port gets no answer; \`conntrack -D -p udp --orig-dst ${first.address}\` ends that`;
}

/** Octets that a reply may have where the query offers no more (RFC 1035 §4.2.1). */
const plainLimit = 512;

/** A reply by UDP that is longer than its query allows, without TC: what CoreDNS before 1.11.3 makes of it is field report S3. */
function tcpdumpHint(lines: readonly string[]): string {
  const asked = new Map<string, string>();
  for (const [i, line] of lines.entries()) {
    const query = / IP6? (\S+) > \S+\.53: (\d+)\S* (\[1au\] )?\S+\? (\S+) /.exec(line);
    if (query !== null && query[3] === undefined) asked.set(`${query[1]} ${query[2]}`, query[4] ?? '');
    const reply = / IP6? (\S+)\.53 > (\S+): (\d+)([*|$-]*) (\d+)\/0\/0 .*\((\d+)\)$/.exec(line);
    const name = asked.get(`${reply?.[2]} ${reply?.[3]}`);
    if (reply === null || name === undefined || reply[4]?.includes('|') || Number(reply[6]) <= plainLimit) continue;
    const addresses = [...line.matchAll(/\bA \d+(\.\d+){3}\b/g)].length;
    const full = 12 + (name.length + 1 + 4) + addresses * (name.length + 1 + 14);
    const isInFull = addresses === Number(reply[5]) && full === Number(reply[6]);
    const [how, faults] = isInFull
      ? [', every name written in full', 'limits: none, compress: false']
      : ['', 'limits: none'];
    return `line ${i + 1} has ${reply[6]} octets by UDP without TC, though the query allows ${plainLimit}${how}: in a scenario \`servers:\` says that of ${reply[1]} with \`faults: { ${faults} }\`; many a CoreDNS before 1.11.3 makes SERVFAIL of it: \`dnspath check Corefile --release …\` tells`;
  }
  return 'put what happened into a scenario: `dnspath run --capture tcpdump` prints the like of it to lay beside';
}

const complaints: readonly (readonly [RegExp, (match: RegExpExecArray) => string])[] = [
  [
    /dns: (buffer size too small|overflow[a-z0-9 ]*)/,
    ([text]) =>
      `\`${text}\` means that an upstream's reply by UDP was longer than CoreDNS had room for; \`dnspath check Corefile --release …\` tells what that release makes of it`,
  ],
  [
    /plugin\/loop: Loop/,
    () =>
      "CoreDNS has forwarded to itself; `dnspath check Corefile resolv.conf`, with the node's resolv.conf, tells by which line",
  ],
  [
    /->(\S+): (i\/o timeout|\S*connection refused)/,
    ([, who = '', what = '']) =>
      `the upstream ${who} ${what.endsWith('refused') ? 'refused' : 'did not answer in time'}`,
  ],
  [/no (healthy|upstream) (proxies|host)/, () => 'no upstream was left to ask: all were marked down'],
];

/** What CoreDNS complains of, with where it does so first and how often. */
function logHint(lines: readonly string[]): string {
  for (const [pattern, meaning] of complaints) {
    const found = lines.flatMap((line, i) => (pattern.test(line) ? [i] : []));
    const match = pattern.exec(lines[found[0] ?? -1] ?? '');
    if (match === null) continue;
    const more = found.length > 1 ? `, and ${counted(found.length - 1, 'more line')}` : '';
    return `line ${(found[0] ?? 0) + 1}${more}: ${meaning(match)}`;
  }
  return 'a workload may `replay` a query log; `dnspath run --capture coredns-log` prints the like of it to lay beside';
}
