import type { Process } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import { addressesOf } from '../addresses.ts';
import { type HostsFile, lookInHosts } from '../hosts-file.ts';
import { isAddressLiteral, type Lookup, type LookupResult } from '../lookup.ts';
import { type HostError, search, type Types } from './search.ts';
import type { GlibcThread } from './thread.ts';

/** Values of asm-generic/errno-base.h. */
const eagain = 11;
const einval = 22;

/** What gai_strerror prints. */
const printed = {
  EAI_NONAME: 'Name or service not known',
  EAI_NODATA: 'No address associated with hostname',
  EAI_AGAIN: 'Temporary failure in name resolution',
} as const;
type EaiError = keyof typeof printed;

/** What of the host decides beside resolv.conf. */
export interface GlibcHost {
  readonly hosts: HostsFile;
  /** An IPv6 address beside ::1, be it link-local. */
  readonly hasIpv6: boolean;
}

/** getaddrinfo(3) with `hosts: files dns` in nsswitch.conf. */
export function* getaddrinfo(
  thread: GlibcThread,
  host: GlibcHost,
  lookup: Lookup,
  trace: TraceId,
): Process<LookupResult> {
  thread.refresh();
  if (isAddressLiteral(lookup.name)) return addresses([lookup.name]);
  const family =
    lookup.addressConfiguration === true && lookup.family === 'any' && !host.hasIpv6 ? 'ipv4' : lookup.family;
  const inFile = lookInHosts(host.hosts, lookup.name, family);
  if (inFile.length > 0) return addresses(inFile);

  const types: Types =
    family === 'ipv6' ? ['AAAA'] : family === 'ipv4' || thread.conf.flags.has('no-aaaa') ? ['A'] : ['A', 'AAAA'];
  const found = yield* search(thread, lookup.name, types, trace);
  // AF_INET alone goes through gethostbyname2, which words some failures differently.
  const byName = family === 'ipv4' && lookup.canonicalName !== true;
  if ('error' in found) return failure(byName ? errorByName(found.error, thread) : errorOf(found.error), byName);
  const answered = addressesOf(found.replies);
  return answered.length > 0 ? addresses(answered) : failure('EAI_NONAME', byName);
}

function errorOf(error: HostError): EaiError {
  if (error === 'TRY_AGAIN') return 'EAI_AGAIN';
  return error === 'NO_DATA' ? 'EAI_NODATA' : 'EAI_NONAME';
}

/** A failure is temporary only when the last exchange itself failed: a SERVFAIL that came by TCP, or before a candidate that was answered, is not. */
function errorByName(error: HostError, thread: GlibcThread): EaiError {
  const isUnavailable = thread.errno === 'ECONNREFUSED' || thread.errno === 'ETIMEDOUT';
  if (error === 'NO_DATA') return 'EAI_NODATA';
  return isUnavailable && error === 'TRY_AGAIN' ? 'EAI_AGAIN' : 'EAI_NONAME';
}

function failure(result: EaiError, byName: boolean): LookupResult {
  const errno = result === 'EAI_AGAIN' ? eagain : byName ? 0 : einval;
  return { result, addresses: [], printed: printed[result], errno };
}

function addresses(list: readonly string[]): LookupResult {
  return { result: 'OK', addresses: list, printed: '', errno: 0 };
}
