import type { Rcode } from './message.ts';

/** Record types by mnemonic (IANA DNS parameters). */
const types: ReadonlyMap<string, number> = new Map(
  Object.entries({
    A: 1,
    NS: 2,
    CNAME: 5,
    SOA: 6,
    PTR: 12,
    HINFO: 13,
    MX: 15,
    TXT: 16,
    AAAA: 28,
    SRV: 33,
    NAPTR: 35,
    DNAME: 39,
    OPT: 41,
    DS: 43,
    SSHFP: 44,
    RRSIG: 46,
    NSEC: 47,
    DNSKEY: 48,
    TLSA: 52,
    SVCB: 64,
    HTTPS: 65,
    SPF: 99,
    TSIG: 250,
    IXFR: 251,
    AXFR: 252,
    ANY: 255,
    CAA: 257,
  }),
);
/** Mnemonics of all types that have one. */
export const knownTypes: readonly string[] = [...types.keys()];
const classes: ReadonlyMap<string, number> = new Map(Object.entries({ IN: 1, CH: 3, HS: 4, NONE: 254, ANY: 255 }));
const rcodes: readonly Rcode[] = [
  'NOERROR',
  'FORMERR',
  'SERVFAIL',
  'NXDOMAIN',
  'NOTIMP',
  'REFUSED',
  'YXDOMAIN',
  'YXRRSET',
  'NXRRSET',
  'NOTAUTH',
  'NOTZONE',
];

/** Number of a type; `TYPE65` too; undefined when it is none. */
export function typeNumber(name: string): number | undefined {
  return types.get(name) ?? unknownNumber(/^TYPE(\d{1,5})$/, name);
}

export function classNumber(name: string): number | undefined {
  return classes.get(name) ?? unknownNumber(/^CLASS(\d{1,5})$/, name);
}

/** What has no mnemonic is written with its number (RFC 3597 §5). */
function unknownNumber(pattern: RegExp, name: string): number | undefined {
  const found = pattern.exec(name);
  return found ? Number(found[1]) : undefined;
}

/** A response code from its mnemonic, in capitals. */
export function rcodeOf(name: string): Rcode | undefined {
  return rcodes.find((rcode) => rcode === name);
}

/** The response code of a number, as far as it has a name here. */
export function rcodeNumbered(number: number): Rcode | undefined {
  return number === 16 ? 'BADVERS' : rcodes[number];
}

/** Number of a response code; BADVERS is 16, half of it in the OPT. */
export function rcodeNumber(rcode: Rcode): number {
  return rcode === 'BADVERS' ? 16 : rcodes.indexOf(rcode);
}
