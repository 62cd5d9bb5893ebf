import type { Selection } from '../../src/index.ts';

/** What `explain` is asked where no option is given. */
export const noOptions: Selection = {
  lookups: [],
  workload: undefined,
  at: undefined,
  failures: false,
  stale: false,
  slowest: 0,
};
