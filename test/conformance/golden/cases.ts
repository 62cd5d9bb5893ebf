import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { inRelease, since } from '../../../src/coredns/history.ts';
import { type ReleaseName, releaseNames } from '../../../src/coredns/releases.ts';

const facts = z.record(z.string(), z.unknown());
const variant = z.object({ versions: z.string(), given: facts, expect: facts });
const head = z.object({ id: z.string(), area: z.string() });
const file = z.object({
  cases: z.array(z.union([head.extend({ variants: z.array(variant) }), head.extend(variant.shape)])),
});

export type Facts = z.infer<typeof facts>;

/** One statement restated from CoreDNS's own tests, and the releases for which it holds. */
export interface GoldenCase {
  readonly id: string;
  /** Which of the case's variants. */
  readonly number: number;
  readonly releases: readonly ReleaseName[];
  readonly given: Facts;
  readonly expect: Facts;
}

/** The golden cases, a row for each variant. */
export function goldenCases(path: string): GoldenCase[] {
  const { cases } = file.parse(JSON.parse(readFileSync(path, 'utf8')));
  return cases.flatMap((one) => {
    const variants = 'variants' in one ? one.variants : [one];
    return variants.map(({ versions, given, expect }, i) => {
      return { id: one.id, number: i + 1, releases: releasesIn(versions), given, expect };
    });
  });
}

/** `>=1.6.8`, `<1.11.0 or 1.11.1`, `<1.14.7 (a remark)`. */
function releasesIn(versions: string): ReleaseName[] {
  const ranges = versions.replace(/\(.*\)/, '').split(' or ');
  return releaseNames.filter((name) => ranges.some((range) => isIn(name, range.trim())));
}

function isIn(name: ReleaseName, range: string): boolean {
  const [, sign = '', limit = ''] = /^(>=|<)?(.*)$/.exec(range) ?? [];
  if (sign === '') return name === limit;
  return inRelease(since(limit), name) === (sign === '>=');
}
