import { formatUtc } from '../../engine/calendar.ts';
import type { Micros } from '../../engine/time.ts';
import { formatAddress, parseAddress } from '../../network/address.ts';
import type { Address } from '../../network/packet.ts';

/** What a server's certificate says. Nothing is signed: an issuer is trusted by its name or not. */
export interface Certificate {
  /** Subject, of old certificates the server's name. */
  readonly commonName: string;
  /** Subject alternative names; `*.` in front stands for one label. */
  readonly names: readonly string[];
  readonly addresses: readonly Address[];
  /** Common name of the authority; `publicAuthority`: one that every system trusts. */
  readonly issuer: string;
  /** Instants of the run between which it is valid. */
  readonly from: Micros;
  readonly until: Micros;
  /** Microseconds from 1970 to the run's start: texts show whole dates. */
  readonly epoch: number;
}

export const publicAuthority = 'public';

/** Common names of the authorities that a client trusts. */
export type Roots = ReadonlySet<string>;

export const systemRoots: Roots = new Set([publicAuthority]);

/** Why Go's client does not accept the certificate, in its words; undefined: it does (crypto/x509 Certificate.Verify, in its order). */
export function refusal(certificate: Certificate, host: string, roots: Roots, now: Micros): string | undefined {
  const { from, until, issuer } = certificate;
  if (now < from) return `${outOfTime} current time ${stamp(certificate, now)} is before ${stamp(certificate, from)}`;
  if (now > until) return `${outOfTime} current time ${stamp(certificate, now)} is after ${stamp(certificate, until)}`;
  const wrongName = nameRefusal(certificate, host);
  if (wrongName !== undefined) return wrongName;
  return roots.has(issuer) ? undefined : 'x509: certificate signed by unknown authority';
}

const outOfTime = 'x509: certificate has expired or is not yet valid:';

function stamp({ epoch }: Certificate, at: Micros): string {
  return formatUtc(epoch + at);
}

function nameRefusal({ commonName, names, addresses }: Certificate, host: string): string | undefined {
  const address = parseAddress(host.replace(/^\[(.*)\]$/, '$1'));
  if (address === undefined ? names.some((name) => covers(name, host)) : addresses.includes(address)) return undefined;
  const bare = names.length === 0 && addresses.length === 0;
  if (bare && covers(commonName, host)) return 'x509: certificate relies on legacy Common Name field, use SANs instead';
  if (address !== undefined && addresses.length === 0)
    return `x509: cannot validate certificate for ${host} because it doesn't contain any IP SANs`;
  const valid = (address === undefined ? names : addresses.map(formatAddress)).join(', ');
  return valid === ''
    ? `x509: certificate is not valid for any names, but wanted to match ${host}`
    : `x509: certificate is valid for ${valid}, not ${host}`;
}

/** RFC 6125 as Go has it: `*` stands for the whole first label. */
function covers(pattern: string, host: string): boolean {
  const [wanted, name] = [pattern, host].map((text) => text.toLowerCase().replace(/\.$/, ''));
  if (wanted === undefined || name === undefined || wanted === '') return false;
  return wanted.startsWith('*.') ? wanted.slice(1) === name.replace(/^[^.]+/, '') : wanted === name;
}
