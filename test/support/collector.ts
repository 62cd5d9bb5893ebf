import { second } from '../../src/engine/time.ts';

/** Of the recordings' machine: other namespaces kept it busy, so that what expired was gone 1.2 to 3.6 s later. */
export const recordedCollectorInterval = 4 * second;
