import { absolute, isSendable } from '../../dns/name.ts';
import type { Process } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import { glibcPreference, inOrder } from '../address-order.ts';
import { addressesOf } from '../addresses.ts';
import type { HostsFile } from '../hosts-file.ts';
import { isMiszoned, literalOf } from '../literal.ts';
import type { Family, Lookup, LookupResult } from '../lookup.ts';
import type { NssSource, NssStatus } from '../nsswitch.ts';
import { libcServer } from '../server-address.ts';
import { firstBuffer, resultLength } from './result-buffer.ts';
import { type HostError, search, type Types } from './search.ts';
import type { GlibcThread } from './thread.ts';

/** Values of asm-generic/errno-base.h and errno.h. */
const eagain = 11;
const ebusy = 16;
const einval = 22;
const emsgsize = 90;

/** What gai_strerror prints. */
const printed = {
  EAI_NONAME: 'Name or service not known',
  EAI_NODATA: 'No address associated with hostname',
  EAI_AGAIN: 'Temporary failure in name resolution',
  EAI_SYSTEM: 'System error',
  EAI_ADDRFAMILY: 'Address family for hostname not supported',
} as const;
type EaiError = keyof typeof printed;

/** What of the host decides beside resolv.conf. */
export interface GlibcHost {
  readonly hosts: HostsFile;
  /** The `hosts` line of nsswitch.conf. */
  readonly sources: readonly NssSource[];
  /** An IPv6 address beside ::1, be it link-local. */
  readonly hasIpv6: boolean;
}

/** What one source of names said. */
type Said =
  | { readonly status: 'SUCCESS'; readonly addresses: readonly string[] }
  | { readonly status: Exclude<NssStatus, 'SUCCESS'>; readonly error: EaiError; readonly errno?: number };

/** getaddrinfo(3): the sources of nsswitch.conf in turn; what the last of them said is the result (`get_nss_addresses`). */
export function* getaddrinfo(
  thread: GlibcThread,
  host: GlibcHost,
  lookup: Lookup,
  trace: TraceId,
): Process<LookupResult> {
  thread.refresh();
  const literal = fromLiteral(lookup);
  if (literal !== undefined) return literal;
  const onlyIpv4 = lookup.addressConfiguration === true && lookup.family === 'any' && !host.hasIpv6;
  const family = onlyIpv4 ? 'ipv4' : lookup.family;
  // AF_INET alone goes through gethostbyname2, which words some failures differently.
  const byName = family === 'ipv4' && lookup.canonicalName !== true;
  let [said, errno]: [Said, number] = [{ status: 'UNAVAIL', error: 'EAI_NONAME' }, 0];
  let hasReadFile = false;
  for (const source of host.sources) {
    if (source.name === 'dns') {
      said = yield* fromDns(thread, lookup.name, family, byName, trace);
      // nss_dns puts back the errno that it found, which is what reading the file has left.
      const before = hasReadFile && !byName ? einval : 0;
      errno = (said.status === 'SUCCESS' ? undefined : said.errno) ?? before;
    } else if (isFile(source)) {
      said = fromFile(host.hosts, lookup.name, family);
      errno = byName ? 0 : errno;
      hasReadFile = true;
    } else if (!byName) {
      // gethostbyname2 passes over a module that is not installed.
      [said, errno] = [{ status: 'UNAVAIL', error: 'EAI_SYSTEM' }, ebusy];
    }
    if (source.returnsOn.has(said.status)) break;
  }
  if (said.status === 'SUCCESS') return found(inOrder(said.addresses, thread.process.client.sockets, glibcPreference));
  return failed(said.error, errno);
}

function fromLiteral({ name, family }: Lookup): LookupResult | undefined {
  if (isMiszoned(name)) return failed('EAI_NONAME', einval);
  const literal = literalOf(name, family, libcServer, ['ipv4']);
  if (typeof literal === 'object') return found([literal.address]);
  return literal === undefined ? undefined : failed('EAI_ADDRFAMILY', 0);
}

function failed(error: EaiError, errno: number): LookupResult {
  return { result: error, addresses: [], printed: printed[error], errno };
}

const isFile = ({ name }: NssSource): boolean => name === 'files';

function fromFile(hosts: HostsFile, name: string, family: Family): Said {
  const addresses = hosts.look(name, family);
  return addresses.length > 0 ? { status: 'SUCCESS', addresses } : { status: 'NOTFOUND', error: 'EAI_NONAME' };
}

/** nss_dns (resolv/nss_dns/dns-host.c). */
function* fromDns(thread: GlibcThread, name: string, family: Family, byName: boolean, trace: TraceId): Process<Said> {
  if (!isHostName(name)) return { status: 'NOTFOUND', error: 'EAI_NONAME', ...(!fits(name) && { errno: emsgsize }) };
  const noAaaa = thread.conf.flags.has('no-aaaa');
  const types: Types = family === 'ipv6' ? ['AAAA'] : family === 'ipv4' || noAaaa ? ['A'] : ['A', 'AAAA'];
  let answer = yield* search(thread, name, types, trace);
  // A result that does not fit is not kept: with a larger buffer everything is asked for again.
  for (let room = firstBuffer; 'replies' in answer; room *= 2) {
    const addresses = addressesOf(answer.replies);
    if (addresses.length === 0) return { status: 'NOTFOUND', error: 'EAI_NONAME' };
    if (resultLength(answer.replies, family, thread.process.release) <= room) return { status: 'SUCCESS', addresses };
    answer = yield* search(thread, name, types, trace);
  }
  const isUnavailable = thread.errno === 'ECONNREFUSED' || thread.errno === 'ETIMEDOUT';
  const error = errorOf(answer.error, byName && !isUnavailable);
  const errno = error === 'EAI_AGAIN' ? { errno: eagain } : {};
  return { status: isUnavailable ? 'UNAVAIL' : 'NOTFOUND', error, ...errno };
}

/**
 * For AF_INET alone a failure is temporary only when the last exchange itself failed: a SERVFAIL that came by TCP, or before
 * a candidate that was answered, is not.
 */
function errorOf(error: HostError, isLasting: boolean): EaiError {
  if (error === 'TRY_AGAIN') return isLasting ? 'EAI_NONAME' : 'EAI_AGAIN';
  return error === 'NO_DATA' ? 'EAI_NODATA' : 'EAI_NONAME';
}

/** `res_hnok`: for anything else no query is made. */
function isHostName(name: string): boolean {
  return fits(name) && !name.startsWith('-') && /^[\w.-]*$/.test(name);
}

function fits(name: string): boolean {
  return isSendable(absolute(name));
}

function found(addresses: readonly string[]): LookupResult {
  return { result: 'OK', addresses, printed: '', errno: 0 };
}
