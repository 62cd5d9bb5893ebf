import type { Rcode } from './message.ts';

/** Record types by mnemonic (IANA DNS parameters). */
const types: ReadonlyMap<string, number> = new Map(
  Object.entries({
    A: 1,
    NS: 2,
    MD: 3,
    MF: 4,
    CNAME: 5,
    SOA: 6,
    MB: 7,
    MG: 8,
    MR: 9,
    NULL: 10,
    PTR: 12,
    HINFO: 13,
    MINFO: 14,
    MX: 15,
    TXT: 16,
    RP: 17,
    AFSDB: 18,
    X25: 19,
    ISDN: 20,
    RT: 21,
    NSAP: 22,
    'NSAP-PTR': 23,
    SIG: 24,
    KEY: 25,
    PX: 26,
    GPOS: 27,
    AAAA: 28,
    LOC: 29,
    NXT: 30,
    EID: 31,
    NIMLOC: 32,
    SRV: 33,
    ATMA: 34,
    NAPTR: 35,
    KX: 36,
    CERT: 37,
    DNAME: 39,
    OPT: 41,
    APL: 42,
    DS: 43,
    SSHFP: 44,
    IPSECKEY: 45,
    RRSIG: 46,
    NSEC: 47,
    DNSKEY: 48,
    DHCID: 49,
    NSEC3: 50,
    NSEC3PARAM: 51,
    TLSA: 52,
    SMIMEA: 53,
    HIP: 55,
    NINFO: 56,
    RKEY: 57,
    TALINK: 58,
    CDS: 59,
    CDNSKEY: 60,
    OPENPGPKEY: 61,
    CSYNC: 62,
    ZONEMD: 63,
    SVCB: 64,
    HTTPS: 65,
    SPF: 99,
    UINFO: 100,
    UID: 101,
    GID: 102,
    UNSPEC: 103,
    NID: 104,
    L32: 105,
    L64: 106,
    LP: 107,
    EUI48: 108,
    EUI64: 109,
    NXNAME: 128,
    TKEY: 249,
    TSIG: 250,
    IXFR: 251,
    AXFR: 252,
    MAILB: 253,
    MAILA: 254,
    ANY: 255,
    URI: 256,
    CAA: 257,
    AVC: 258,
    AMTRELAY: 260,
    RESINFO: 261,
    TA: 32768,
    DLV: 32769,
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
