import { query } from '../../../dns/build.ts';
import type { Message } from '../../../dns/message.ts';
import { type Process, timedOut } from '../../../engine/process.ts';
import { noTrace } from '../../../engine/recorder.ts';
import { second } from '../../../engine/time.ts';
import { isSocketError } from '../../../kernel/socket/socket.ts';
import { formatEndpoint, parseAddress, parseEndpoint } from '../../../network/address.ts';
import type { Address, Endpoint } from '../../../network/packet.ts';
import { exchangeUdp } from '../../../transport/exchange.ts';
import { inRelease, since } from '../../history.ts';
import { readResolvConf } from '../../resolv-conf.ts';
import { dialError, transferError } from './errors.ts';
import type { Surroundings } from './forward.ts';

const timeout = 2 * second;
const asksAbsolute = since('1.15.0');

/** The addresses of a host name in TO, asked once at start; or the text of the error. */
export function* lookUpHost(
  setup: Surroundings,
  name: string,
  resolvers: readonly string[],
): Process<Address[] | string> {
  const found = resolvers.length > 0 ? yield* askEach(setup, name, resolvers) : yield* askSystem(setup, name);
  return typeof found === 'string' ? `failed to resolve "${name}": ${found}` : found;
}

/** `resolver A B`: A, then AAAA, of each until one has addresses. */
function* askEach(setup: Surroundings, name: string, resolvers: readonly string[]): Process<Address[] | string> {
  let error: string | undefined;
  for (const text of resolvers) {
    const to = parseEndpoint(text) ?? withPort(text);
    if (to === undefined) continue;
    const reply = yield* ask(setup, name, 'A', to);
    if (typeof reply === 'string') {
      error = reply;
      continue;
    }
    const ipv6 = yield* ask(setup, name, 'AAAA', to);
    const addresses = [...addressesOf(reply), ...(typeof ipv6 === 'string' ? [] : addressesOf(ipv6))];
    if (addresses.length > 0) return addresses;
  }
  return `no addresses found for "${name}"${error === undefined ? '' : `: ${error}`}`;
}

/** The host's own resolver, as Go's `net.LookupHost` words its errors. */
function* askSystem(setup: Surroundings, name: string): Process<Address[] | string> {
  const shown = inRelease(asksAbsolute, setup.release.name) && !name.endsWith('.') ? `${name}.` : name;
  if (/(^|\.)\d+\.?$/.test(name) || !isHostName(name)) return `lookup ${shown}: no such host`;
  const { servers } = readResolvConf(setup.files.read('/etc/resolv.conf') ?? '');
  const to = servers.map(withPort).find((server) => server !== undefined) ?? ownServer;
  const reply = yield* ask(setup, name, 'A', to);
  if (typeof reply === 'string') return `lookup ${shown} on ${formatEndpoint(to)}: ${reply}`;
  const addresses = addressesOf(reply);
  return addresses.length > 0 ? addresses : `lookup ${shown} on ${formatEndpoint(to)}: no such host`;
}

/** Whom Go asks where resolv.conf names nobody (`defaultNS` of net/dnsconfig_unix.go). */
const ownServer: Endpoint = { address: 0x7f000001, port: 53 };

function withPort(address: string): Endpoint | undefined {
  const parsed = parseAddress(address);
  return parsed === undefined ? undefined : { address: parsed, port: 53 };
}

function addressesOf(reply: Message): Address[] {
  return reply.answer
    .map(({ data }) => (data.type === 'A' || data.type === 'AAAA' ? parseAddress(data.address) : undefined))
    .filter((address) => address !== undefined);
}

function* ask(setup: Surroundings, name: string, type: string, to: Endpoint): Process<Message | string> {
  const { simulation, sockets, owner } = setup;
  const socket = sockets.udp({ owner });
  if (isSocketError(socket)) return dialError('udp', to, socket.error);
  const refused = socket.connect(to);
  if (refused !== undefined) {
    socket.close();
    return dialError('udp', to, refused.error);
  }
  const id = simulation.stream(`${owner}/forward`).integer(65_536);
  const message = query(id, { name: name.endsWith('.') ? name : `${name}.`, type });
  const trace = simulation.recorder.trace(noTrace);
  const got = yield* exchangeUdp(socket, message, trace, simulation.now + timeout);
  const { local } = socket;
  socket.close();
  if (got === timedOut) return transferError('read', 'udp', local, to, undefined);
  if (isSocketError(got)) return transferError('read', 'udp', local, to, got.error);
  return 'message' in got ? got.message : got.unpackError;
}

/** What Go asks the DNS for at all (`net.isDomainName`): letters, digits, `-` and `_`, no hyphen at a label's ends. */
function isHostName(name: string): boolean {
  const labels = name.replace(/\.$/, '').split('.');
  return labels.every((label) => /^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?$/.test(label));
}
