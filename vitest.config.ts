import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest come first, so that no worker is left alone with one of them at the end. */
const longest = [
  'test/scenarios/bundled.test.ts',
  'test/docs/tutorials.test.ts',
  'test/conformance/conformance.test.ts',
  'test/conformance/random.test.ts',
  'test/explain/explain.test.ts',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => longest.findIndex((file) => moduleId.endsWith(file));
    const isLong = (file: TestSpecification) => place(file) >= 0;
    const others = await super.sort(files.filter((file) => !isLong(file)));
    return [...files.filter(isLong).sort((a, b) => place(a) - place(b)), ...others];
  }
}

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    maxWorkers: 2,
    execArgv: [
      // Most of what a run makes is soon gone: with room for it, less is moved before it goes.
      '--min-semi-space-size=64',
      '--max-semi-space-size=64',
      // Each processor has a worker: threads that help to collect garbage only get in the way.
      '--no-parallel-scavenge',
      `--import=${new URL('test/support/typescript.mjs', import.meta.url)}`,
    ],
    // Modules are Node's own: what stands in a loop runs as fast as in the built command.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    // Nothing under test keeps state in a module: each worker reads the modules once for all its files.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    setupFiles: ['test/support/property-seed.ts'],
    testTimeout: 120_000,
    reporters: ['default'],
  },
});
