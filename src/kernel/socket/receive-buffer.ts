/** Octets of IP and link headers, and of what an Ethernet packet holds behind the IP header. */
const headroom = 52;
const fragmentData = 1480;
/** What kmalloc leaves for a packet of its buffers, and what the kernel counts for each, `struct sk_buff` included. */
const buffers = [
  { holds: 256, counts: 832 },
  { holds: 704, counts: 1280 },
  { holds: Number.POSITIVE_INFINITY, counts: 2304 },
] as const;

/**
 * What a datagram that waits counts against its socket's SO_RCVBUF (skb->truesize). Measured on 6.18 with 212992 octets:
 * 256 datagrams of up to 193 octets, 166 of 200 to 641, 92 of 650 to 1472, 59 of 2000, 30 of 4000.
 */
export function bufferUse(size: number): number {
  let sum = 0;
  for (let left = size + 8; left > 0; left -= fragmentData) {
    const data = Math.min(left, fragmentData);
    sum += buffers.find(({ holds }) => data + headroom <= holds)?.counts ?? 0;
  }
  return sum;
}
