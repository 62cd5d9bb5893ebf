import { recordKind } from '../engine/recorder.ts';

/** A query came over a TCP connection that waits until one of those that are served ends. `places`: how many are served at once. */
export const connectionWaits = recordKind('tcp.connection-waits', { places: 'number' });
