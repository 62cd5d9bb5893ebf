import type { Message } from '../dns/message.ts';

/** The addresses in replies, each once, IPv4 first. */
export function addressesOf(replies: readonly Message[]): string[] {
  const addresses: string[] = [];
  for (const type of ['A', 'AAAA'])
    for (const { answer } of replies)
      for (const { data } of answer)
        if ((data.type === 'A' || data.type === 'AAAA') && data.type === type) addresses.push(data.address);
  return addresses.length > 1 ? [...new Set(addresses)] : addresses;
}
