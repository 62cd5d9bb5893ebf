import { expect, test } from 'vitest';
import { disk } from '../../src/cli/disk.ts';
import { type Files, loadScenario, run } from '../../src/index.ts';

const root = new URL('../../scenarios/', import.meta.url).pathname;

/** A scenario's first workload under another release of Kubernetes and kube-proxy: how many lookups fail. */
function failuresWith(scenario: string, release: string): number {
  const files: Files = {
    ...disk,
    read: (path) => {
      const text = disk.read(path);
      return path.endsWith('scenario.yaml') ? text && withRelease(text, release) : text;
    },
  };
  const [first] = run(loadScenario(root + scenario, files)).analysis.workloads;
  return first?.lookups.filter(({ verdict }) => verdict === 'failed').length ?? Number.NaN;
}

function withRelease(text: string, release: string): string {
  const minor = release.replace(/\.\d+$/, '');
  return text
    .replace(/kubernetes: "[\d.]+"/, `kubernetes: "${minor}"`)
    .replace(/kubeProxy: \{ release: [\d.]+/, `kubeProxy: { release: ${release}`);
}

// Facts of kube-proxy's clean-up: only 1.22.0 to 1.22.3 flush before the rule stands and never again.
test.each([
  ['1.20.4', 6],
  ['1.21.0', 6],
  ['1.22.0', 89],
  ['1.22.3', 89],
  ['1.22.4', 6],
  ['1.28.1', 6],
  ['1.31.1', 6],
  ['1.32.0', 6],
  ['1.37.0', 6],
])('endpoints-0-to-n with kube-proxy %s: %i queries fail', (release, failures) => {
  expect(failuresWith('endpoints-0-to-n', release)).toBe(failures);
});

// 1.29.0 to 1.29.9, 1.30.0 to 1.30.5, 1.31.0 and 1.31.1 forget an end point that stopped serving before it went.
test.each([
  ['1.28.15', false],
  ['1.29.0', true],
  ['1.29.9', true],
  ['1.29.10', false],
  ['1.30.5', true],
  ['1.30.6', false],
  ['1.31.1', true],
  ['1.31.2', false],
  ['1.32.0', false],
  ['1.37.0', false],
])('stale-endpoint with kube-proxy %s: lost for good %s', (release, lost) => {
  expect(failuresWith('stale-endpoint', release) > 10).toBe(lost);
});
