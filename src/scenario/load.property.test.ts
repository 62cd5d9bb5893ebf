import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ProblemsFound } from '../problem/problem.ts';
import { loadScenario } from './load.ts';

const base = `title: A change
duration: 2m
cluster:
  nodes: { node-1: { address: 192.168.1.200 } }
  coredns:
    release: 1.11.1
    corefile: |
      .:53 {
        cache 30
        forward . 192.168.1.100
      }
servers:
  corp-dns:
    role: authoritative
    address: 192.168.1.100
    zones: { example.com: "@ 60 IN SOA ns host 1 7200 900 1209600 60\\n@ 60 IN NS ns\\nredis 600 IN A 10.0.0.1\\n" }
links: { default: { latency: 1ms }, app..node-1: { loss: 0.5 } }
pods: { app: { node: node-1, jvm: { ttl: 5 } } }
workloads: { app: { pod: app, lookup: redis.example.com, every: 1s } }
events:
  - { at: 60s, changeRecords: { server: corp-dns, zone: example.com, replace: redis 600 IN A 10.0.0.2 } }
  - { at: 70s, run: { on: node-1, command: conntrack -F } }
expect: [{ workload: app, failures: 0 }]
`;

const edits = fc.array(
  fc.record({
    at: fc.nat(base.length),
    remove: fc.nat(12),
    insert: fc.oneof(
      fc.constantFrom('', ' ', ':', '{', '}', '- ', '\n', '[', '"', '&a ', '*a', '5', '1s', 'x'),
      fc.string({ maxLength: 3 }),
    ),
  }),
  { minLength: 1, maxLength: 4 },
);

test('whatever is broken, what comes is a list of problems, each in its place', () => {
  fc.assert(
    fc.property(edits, (changes) => {
      let text = base;
      for (const { at, remove, insert } of changes) text = text.slice(0, at) + insert + text.slice(at + remove);
      const files = {
        read: (path: string) => (path === 's/scenario.yaml' ? text : undefined),
        isDirectory: (path: string) => path === 's',
      };
      try {
        loadScenario('s', files);
      } catch (error) {
        if (!(error instanceof ProblemsFound)) throw error;
        expect(error.problems.length).toBeGreaterThan(0);
        for (const { line, column, message } of error.problems) {
          expect([line >= 1, column >= 1, message !== '']).toEqual([true, true, true]);
          expect(line).toBeLessThanOrEqual(text.split('\n').length);
        }
      }
    }),
    { numRuns: 100 },
  );
});
