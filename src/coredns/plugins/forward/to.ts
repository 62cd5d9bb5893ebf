import { formatEndpoint, parseAddress } from '../../../network/address.ts';
import type { Address } from '../../../network/packet.ts';
import { isDirectory } from '../../corefile/imports.ts';
import { type History, inRelease, since } from '../../history.ts';
import type { Files } from '../../plugin.ts';
import type { ReleaseName } from '../../releases.ts';
import { readResolvConf } from '../../resolv-conf.ts';
import type { To } from './options.ts';
import { forwardBehaviour } from './releases.ts';

const dnsPort = 53;
const knowsNames = since('1.14.4');
const schemes: History<readonly string[]> = [
  ['1.6.7', ['dns', 'tls']],
  ['1.14.5', ['dns', 'tls', 'https']],
  ['1.15.0', ['dns', 'tls', 'https', 'quic']],
];
/** What a list without any server is: accepted, or an error. */
const nothingFound: History<string | undefined> = [
  ['1.6.7', undefined],
  ['1.6.8', 'no nameservers found'],
  ['1.14.5', 'no valid upstream addresses found'],
];
/** One file without any server is an error, whatever else there is. */
const eachNamesServers: History<boolean> = [
  ['1.6.7', false],
  ['1.14.4', true],
  ['1.14.5', false],
];
const emptyWord: History<(word: string) => string> = [
  ['1.6.7', () => 'not an IP address or file: ""'],
  ['1.11.0', (word) => `invalid address: ${JSON.stringify(word)}`],
];
/** Schemes that have a meaning at all. */
const transports: History<readonly string[]> = [
  ['1.6.7', ['dns', 'tls', 'grpc', 'https']],
  ['1.11.0', ['dns', 'tls', 'grpc', 'https', 'quic']],
  ['1.13.2', ['dns', 'tls', 'grpc', 'https', 'quic', 'https3']],
];
/** Ports of the schemes before `://`. */
const schemePorts: Readonly<Record<string, number>> = { dns: dnsPort, tls: 853, grpc: 443, https: 443, quic: 853 };

/** The destinations of a forward line (`parse.HostPortOrFile`), or the text of the error. */
export function readTo(written: readonly string[], files: Files, release: ReleaseName): readonly To[] | string {
  const to: To[] = [];
  for (const word of written) {
    const read = readOne(word, files, release);
    if (typeof read === 'string') return read;
    if (read.length === 0 && inRelease(eachNamesServers, release)) return inRelease(nothingFound, release) ?? to;
    to.push(...read);
  }
  const error = to.length === 0 ? inRelease(nothingFound, release) : undefined;
  return error ?? to;
}

function readOne(word: string, files: Files, release: ReleaseName): readonly To[] | string {
  const { scheme, rest } = transportOf(word, release);
  if (rest === '') return inRelease(emptyWord, release)(word);
  const { namesTlsServers } = forwardBehaviour(release);
  if (!namesTlsServers) {
    const noHost = addressWithName(scheme, rest, release);
    if (noHost !== undefined) return noHost;
  }
  const named = scheme === 'tls' ? splitServerName(rest) : { rest, serverName: '' };
  const { serverName } = named;
  const split = splitHostPort(named.rest);
  const host = split?.host ?? named.rest.replace(/^\[+|\]+$/g, '');
  const address = parseAddress(withoutZone(host)) ?? addressBeforePercent(host);
  if (address !== undefined) return readAddress(scheme, address, split?.port, serverName, release);
  // A directory is a file of no lines.
  const file = isDirectory(files, rest) ? '' : files.read(rest);
  if (file !== undefined) return nameservers(file);
  if (!inRelease(knowsNames, release)) return `not an IP address or file: ${JSON.stringify(rest)}`;
  if ((scheme !== 'dns' && scheme !== 'tls') || !isDomainName(host))
    return `not an IP address, file, or valid domain: "${word}"`;
  const port = split === undefined ? schemePorts[scheme] : Number(split.port);
  return [{ kind: 'name', scheme, name: host, port: port ?? dnsPort, serverName }];
}

/** An IPv4 address with `%` and something behind it, which passes for an address but cannot be asked; undefined: there is none. */
function addressWithName(scheme: string, text: string, release: ReleaseName): readonly To[] | string | undefined {
  const split = splitHostPort(text);
  const host = split?.host ?? text;
  const address = addressBeforePercent(host);
  if (typeof address !== 'number') return undefined;
  const read = readAddress(scheme, address, split?.port, '', release);
  if (typeof read === 'string') return read;
  // Go asks nobody for a name with such a letter.
  const error = `lookup ${host}: no such host`;
  return read.map((to) => ({
    ...to,
    undialled: { name: `${host}:${split?.port ?? schemePorts[scheme] ?? dnsPort}`, error },
  }));
}

/** What stands behind the last `%`, without the port that may follow it. */
function splitServerName(text: string): { rest: string; serverName: string } {
  const [, before = text, serverName = '', port = ''] = /^(.*)%([^:\]%]*)\]?(:[^:]*)?$/s.exec(text) ?? [];
  const address = before.startsWith('[') ? `${before}]` : before;
  return { rest: serverName === '' ? text : `${address}${port}`, serverName };
}

/** The scheme in front, as far as the release knows it. */
function transportOf(word: string, release: ReleaseName): { scheme: string; rest: string } {
  const [, scheme = '', rest = ''] = /^([a-z0-9]+):\/\/(.*)$/s.exec(word) ?? [];
  return inRelease(transports, release).includes(scheme) ? { scheme, rest } : { scheme: 'dns', rest: word };
}

/** Go's net.SplitHostPort; undefined: there is no port, or more than one colon. */
export function splitHostPort(text: string): { host: string; port: string } | undefined {
  const [, bracketed, plain, port = ''] = /^(?:\[([^\]]*)\]|([^:[\]]*)):([^:]*)$/s.exec(text) ?? [];
  const host = bracketed ?? plain;
  return host === undefined ? undefined : { host, port };
}

function readAddress(
  scheme: string,
  address: Address,
  port: string | undefined,
  serverName: string,
  release: ReleaseName,
): readonly To[] | string {
  const number = port === undefined ? (schemePorts[scheme] ?? dnsPort) : Number(port);
  const endpoint = { address, port: number };
  // `parse.HostPortOrFile` knows no port for it, and leaves nothing of the address.
  if (scheme === 'https3' && port === undefined)
    return [
      { kind: 'address', scheme: 'dns', endpoint, serverName, undialled: { name: '', error: 'missing address' } },
    ];
  const refused = forwardBehaviour(release).refusesSchemes && !inRelease(schemes, release).includes(scheme);
  if (refused)
    return `'${scheme}' is not supported as a destination protocol in forward: ${scheme}://${formatEndpoint(endpoint)}`;
  return [{ kind: 'address', scheme, endpoint, serverName }];
}

/** A zone names an interface, which makes no difference to addresses that are not link-local. */
function withoutZone(host: string): string {
  return host.replace(/(:.*)%.*/, '$1');
}

/** The address in front of the last `%`; undefined: there is no `%`, or no address. */
function addressBeforePercent(host: string): Address | undefined {
  const end = host.lastIndexOf('%');
  return end < 0 ? undefined : parseAddress(host.slice(0, end));
}

/** The servers of a file like resolv.conf. */
function nameservers(text: string): readonly To[] {
  const to: To[] = [];
  for (const server of readResolvConf(text).servers) {
    const address = parseAddress(withoutZone(server));
    if (address !== undefined) {
      to.push({ kind: 'address', scheme: 'dns', endpoint: { address, port: dnsPort }, serverName: '' });
    }
  }
  return to;
}

/** `dns.IsDomainName`, for what an operator would write. */
export function isDomainName(text: string): boolean {
  const name = text.replace(/\.$/, '');
  return name.length <= 253 && name.split('.').every((label) => label !== '' && label.length <= 63);
}
