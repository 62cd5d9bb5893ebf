import type { Found, ResolvConfRule } from '../finding.ts';
import type { Reading, ResolvConfView } from '../resolv-conf.ts';

/** Of these the rules for their own kind tell. */
const toldElsewhere = ['long-line', 'indented-line'];

/** Where glibc, musl, Go and c-ares do not understand the same. */
export const readDifferently: ResolvConfRule = {
  code: 'read-differently',
  severity: 'warning',
  title: 'Resolvers read this file differently',
  consequence:
    'Each has a parser of its own: pods of one cluster then ask other servers, or try other names, by the C library or the language of their image.',
  remedy: 'one address a line and nothing after it, one `search` line, options with plain numbers, no carriage returns',
  source: 'recordings glibc-r00-crlf, musl125-r05-domain-two-words, go-r09-short-address, node-r27-address-with-port',
  example: {
    wrong: 'nameserver 192.0.2.53\r\nsearch corp.example\r\n',
    right: 'nameserver 192.0.2.53\nsearch corp.example\n',
  },
  find: (view) => differences(view),
};

function differences({ readings, lines, source }: ResolvConfView): Found[] {
  const remarks = readings.flatMap((reading) => reading.remarks);
  const namesServer = lines.some(({ keyword }) => keyword.text === 'nameserver');
  if (!namesServer || remarks.some(({ code }) => toldElsewhere.includes(code))) return [];
  const understood = new Map<string, string[]>();
  for (const reading of readings) {
    const text = essenceOf(reading, readings[0]);
    understood.set(text, [...(understood.get(text) ?? []), reading.rules.reader]);
  }
  if (understood.size === 1) return [];
  const message = [...understood].map(([text, by]) => `${by.join(' and ')}: ${text}`).join('; ');
  const [first] = remarks;
  return [{ at: first ?? { file: source.file, line: 1, column: 1 }, message }];
}

/** Whom it asks, and for which names. Node's c-ares leaves the search list alone: there glibc's stands for it. */
function essenceOf({ conf, rules }: Reading, glibc: Reading): string {
  const { search, ndots } = rules.reader === 'c-ares' ? glibc.conf : conf;
  const servers = conf.nameservers.slice(0, glibc.rules.nameservers).join(' ');
  const list = search.length === 0 ? 'no search list' : `search ${search.join(' ')}, ndots:${ndots}`;
  return JSON.stringify(`${servers}, ${list}`).slice(1, -1);
}
