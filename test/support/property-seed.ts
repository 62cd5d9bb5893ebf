import fc from 'fast-check';

/** Properties draw the same cases in every run of the tests; FC_SEED=2 draws others. */
fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 1) });
