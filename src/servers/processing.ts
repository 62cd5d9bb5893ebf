import { millisecond } from '../engine/time.ts';

/** What every server outside takes to answer (recordings/README.md: "every server takes 1 ms to answer"). */
export const processingTime = millisecond;
