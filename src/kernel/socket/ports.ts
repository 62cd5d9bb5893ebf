import type { RandomStream } from '../../engine/random.ts';

/** net.ipv4.ip_local_port_range. */
const first = 32_768;
const last = 60_999;

/** A random free port of the ephemeral range; undefined when all are taken. */
export function ephemeralPort(draws: RandomStream, taken: (port: number) => boolean): number | undefined {
  const count = last - first + 1;
  const start = draws.integer(count);
  for (let i = 0; i < count; i++) {
    const port = first + ((start + i) % count);
    if (!taken(port)) return port;
  }
  return undefined;
}
