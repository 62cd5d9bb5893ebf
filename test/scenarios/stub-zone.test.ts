import { describe, expect, test } from 'vitest';
import { disk } from '../../src/cli/disk.ts';
import { type Files, loadScenario, ProblemsFound, run } from '../../src/index.ts';

/** The scenario's files, one of them changed. */
function files(changed: (file: string, text: string) => string): Files {
  return {
    ...disk,
    read: (path) => {
      const text = disk.read(path);
      return text === undefined ? undefined : changed(path, text);
    },
  };
}

test("the report's own text of the node's Corefile, with `loop` twice in one block, is refused with its line", () => {
  const published = files((file, text) =>
    file.endsWith('nodelocaldns-configmap.yaml')
      ? text.replace(/(ip6\.arpa:53 \{\n.*\n.*\n.*\n)( *loop\n)/, '$1$2$2')
      : text,
  );
  const problems = (() => {
    try {
      loadScenario('scenarios/stub-zone', published);
      return [];
    } catch (error) {
      if (error instanceof ProblemsFound) return error.problems;
      throw error;
    }
  })();
  expect(problems.map(({ file, line, message }) => [file, line, message])).toEqual([
    [
      'scenarios/stub-zone/nodelocaldns-configmap.yaml',
      40,
      'plugin/loop: this plugin can only be used once per Server Block',
    ],
  ]);
});

describe('the stub zone is deleted at 60 s: what is left of it goes within 90 + 37.5 + 30 s', () => {
  test.each([1, 2, 3, 4, 5, 6])('seed %s', (seed) => {
    const { analysis } = run(loadScenario('scenarios/stub-zone', disk), { seed });
    const page = analysis.workloads.find(({ summary }) => summary.workload === 'page');
    const [last] = page?.summary.stale.periods.slice(-1) ?? [];
    const old = page?.lookups.findLast(({ verdict }) => verdict === 'stale');
    expect(last).toBeDefined();
    expect((old?.start ?? 0) / 1e6).toBeGreaterThanOrEqual(51);
    expect((old?.start ?? 0) / 1e6).toBeLessThan(60 + 90 + 37.5 + 30);
    const first = page?.lookups.find(({ verdict }) => verdict === 'stale');
    expect(first === undefined ? '' : analysis.why(first).sentence).toContain(
      ' asked 192.0.2.53:53 because of `forward . 192.0.2.53` (coredns-configmap.yaml:32), in the block of api.example.com.',
    );
    // The node's cache is the last to know, or CoreDNS still had the block.
    expect(old === undefined ? '' : analysis.why(old).cause).toMatch(/^(coredns-cache|old-source)$/);
  });
});
