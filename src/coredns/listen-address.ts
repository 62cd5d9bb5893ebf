import type { Dispenser } from './corefile/dispenser.ts';

/** The one argument that `health`, `ready` and `prometheus` may have: `host:port` to listen on. */
export function listenAddress(words: Dispenser): string | undefined {
  const [address, more] = words.remainingArguments();
  if (more !== undefined) throw words.argumentError();
  if (address?.includes(':') === false) throw words.plainError(`address ${address}: missing port in address`);
  return address;
}
