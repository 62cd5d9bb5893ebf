import { expect } from 'vitest';
import { z } from 'zod';
import { holds } from './random-recording.ts';

const reply = z.looseObject({ step: z.number(), rcode: z.string().optional(), answer: z.array(z.string()).optional() });
const run = z.looseObject({
  release: z.string(),
  replies: z.array(reply),
  log: z.record(z.string(), z.array(z.string())).default({}),
  /** Instead of the log where the times of its lines were recorded. */
  log_t: z.record(z.string(), z.array(z.tuple([z.number(), z.string()]))).optional(),
  exit: z.record(z.string(), z.number().nullable()).optional(),
});
type Run = z.infer<typeof run>;

/** What the notes of the reload recordings say stays the same from run to run: texts and answers. */
const texts = ({ log, log_t }: Run): readonly string[] =>
  (log.c1 ?? log_t?.c1?.map(([, line]) => line) ?? []).map((line) => line.trim()).sort();
const answers = ({ replies }: Run) =>
  replies.map(({ step, rcode, answer }) => [step, rcode, [...(answer ?? [])].sort()]);

for (const name of [
  'corefile-reload-bad-setup',
  'corefile-reload-bad-syntax',
  'corefile-reload-cache-lost',
  'corefile-reload-comment-line',
  'corefile-reload-good',
  'corefile-reload-in-flight',
  'corefile-reload-removed',
]) {
  holds(`corefile/${name}.json`, run, (one, real) => {
    expect(texts(one)).toEqual(texts(real));
    expect(answers(one)).toEqual(answers(real));
  });
}

// Three seconds between Reloading and complete where the old instance slept; step 2 may come before or after its end.
holds('corefile/corefile-reload-lameduck.json', run, (one, real) => {
  expect(texts(one)).toEqual(texts(real));
  expect(answers(one).filter(([step]) => step !== 2)).toEqual(answers(real).filter(([step]) => step !== 2));
  const span = ({ log_t }: Run) => {
    const at = (text: string) => log_t?.c1?.find(([, line]) => line.startsWith(text))?.[0] ?? Number.NaN;
    return at('[INFO] Reloading complete') - at('[INFO] Reloading');
  };
  expect(span(one)).toBeCloseTo(span(real), 1);
});

// The count is written at the end of the interval that the first match has opened.
for (const name of ['corefile-errors-consolidate', 'corefile-errors-show-first']) {
  holds(`corefile/${name}.json`, run, (one, real) => {
    expect(one.log_t?.c1?.map(([, line]) => line)).toEqual(real.log_t?.c1?.map(([, line]) => line.trim()));
    for (const [i, [t]] of (real.log_t?.c1 ?? []).entries()) expect(one.log_t?.c1?.[i]?.[0]).toBeCloseTo(t, 1);
  });
}

// One to three warnings.
holds('corefile/corefile-reload-bad-parse-then-back.json', run, (one, real) => {
  expect(new Set(texts(one))).toEqual(new Set(texts(real)));
  expect(texts(one).length).toBeGreaterThanOrEqual(1);
  expect(texts(one).length).toBeLessThanOrEqual(3);
  expect(answers(one)).toEqual(answers(real));
});

holds('corefile/corefile-loop-self.json', run, (one) => {
  expect(one.exit).toEqual({ c1: 1 });
  expect(one.log.c1?.find((line) => line.startsWith('[FATAL]'))).toMatch(
    /^\[FATAL\] plugin\/loop: Loop \(10\.9\.0\.10:\d+ -> 10\.9\.0\.10:53\) detected for zone "\.", see https:\/\/coredns\.io\/plugins\/loop#troubleshooting\. Query: "HINFO \d+\.\d+\."$/,
  );
});

holds('corefile/corefile-loop-no-plugin.json', run, (one, real) => {
  expect(one.replies.map(({ rcode }) => rcode)).toEqual(real.replies.map(({ rcode }) => rcode));
});

// The set of records, CNAME first; more than one order seen.
holds('corefile/corefile-order-loadbalance.json', run, (one, real) => {
  const sets = ({ replies }: Run) =>
    replies.map(({ answer }) => (answer ?? []).map((line) => line.replace(/ \d+ IN/, ' IN')).sort());
  expect(sets(one)).toEqual(sets(real));
  const three = one.replies.filter(({ step }) => step === 0).map(({ answer }) => answer?.join());
  expect(new Set(three).size).toBeGreaterThan(1);
  for (const { answer } of one.replies.filter(({ step }) => step === 1)) expect(answer?.[0]).toContain('CNAME');
});
