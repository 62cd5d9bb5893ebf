import * as z from 'zod';
import type { Distribution } from '../../engine/distribution.ts';
import { minute } from '../../engine/time.ts';
import { formatAddress, formatPrefix, parseAddress, parsePrefix } from '../../network/address.ts';
import { parseDuration } from '../duration.ts';

/** Carried by a schema issue of ours into the problem that the user sees. */
export interface IssueNotes {
  readonly code: string;
  readonly hint: string;
}

function notes(code: string, hint: string): { params: IssueNotes & Record<string, unknown> } {
  return { params: { code, hint } };
}

/** A required key that is absent is named as such, whatever its type. */
function missing(value: unknown, ctx: z.core.$RefinementCtx): value is undefined {
  if (value !== undefined) return false;
  ctx.addIssue({ code: 'custom', message: 'is required', ...notes('missing-key', '') });
  return true;
}

/** A key that is required here, though not everywhere. */
export function requiredKey(ctx: z.core.$RefinementCtx, key: string, hint: string): never {
  ctx.addIssue({ code: 'custom', path: [key], message: 'is required', ...notes('missing-key', hint) });
  return z.NEVER;
}

/** Ten years: times within a run stay exact numbers of microseconds. */
const longest = 87_600 * 60 * minute;

/** A span of time: text with a unit; microseconds inside. */
export const duration = z
  .unknown()
  .transform((value, ctx): number => {
    if (missing(value, ctx)) return z.NEVER;
    if (typeof value === 'number') {
      ctx.addIssue({
        code: 'custom',
        message: `${value} has no unit`,
        ...notes('unit-missing', `write ${value}s for seconds or ${value}ms for milliseconds`),
      });
      return z.NEVER;
    }
    const span = typeof value === 'string' ? parseDuration(value) : undefined;
    if (span !== undefined && span <= longest) return span;
    if (span !== undefined) {
      ctx.addIssue({
        code: 'custom',
        message: `${JSON.stringify(value)} is more than ten years`,
        ...notes('out-of-range', 'write at most 87600h'),
      });
      return z.NEVER;
    }
    ctx.addIssue({
      code: 'custom',
      message: `${JSON.stringify(value)} is not a duration`,
      ...notes('bad-duration', 'write a number and a unit (us, ms, s, m, h), such as 200us, 1.5s or 1m30s'),
    });
    return z.NEVER;
  })
  .meta({ type: 'string', pattern: '^(\\d+(\\.\\d+)?(us|µs|ms|s|m|h))+$', examples: ['1s', '200us', '1m30s'] });

const addressHint = 'write four numbers from 0 to 255, such as 10.0.0.1, or an IPv6 address such as 2001:db8::1';
const networkHint = 'write an address and a prefix length, such as 10.244.0.0/16 or fd00:10:244::/56';

/** An address in its usual form. */
function canonicalAddress(text: string): string | undefined {
  const address = parseAddress(text);
  return address === undefined ? undefined : formatAddress(address);
}

function canonicalNetwork(text: string): string | undefined {
  const prefix = text.includes('/') ? parsePrefix(text) : undefined;
  return prefix === undefined ? undefined : formatPrefix(prefix);
}

/** One that `canonical` can read, in that form. */
function written(what: string, hint: string, canonical: (text: string) => string | undefined) {
  return z
    .string()
    .check((ctx) => {
      if (canonical(ctx.value) !== undefined) return;
      const message = `"${ctx.value}" is not ${what}`;
      ctx.issues.push({ code: 'custom', input: ctx.value, message, ...notes('bad-address', hint) });
    })
    .overwrite((text) => canonical(text) ?? text);
}

/** An IPv4 address in four parts, or one of IPv6. */
export const address = written('an address', addressHint, canonicalAddress).meta({
  examples: ['10.0.0.1', '2001:db8::1'],
});

/** Addresses with a prefix length. */
export const cidr = written('a network', networkHint, canonicalNetwork);

/** One, or a list of one of each family, the primary first. */
function ofFamilies(what: string, hint: string, canonical: (text: string) => string | undefined) {
  return z
    .unknown()
    .transform((value, ctx): readonly string[] => {
      if (missing(value, ctx)) return z.NEVER;
      const entries: readonly unknown[] = Array.isArray(value) ? value : [value];
      const wrong = (message: string, own: string, path: number[] = []) => {
        ctx.addIssue({ code: 'custom', message, path, ...notes('bad-address', own) });
        return z.NEVER;
      };
      const found: string[] = [];
      for (const [i, entry] of entries.entries()) {
        const text = typeof entry === 'string' ? canonical(entry) : undefined;
        if (text === undefined)
          return wrong(`${JSON.stringify(entry)} is not ${what}`, hint, Array.isArray(value) ? [i] : []);
        found.push(text);
      }
      const families = new Set(found.map((text) => text.includes(':')));
      if (found.length === 0 || families.size < found.length)
        return wrong('has not one of each family', 'dual stack is one of IPv4 and one of IPv6');
      return found;
    })
    .meta({
      anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 2 }],
      examples: [],
    });
}

/** An address, or one of each family (dual stack). */
export const addresses = ofFamilies('an address', addressHint, canonicalAddress);

/** A network, or one of each family. */
export const cidrs = ofFamilies('a network', networkHint, canonicalNetwork);

/** A name of ours: of a pod, node, server or workload, and of its host. */
export const label = z.string().check((ctx) => {
  if (/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(ctx.value)) return;
  ctx.issues.push({
    code: 'custom',
    input: ctx.value,
    message: `"${ctx.value}" is not a name`,
    ...notes('bad-name', 'use lower-case letters, digits and hyphens, as Kubernetes does'),
  });
});

/** A DNS name as a program looks it up; `%n` in it stands for a number. */
export const dnsName = z.string().check((ctx) => {
  const name = ctx.value.replaceAll('%n', '1');
  if (
    /^(?!\.)[A-Za-z0-9_*.-]{1,254}$/.test(name) &&
    !name.includes('..') &&
    name.split('.').every((l) => l.length <= 63)
  )
    return;
  ctx.issues.push({
    code: 'custom',
    input: ctx.value,
    message: `"${ctx.value}" is not a domain name`,
    ...notes('bad-name', 'labels of at most 63 letters, digits, hyphens or underscores, separated by dots'),
  });
});

/** Text of an artefact: a path beside the scenario, or the text itself as a block. */
export const artefact = z
  .string()
  .min(1)
  .meta({ description: 'A path relative to the scenario file, or the text itself as a block.' });

interface Limits {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/** Something must lie between two bounds. */
function inOrder({ value, issues }: { readonly value: Limits; readonly issues: unknown[] }): void {
  const { min, max } = value;
  if (min === undefined || max === undefined || min <= max) return;
  const hint = notes('out-of-range', 'make it more, or min less');
  issues.push({ code: 'custom', path: ['max'], input: max, message: 'is less than min', ...hint });
}

/** A whole number or its bounds, both included. */
export const count = z.union([
  z.int().nonnegative(),
  z.strictObject({ min: z.int().nonnegative().optional(), max: z.int().nonnegative().optional() }).check(inOrder),
]);

/** A span of time or its bounds, both included. */
export const span = z.union([
  duration,
  z.strictObject({ min: duration.optional(), max: duration.optional() }).check(inOrder),
]);

const spans = z
  .strictObject({
    median: duration.optional().describe('With p99: lognormal.'),
    p99: duration.optional().describe('With median: lognormal.'),
    mean: duration.optional().describe('Alone: exponential; with deviation: normal.'),
    deviation: duration.optional().describe('With mean: normal.'),
    min: duration.optional().describe('With max: uniform.'),
    max: duration.optional().describe('With min: uniform.'),
    sample: z.array(duration).min(2).optional().describe('As measured: what is drawn is spread as these are.'),
  })
  .transform((given, ctx): Distribution => {
    const found = distributionOf(given);
    if (found !== undefined) return found;
    ctx.addIssue({
      code: 'custom',
      path: Object.keys(given).slice(0, 1),
      message: 'does not make a distribution',
      ...notes(
        'bad-distribution',
        'write { median, p99 } with p99 the longer, { mean, deviation }, { mean }, { min, max } with max the longer, or { sample: […] }',
      ),
    });
    return z.NEVER;
  });

interface Spans {
  readonly median?: number | undefined;
  readonly p99?: number | undefined;
  readonly mean?: number | undefined;
  readonly deviation?: number | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly sample?: readonly number[] | undefined;
}

function distributionOf({ median, p99, mean, deviation, min, max, sample }: Spans): Distribution | undefined {
  const keys = Object.values({ median, p99, mean, deviation, min, max, sample }).filter((v) => v !== undefined);
  if (keys.length === 1 && sample !== undefined) return { kind: 'empirical', sample: sample.toSorted((a, b) => a - b) };
  if (keys.length === 1 && mean !== undefined) return { kind: 'exponential', mean };
  if (keys.length !== 2) return undefined;
  if (median !== undefined && p99 !== undefined && p99 > median && median > 0)
    return { kind: 'lognormal', median, p99 };
  if (mean !== undefined && deviation !== undefined) return { kind: 'normal', mean, deviation };
  if (min !== undefined && max !== undefined && max >= min) return { kind: 'uniform', min, max };
  return undefined;
}

/** A span of time, or how it is spread. */
export const distribution = z.union([
  duration.transform((value): Distribution => ({ kind: 'constant', value })),
  spans,
]);
