import { knownTypes, typeNumber } from '../dns/numbers.ts';
import { inRelease, since } from './history.ts';

/** Types that miekg/dns learnt after 1.6.7, by the first release that is made of it; NSAP it never did. */
const learnt: Readonly<Record<string, string>> = {
  SVCB: '1.8.0',
  HTTPS: '1.8.0',
  ZONEMD: '1.8.4',
  IPSECKEY: '1.11.0',
  AMTRELAY: '1.11.0',
  NXNAME: '1.11.4',
  RESINFO: '1.12.1',
};

/** Is it a mnemonic of `dns.StringToType`? `TYPE65` is none. */
export function isType(name: string, release: string): boolean {
  const first = learnt[name];
  return knownTypes.includes(name) && name !== 'NSAP' && (first === undefined || inRelease(since(first), release));
}

/** `dns.Type.String`: a type as the release names it, `TYPE65` where it has no name for it. */
export function typeName(type: string, release: string): string {
  const number = typeNumber(type);
  return isType(type, release) || number === undefined ? type : `TYPE${number}`;
}
