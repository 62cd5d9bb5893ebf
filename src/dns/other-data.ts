import { labelsOf } from './name.ts';
import { typeNumber } from './numbers.ts';
import { labelOctets, stringOctets } from './octets.ts';

/** A word of presentation text; quoted words may hold spaces. */
interface Word {
  readonly text: string;
  readonly quoted: boolean;
}

const uint = (value: number, octets: number): number[] =>
  Array.from({ length: octets }, (_, i) => Math.floor(value / 256 ** (octets - 1 - i)) % 256);

/** A name without compression. */
function nameOctets(name: string): number[] {
  return [...labelsOf(name).flatMap((label) => [labelOctets(label).length, ...labelOctets(label)]), 0];
}

function base64Octets(text: string): number[] | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return undefined;
  return [...atob(text)].map((c) => c.charCodeAt(0));
}

function hexOctets(text: string): number[] | undefined {
  if (!/^([0-9a-fA-F]{2})*$/.test(text)) return undefined;
  return (text.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
}

/** Inception and expiration of RRSIG: `YYYYMMDDHHmmSS` or seconds. */
function signatureTime(text: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text);
  if (parts === null) return Number(text);
  const [, year = 0, month = 1, ...rest] = parts.map(Number);
  const [day = 1, hour = 0, minute = 0, second = 0] = rest;
  return ((daysBefore(year, month) + day - 1) * 24 + hour) * 3600 + minute * 60 + second;
}

/** Days from 1970-01-01 to the first of a month. */
function daysBefore(year: number, month: number): number {
  const leapDays = (y: number) => Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
  const monthDays = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334][month - 1] ?? 0;
  const isLeap = leapDays(year) > leapDays(year - 1);
  const years = (year - 1970) * 365 + leapDays(year - 1) - leapDays(1969);
  return years + monthDays + (isLeap && month > 2 ? 1 : 0);
}

/** Type bitmap of NSEC (RFC 4034 §4.1.2). */
function bitmapOctets(types: readonly string[]): number[] | undefined {
  const numbers = types.map(typeNumber);
  const windows = new Map<number, Uint8Array>();
  for (const number of numbers.toSorted((a, b) => (a ?? 0) - (b ?? 0))) {
    if (number === undefined) return undefined;
    const bits = windows.get(number >> 8) ?? new Uint8Array(32);
    bits[(number & 255) >> 3] = (bits[(number & 255) >> 3] ?? 0) | (0x80 >> (number & 7));
    windows.set(number >> 8, bits);
  }
  return [...windows].flatMap(([window, bits]) => {
    const length = bits.findLastIndex((b) => b !== 0) + 1;
    return [window, length, ...bits.slice(0, length)];
  });
}

/** Keys of SVCB and HTTPS parameters (RFC 9460 §14.3.2). */
const serviceKeys = ['mandatory', 'alpn', 'no-default-alpn', 'port', 'ipv4hint', 'ech', 'ipv6hint'];

/** One parameter `key=value` of SVCB or HTTPS. */
function parameterOctets(text: string): number[] | undefined {
  const [key = '', value = ''] = text.split(/=(.*)/s);
  const number = serviceKeys.indexOf(key);
  const values = value.replace(/^"|"$/g, '').split(',');
  const octets = (() => {
    switch (key) {
      case 'alpn':
        return values.flatMap(stringOctets);
      case 'no-default-alpn':
        return [];
      case 'port':
        return uint(Number(value), 2);
      case 'ipv4hint':
        return values.flatMap((address) => address.split('.').map(Number));
      default:
        return undefined;
    }
  })();
  return number < 0 || octets === undefined ? undefined : [...uint(number, 2), ...uint(octets.length, 2), ...octets];
}

const joined = (parts: readonly (readonly number[] | undefined)[]): number[] | undefined => {
  const all: number[] = [];
  for (const part of parts) {
    if (part === undefined) return undefined;
    all.push(...part);
  }
  return all;
};

/** Data octets of a type that the simulator only carries; undefined when the words do not fit or the type is unknown. */
export function otherOctets(
  type: string,
  words: readonly Word[],
  name: (text: string) => string,
): Uint8Array | undefined {
  const octets = words[0]?.text === '\\#' ? genericOctets(words) : knownOctets(type, words, name);
  return octets && Uint8Array.from(octets);
}

/** Which word of the data is a name. */
const nameAt: Readonly<Record<string, number>> = { NSEC: 0, RRSIG: 7, NAPTR: 5, SVCB: 1, HTTPS: 1 };

/** The data as text with absolute names. */
export function otherText(type: string, words: readonly Word[], name: (text: string) => string): string {
  return words
    .map(({ text, quoted }, i) => {
      if (i === nameAt[type] && words[0]?.text !== '\\#') return name(text);
      return quoted || type === 'SPF' ? `"${text.replace(/["\\]/g, '\\$&')}"` : text;
    })
    .join(' ');
}

/** `\# 4 c0000201` of RFC 3597 §5. */
function genericOctets(words: readonly Word[]): number[] | undefined {
  const octets = hexOctets(
    words
      .slice(2)
      .map((w) => w.text)
      .join(''),
  );
  return octets?.length === Number(words[1]?.text) ? octets : undefined;
}

function knownOctets(type: string, words: readonly Word[], name: (text: string) => string): number[] | undefined {
  const texts = words.map((w) => w.text);
  const [a = '', b = '', c = '', d = '', e = '', f = '', g = '', h = ''] = texts;
  switch (type) {
    case 'RRSIG': {
      const covered = typeNumber(a);
      if (covered === undefined || texts.length < 9) return undefined;
      const head = [uint(covered, 2), [Number(b), Number(c)], uint(Number(d), 4)];
      const times = [uint(signatureTime(e), 4), uint(signatureTime(f), 4), uint(Number(g), 2)];
      return joined([...head, ...times, nameOctets(name(h)), base64Octets(texts.slice(8).join(''))]);
    }
    case 'DS':
      return joined([uint(Number(a), 2), [Number(b), Number(c)], hexOctets(texts.slice(3).join(''))]);
    case 'TLSA':
      return joined([[Number(a), Number(b), Number(c)], hexOctets(texts.slice(3).join(''))]);
    case 'SSHFP':
      return joined([[Number(a), Number(b)], hexOctets(texts.slice(2).join(''))]);
    case 'DNSKEY':
      return joined([uint(Number(a), 2), [Number(b), Number(c)], base64Octets(texts.slice(3).join(''))]);
    case 'SPF':
      return joined(texts.map(stringOctets));
    case 'NSEC':
      return joined([nameOctets(name(a)), bitmapOctets(texts.slice(1))]);
    case 'NAPTR':
      return joined([
        uint(Number(a), 2),
        uint(Number(b), 2),
        stringOctets(c),
        stringOctets(d),
        stringOctets(e),
        nameOctets(name(f)),
      ]);
    case 'SVCB':
    case 'HTTPS':
      return joined([uint(Number(a), 2), nameOctets(name(b)), ...texts.slice(2).map(parameterOctets)]);
    default:
      return undefined;
  }
}
