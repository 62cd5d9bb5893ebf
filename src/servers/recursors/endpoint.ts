import { parseAddress, parseEndpoint } from '../../network/address.ts';
import type { Endpoint } from '../../network/packet.ts';
import type { ServerDescription } from '../description.ts';

const dnsPort = 53;

/** Whom a recursor asks, by zone. */
export type UpstreamNames = Pick<Extract<ServerDescription, { role: 'recursor' }>, 'upstreams' | 'stubs'>;

/** `192.0.2.1` or `192.0.2.1:53`. */
export function endpointOf(server: string): Endpoint {
  return parseEndpoint(server) ?? { address: parseAddress(server) ?? 0, port: dnsPort };
}
