import { run as original, measuresDrawn as originalMeasures } from '../../src/index.ts';

export * from '../../src/index.ts';

/** What these do when commands call them. */
export const library = { run: original, measuresDrawn: originalMeasures };

export const run: typeof original = (scenario, options) => library.run(scenario, options);

export const measuresDrawn: typeof originalMeasures = (scenario, seed, until) =>
  library.measuresDrawn(scenario, seed, until);
