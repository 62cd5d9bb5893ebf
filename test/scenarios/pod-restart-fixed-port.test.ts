import { expect, test } from 'vitest';
import { disk } from '../../src/cli/disk.ts';
import { loadScenario, run } from '../../src/index.ts';
import { conntrackText } from '../../src/report/conntrack.ts';

const finished = run(loadScenario(new URL('../../scenarios/pod-restart-fixed-port', import.meta.url).pathname, disk));

test('every query from the fixed port fails for the entry that was born in the gap', () => {
  const [orders] = finished.analysis.workloads;
  const failed = (orders?.lookups ?? []).filter(({ verdict }) => verdict === 'failed');
  const [first, ...rest] = failed.map((lookup) => finished.analysis.why(lookup));
  expect(first?.sentence).toContain('the packet met no conntrack entry and no rule stood for 10.43.0.10:53');
  expect(rest).toHaveLength(21);
  for (const { cause, sentence } of rest) {
    expect(cause).toBe('stuck-conntrack-entry');
    expect(sentence).toMatch(
      /matched the conntrack entry born at 65\.003 s, while no rule stood for 10\.43\.0\.10:53 .* it left node-1 as 172\.20\.112\.199:\d+ to 10\.43\.0\.10:53, where nobody answers; the entry was refreshed to 30 s by this very packet/,
    );
  }
});

test('conntrack -E and -L read as those of the field report', () => {
  const lines = conntrackText(finished)
    .split('\n')
    .filter((line) => line.includes('sport=52421'));
  const good = 'src=10.42.0.33 dst=10.43.0.10 sport=52421 dport=53';
  const answered = 'src=172.20.112.199 dst=10.42.0.33 sport=53 dport=52421';
  expect(
    lines.map((line) => line.replace(/dport=\d{5}(?= mark|$)/, 'dport=PORT').replace(/^\[[\d.]+\]\t/, '')),
  ).toEqual([
    `    [NEW] udp      17 30 ${good} [UNREPLIED] ${answered.replace('52421', 'PORT')}`,
    ` [UPDATE] udp      17 30 ${good} ${answered.replace('52421', 'PORT')}`,
    ` [UPDATE] udp      17 120 ${good} ${answered} [ASSURED]`,
    // The report's conntrack is too old to print who deleted it.
    `[DESTROY] udp      17 ${good} ${answered} [ASSURED] [USERSPACE] portid=4200`,
    `    [NEW] udp      17 30 ${good} [UNREPLIED] src=10.43.0.10 dst=172.20.112.199 sport=53 dport=PORT`,
    `udp      17 25 ${good} [UNREPLIED] src=10.43.0.10 dst=172.20.112.199 sport=53 dport=PORT mark=0 use=1`,
  ]);
});
