/** What a tool printed that is no configuration: nothing to check, but something to do with it. */
export interface Capture {
  readonly message: string;
  readonly hint: string;
}

const tools: readonly (readonly [pattern: RegExp, tool: string, hint: (lines: readonly string[]) => string])[] = [
  [/^Chain \S+ \(/, 'iptables -L', () => 'give what `iptables-save` prints: that names tables and interfaces, too'],
  [/^\s*(\[[A-Z]+\]\s+)?(udp|tcp)\s+\d+\s.*\bsrc=\S+ dst=\S+/, 'conntrack', conntrackHint],
  [
    /^(\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d\.\d+ IP6? /,
    'tcpdump',
    () => 'put what happened into a scenario: `dnspath run --capture tcpdump` prints the like of it to lay beside',
  ],
  [
    /^(\S+ )?\[(INFO|WARNING|ERROR)\] /,
    'CoreDNS',
    () =>
      'a workload may `replay` a query log; `dnspath run --capture coredns-log` prints the like of it to lay beside',
  ],
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
      : `lines ${astray.map(({ number }) => number).join(', ')} expect`;
  return `${which} answers from ${first.address} itself: if that is a ClusterIP, no DNAT rule stood when the entry was born, and whoever keeps asking from that port gets no answer; \`conntrack -D -p udp --orig-dst ${first.address}\` ends that`;
}
