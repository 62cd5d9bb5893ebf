import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differences } from '../../src/cli/determinism.ts';
import { loadScenario, run } from '../../src/index.ts';
import { reportFileNames } from '../../src/report/report-file.ts';
import { writeReport } from '../../src/report/write-report.ts';

const zone =
  '$TTL 60\n@ IN SOA ns host 1 7200 900 1209600 60\n@ IN NS ns\nns IN A 192.168.1.100\ndb 20 IN A 10.0.0.1\n';
const corefile = '.:53 {\n  forward . 100.100.2.136\n  cache 30\n}\n';

interface Trouble {
  readonly seed: number;
  readonly loss: number;
  readonly changeAt: number;
  readonly downAt: number;
  readonly answers: 'never' | 'refused' | 'servfail';
  readonly jvm: boolean;
}

function finish({ seed, loss, changeAt, downAt, answers, jvm }: Trouble) {
  const scenario = `
title: Something is wrong
seed: ${seed}
duration: 60s
cluster:
  kubernetes: "1.29"
  nodes: { node-1: { address: 192.168.1.200 }, node-2: { address: 192.168.1.201 } }
  coredns: { release: 1.11.1, replicas: 2, corefile: ./Corefile, serviceIP: 10.96.0.10 }
servers:
  corp-dns: { role: authoritative, address: 192.168.1.100, zones: { example.com: ./zone } }
  vpc-dns: { role: recursor, software: unbound, address: 100.100.2.136, upstreams: { example.com: corp-dns } }
links: { default: { latency: 200us, loss: ${loss} } }
pods:
  app: { node: node-1, resolver: glibc 2.36${jvm ? ', jvm: { release: "17" }' : ''} }
workloads:
  app: { pod: app, lookup: db.example.com., family: any, at: 0.5s, every: 1s }
  nope: { pod: app, lookup: nope.example.com., family: ipv4, at: 0.7s, every: 5s }
events:
  - { at: ${changeAt}s, changeRecords: { server: corp-dns, zone: example.com, replace: db 20 IN A 10.0.0.2 } }
  - { at: ${downAt}s, setServer: { server: vpc-dns, answers: ${answers} } }
`;
  const texts: Record<string, string> = { 'it/scenario.yaml': scenario, 'it/Corefile': corefile, 'it/zone': zone };
  const files = { read: (path: string) => texts[path], isDirectory: (path: string) => path === 'it' };
  return run(loadScenario('it', files));
}

const trouble: fc.Arbitrary<Trouble> = fc.record({
  seed: fc.integer({ min: 1, max: 1000 }),
  loss: fc.constantFrom(0, 0.05, 0.3),
  changeAt: fc.integer({ min: 5, max: 50 }),
  downAt: fc.integer({ min: 5, max: 59 }),
  answers: fc.constantFrom('never', 'refused', 'servfail'),
  jvm: fc.boolean(),
});

/** Many runs: on a busy machine they take longer than a test usually may. */
const timeout = 60_000;

describe('whatever goes wrong', { timeout }, () => {
  it('is explained: each stale answer by the cache that held it, each failure by its cause', () => {
    fc.assert(
      fc.property(trouble, (given) => {
        const { analysis } = finish(given);
        for (const lookup of analysis.workloads.flatMap(({ lookups }) => lookups)) {
          if (lookup.verdict === 'right') continue;
          const { cause, sentence, holders, hops } = analysis.why(lookup);
          expect(['unknown', 'no-query', '']).not.toContain(cause);
          expect(sentence).toMatch(/\.$/);
          const { steps } = analysis.account(lookup);
          expect(steps.at(-1)?.layer).toBe('application');
          expect(steps.map(({ t }) => t)).toEqual(steps.map(({ t }) => t).sort((a, b) => a - b));
          if (lookup.verdict !== 'stale' || cause === 'old-source') continue;
          expect(holders.length).toBeGreaterThan(0);
          const last = hops.at(-1);
          expect(last?.kind).toBe('source');
          expect(last?.t).toBeLessThan(lookup.staleSince ?? Number.NaN);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('is reported in the same bytes for the same seed', async () => {
    const given: Trouble = { seed: 3, loss: 0.05, changeAt: 10, downAt: 40, answers: 'never', jvm: true };
    const [first, second] = [
      await writeReport(finish(given), { charts: true, allEvents: false }),
      await writeReport(finish(given), { charts: true, allEvents: false }),
    ];
    expect(differences(first, second)).toEqual([]);
    const names = first.map(({ name }) => name);
    expect(reportFileNames).toEqual(expect.arrayContaining(names));
    expect(names).toEqual(
      expect.arrayContaining(['summary.json', 'timeline.csv', 'events.jsonl', 'lookups.svg', 'journey.svg']),
    );
  });
});
