import { run as original } from '../../src/index.ts';

export * from '../../src/index.ts';

/** What `run` does when commands call it. */
export const library = { run: original };

export const run: typeof original = (scenario, options) => library.run(scenario, options);
