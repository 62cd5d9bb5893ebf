import type { Address, Endpoint } from './packet.ts';

/** `192.0.2.1` of an address. */
export function formatAddress(address: Address): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** `192.0.2.1:53` of an end point. */
export function formatEndpoint({ address, port }: Endpoint): string {
  return `${formatAddress(address)}:${port}`;
}
