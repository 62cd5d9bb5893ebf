import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { observe } from './coredns.ts';
import { recordings } from './find.ts';

const seeds = ['1', '2', '3'];

/**
 * Checks what the note of a recording of CoreDNS says that stays the same from run to run: in every release of it, under
 * several seeds. `file`: below recordings/coredns/; `run`: the part of what is observed of a release that is checked.
 */
export function holds<Run extends { readonly release: string }>(
  file: string,
  run: z.ZodType<Run>,
  check: (one: Run, recorded: Run) => void,
): void {
  const schema = z.looseObject({ observed: z.array(run) });
  const recording: unknown = JSON.parse(readFileSync(join(recordings, 'coredns', file), 'utf8'));
  const recorded = schema.parse(recording).observed;
  describe(file, () => {
    test.each(seeds)('seed %s', (seed) => {
      for (const [i, one] of schema.parse(observe(file, recording, seed)).observed.entries()) {
        const real = recorded[i];
        expect(real?.release).toBe(one.release);
        if (real !== undefined) check(one, real);
      }
    });
  });
}
