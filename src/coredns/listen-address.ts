import type { Dispenser } from './corefile/dispenser.ts';

/** The one argument that `health`, `ready` and `prometheus` may have: `host:port` to listen on. */
export function listenAddress(words: Dispenser): string | undefined {
  const [address, more] = words.remainingArguments();
  if (more !== undefined) throw words.argumentError();
  if (address?.includes(':') === false) throw words.plainError(missingPort(address));
  return address;
}

/** Go's net.SplitHostPort of an address without a colon. */
export function missingPort(address: string): string {
  return address === '' ? 'missing port in address' : `address ${address}: missing port in address`;
}
