/**
 * A copy of a value that is still to be changed: `const copy = copyOf(packet); copy.ttl = 63;`.
 * V8 does that many times faster than a spread with other fields behind it, which counts where it is done for each packet.
 */
export type Changeable<T> = { -readonly [K in keyof T]: T[K] };
