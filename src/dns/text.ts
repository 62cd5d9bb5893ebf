import { parseIpv4 } from '../network/ipv4.ts';
import { formatIpv6, parseIpv6 } from '../network/ipv6.ts';
import type { Message } from './message.ts';
import { absolute } from './name.ts';
import { classNumber, typeNumber } from './numbers.ts';
import { otherOctets, otherText } from './other-data.ts';
import type { RecordData, ResourceRecord } from './record.ts';
import { typeOf } from './record.ts';

/** Words of a line: quoted strings are one word and are marked. */
export interface Word {
  readonly text: string;
  readonly quoted: boolean;
  /** From 0. */
  readonly offset: number;
}

/** Splits presentation text at white space; `"…"` and `key="…"` hold together and `\"` is a quote inside. */
export function wordsOf(line: string): Word[] {
  const words: Word[] = [];
  for (const match of line.matchAll(/[^\s"=]+="(?:\\.|[^"\\])*"|"((?:\\.|[^"\\])*)"?|[^\s"]+/gs)) {
    const quoted = match[0].startsWith('"');
    words.push({ text: quoted ? (match[1] ?? '').replace(/\\(["\\])/g, '$1') : match[0], quoted, offset: match.index });
  }
  return words;
}

/** How many words the data of a type has; TXT and the types that are only carried have any number. */
const wordCounts: Readonly<Record<string, number>> = {
  A: 1,
  AAAA: 1,
  CNAME: 1,
  NS: 1,
  PTR: 1,
  DNAME: 1,
  MX: 2,
  HINFO: 2,
  CAA: 3,
  SRV: 4,
  SOA: 7,
};

/** Data of a type from its words; undefined when they do not fit. `name` makes a name absolute. */
export function parseData(
  type: string,
  words: readonly Word[],
  name: (text: string) => string,
): RecordData | undefined {
  if (words.length !== (wordCounts[type] ?? words.length)) return undefined;
  const [a = '', b = '', c = '', d = ''] = words.map((w) => w.text);
  switch (type) {
    case 'A':
      return parseIpv4(a) !== undefined ? { type, address: a } : undefined;
    case 'AAAA': {
      const groups = parseIpv6(a);
      return groups && { type, address: formatIpv6(groups) };
    }
    case 'CNAME':
    case 'NS':
    case 'PTR':
    case 'DNAME':
      return { type, target: name(a) };
    case 'MX': {
      const [preference] = wholeNumbers([a], 65_535) ?? [];
      return preference === undefined ? undefined : { type, preference, exchange: name(b) };
    }
    case 'SRV': {
      const [priority, weight, port] = wholeNumbers([a, b, c], 65_535) ?? [];
      if (priority === undefined || weight === undefined || port === undefined) return undefined;
      return { type, priority, weight, port, target: name(d) };
    }
    case 'SOA':
      return parseSoa(words, name);
    case 'TXT':
      return words.length > 0 ? { type, strings: words.map(stringOf) } : undefined;
    case 'HINFO':
      return { type, cpu: a, os: b };
    case 'CAA': {
      const [flags] = wholeNumbers([a], 255) ?? [];
      return flags === undefined ? undefined : { type, flags, tag: b, value: c };
    }
    default: {
      const octets = otherOctets(type, words, name);
      return octets && { type: 'other', typeName: type, text: otherText(type, words, name), octets };
    }
  }
}

/** A text in which \" and \\ stand for themselves, within quotes or without. */
function stringOf({ text, quoted }: Word): string {
  return quoted ? text : text.replace(/\\(["\\])/g, '$1');
}

function parseSoa(words: readonly Word[], name: (text: string) => string): RecordData | undefined {
  const [mname = '', rname = '', number = '', ...spans] = words.map((w) => w.text);
  const [serial] = wholeNumbers([number], 4_294_967_295) ?? [];
  const [refresh, retry, expire, minimum] = spans.map(ttlSeconds);
  if (serial === undefined || refresh === undefined || retry === undefined) return undefined;
  if (expire === undefined || minimum === undefined) return undefined;
  return { type: 'SOA', mname: name(mname), rname: name(rname), serial, refresh, retry, expire, minimum };
}

/** All of them as whole numbers up to `most`, or nothing. */
function wholeNumbers(texts: readonly string[], most: number): number[] | undefined {
  const numbers = texts.map(Number);
  return texts.every((text) => /^\d{1,10}$/.test(text)) && numbers.every((n) => n <= most) ? numbers : undefined;
}

/** Seconds of a TTL as zone files write it: `300`, `5m`, `1h30m`. */
export function ttlSeconds(text: string | undefined): number | undefined {
  if (text === undefined || !/^(\d{1,10}[smhdw]?)+$/i.test(text)) return undefined;
  const units: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
  let seconds = 0;
  for (const [, number = '0', unit = ''] of text.matchAll(/(\d+)([smhdw]?)/gi))
    seconds += Number(number) * (units[unit.toLowerCase()] ?? 1);
  return seconds <= 2_147_483_647 ? seconds : undefined;
}

/** `a.test. 30 IN A 192.0.2.1`, names with or without final dot; undefined when it is not a record. */
export function parseRecord(line: string): ResourceRecord | undefined {
  const [name, ttl, cls, type, ...data] = wordsOf(line);
  const seconds = ttlSeconds(ttl?.text);
  if (name === undefined || cls === undefined || type === undefined || seconds === undefined) return undefined;
  if (classNumber(cls.text) === undefined || typeNumber(type.text) === undefined) return undefined;
  const parsed = parseData(type.text, data, absolute);
  return parsed && { name: absolute(name.text), ttl: seconds, class: cls.text, data: parsed };
}

const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

/** Data as presentation text. */
export function formatData(data: RecordData): string {
  switch (data.type) {
    case 'A':
    case 'AAAA':
      return data.address;
    case 'CNAME':
    case 'NS':
    case 'PTR':
    case 'DNAME':
      return data.target;
    case 'MX':
      return `${data.preference} ${data.exchange}`;
    case 'SOA':
      return `${data.mname} ${data.rname} ${data.serial} ${data.refresh} ${data.retry} ${data.expire} ${data.minimum}`;
    case 'SRV':
      return `${data.priority} ${data.weight} ${data.port} ${data.target}`;
    case 'TXT':
      return data.strings.map(quote).join(' ');
    case 'HINFO':
      return `${quote(data.cpu)} ${quote(data.os)}`;
    case 'CAA':
      return `${data.flags} ${data.tag} ${quote(data.value)}`;
    case 'other':
      return data.text;
  }
}

/** `a.test. 30 IN A 192.0.2.1`, as dig prints it but with single spaces. */
export function formatRecord(record: ResourceRecord): string {
  return `${record.name} ${record.ttl} ${record.class} ${typeOf(record)} ${formatData(record.data)}`;
}

/** Header bits that are set, in the order of the header: `qr aa tc rd ra ad cd`. */
export function flagsOf(message: Message): string[] {
  const { aa, tc, rd, ra, ad, cd } = message.flags;
  const bits: readonly (readonly [string, boolean])[] = [
    ['qr', message.response],
    ['aa', aa],
    ['tc', tc],
    ['rd', rd],
    ['ra', ra],
    ['ad', ad],
    ['cd', cd],
  ];
  return bits.flatMap(([name, set]) => (set ? [name] : []));
}
