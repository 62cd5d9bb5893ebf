import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { ProblemsFound } from '../../src/problem/problem.ts';
import { observe } from './coredns.ts';
import { recordings } from './find.ts';

const said = z.object({ releases: z.array(z.string()), exit: z.number().nullable(), log: z.array(z.string()) });
const start = z.object({
  corefile: z.string(),
  environment: z.record(z.string(), z.string()).optional(),
  says: z.array(said),
});
const { files, starts } = z
  .object({ files: z.record(z.string(), z.string()), starts: z.array(start) })
  .parse(JSON.parse(readFileSync(join(recordings, 'coredns', 'starts.json'), 'utf8')));

const seen = z.object({
  observed: z.tuple([
    z.object({ log: z.object({ c1: z.array(z.string()) }), exit: z.object({ c1: z.number().nullable() }) }),
  ]),
});

/** What a release says to a Corefile when it starts; undefined: it asks for what is not modelled. */
function starting({ corefile, environment }: z.infer<typeof start>, release: string) {
  const addresses = ['10.9.0.1', '10.9.0.11', '10.9.0.21', '10.9.0.22', '10.9.0.29'];
  const c1 = { corefile, files, env: environment ?? {} };
  try {
    const recording = { id: 'corefile-start', releases: [release], startup_only: true, addresses, coredns: { c1 } };
    const [{ log, exit }] = seen.parse(observe('start', recording)).observed;
    const lines = log.c1.filter((line) => !/^CoreDNS-|Running configuration/.test(line));
    return { exit: exit.c1, log: lines.map((line) => line.trim()).filter((line) => line !== '') };
  } catch (error) {
    if (error instanceof ProblemsFound) return undefined;
    throw error;
  }
}

test(`${starts.length} Corefiles are accepted or refused as real processes did, in their words`, () => {
  const differences: unknown[] = [];
  for (const one of starts) {
    for (const { releases, exit, log } of one.says) {
      for (const release of releases) {
        const shown = starting(one, release);
        if (shown === undefined || JSON.stringify(shown) === JSON.stringify({ exit, log })) continue;
        differences.push({ release, corefile: one.corefile, real: { exit, log }, shown });
      }
    }
  }
  expect(differences).toEqual([]);
});
