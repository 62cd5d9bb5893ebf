import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    maxWorkers: 2,
    // Nothing under test keeps state in a module: each worker reads the modules once for all its files.
    isolate: false,
    setupFiles: ['test/support/property-seed.ts'],
    testTimeout: 120_000,
    reporters: ['default'],
  },
});
