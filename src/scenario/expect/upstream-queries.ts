import type { JudgedLookup } from '../../trace/lookup.ts';
import { formatDuration } from '../duration.ts';
import type { Expectation } from '../schema/scenario.ts';
import { type Bounds, boundsText, type Verdict, within } from './bounds.ts';
import type { WorkloadFacts } from './facts.ts';

/** How each lookup ended: with what, after how long, and why. */
export function outcomes({ results, takes, because, failures, slower }: Expectation, facts: WorkloadFacts): Verdict[] {
  const each = (expected: string, value: (lookup: JudgedLookup) => string, met: (lookup: JudgedLookup) => boolean) =>
    ofEach(expected, facts.lookups, value, met);
  const verdicts: Verdict[] = [];
  if (results !== undefined)
    verdicts.push(
      each(
        `every lookup ends with ${results}`,
        ({ result }) => result,
        ({ result }) => result === results,
      ),
    );
  if (takes !== undefined)
    verdicts.push(
      each(
        `every lookup takes ${boundsText(takes, formatDuration)}`,
        ({ start, end }) => formatDuration(end - start),
        ({ start, end }) => within(end - start, takes),
      ),
    );
  if (slower !== undefined) {
    const { than, count } = slower;
    const found = facts.lookups.filter(({ start, end }) => end - start > than).length;
    verdicts.push({
      expected: `${boundsText(count, String)} lookups slower than ${formatDuration(than)}`,
      met: within(found, count),
      reason: `${found} of ${facts.lookups.length} were`,
    });
  }
  if (because !== undefined && failures !== undefined)
    verdicts.push(
      ofEach(
        `every failed lookup because of ${because}`,
        facts.lookups.filter(({ verdict }) => verdict === 'failed'),
        (lookup) => facts.why(lookup).cause,
        (lookup) => facts.why(lookup).cause === because,
      ),
    );
  else if (because !== undefined)
    verdicts.push(
      each(
        `every lookup fails because of ${because}`,
        (lookup) => (lookup.verdict === 'failed' ? facts.why(lookup).cause : lookup.result),
        (lookup) => lookup.verdict === 'failed' && facts.why(lookup).cause === because,
      ),
    );
  return verdicts;
}

/** What CoreDNS asked upstream for each lookup. */
export function upstreamQueries(
  { count, order, replySize, protocol, errors }: NonNullable<Expectation['upstreamQueries']>,
  { lookups, upstreamQueries: all }: WorkloadFacts,
): Verdict[] {
  const verdicts: Verdict[] = [];
  const asked = (lookup: JudgedLookup) => all(lookup).filter(({ sentAt }) => sentAt <= lookup.end);
  const add = (expected: string, value: (lookup: JudgedLookup) => string, met: (lookup: JudgedLookup) => boolean) =>
    verdicts.push(ofEach(expected, lookups, value, met));
  if (count !== undefined)
    add(
      `${boundsText(count, String)} upstream ${count === 1 ? 'query' : 'queries'} for each lookup`,
      (lookup) => `${asked(lookup).length}`,
      (lookup) => within(asked(lookup).length, count),
    );
  if (order !== undefined) {
    const first = (lookup: JudgedLookup) =>
      asked(lookup)
        .slice(0, order.length)
        .map(({ to }) => to.replace(/:\d+$/, ''))
        .join(', ');
    add(`upstreams are asked in the order ${order.join(', ')}`, first, (lookup) => first(lookup) === order.join(', '));
  }
  if (replySize !== undefined) {
    const sizes = (lookup: JudgedLookup) => [...new Set(asked(lookup).map((query) => query.replySize))];
    add(
      `upstreams reply with ${boundsText(replySize, String)} octets`,
      (lookup) => sizes(lookup).join(', '),
      (lookup) => sizes(lookup).length > 0 && sizes(lookup).every((size) => within(size, replySize)),
    );
  }
  if (protocol !== undefined) {
    const last = (lookup: JudgedLookup) => asked(lookup).at(-1)?.protocol ?? 'none';
    add(`the last upstream query goes over ${protocol}`, last, (lookup) => last(lookup) === protocol);
  }
  if (errors !== undefined) {
    const texts = (lookup: JudgedLookup) => [...new Set(asked(lookup).map(({ error }) => error))];
    add(
      `upstream queries fail with "${errors}"`,
      (lookup) => texts(lookup).join('; '),
      (lookup) => texts(lookup).length > 0 && texts(lookup).every((text) => text.includes(errors)),
    );
  }
  return verdicts;
}

/** How CoreDNS probed upstreams that failed during each lookup. */
export function probes(
  { count, failed }: NonNullable<Expectation['probes']>,
  { lookups, probes: all }: WorkloadFacts,
): Verdict[] {
  const sent = (lookup: JudgedLookup) => all(lookup).filter(({ sentAt }) => sentAt <= lookup.end);
  const unanswered = (lookup: JudgedLookup) => sent(lookup).filter(({ answered }) => !answered);
  const each = (bounds: Bounds | undefined, what: string, own: (lookup: JudgedLookup) => readonly unknown[]) =>
    bounds === undefined
      ? []
      : [
          ofEach(
            `${boundsText(bounds, String)} ${what} for each lookup`,
            lookups,
            (lookup) => `${own(lookup).length}`,
            (lookup) => within(own(lookup).length, bounds),
          ),
        ];
  return [...each(count, 'probes', sent), ...each(failed, 'failed probes', unanswered)];
}

/** One thing that must hold of every lookup. */
export function ofEach(
  expected: string,
  lookups: readonly JudgedLookup[],
  value: (lookup: JudgedLookup) => string,
  met: (lookup: JudgedLookup) => boolean,
): Verdict {
  const [first] = lookups;
  if (first === undefined) return { expected, met: false, reason: 'there was no lookup in this time' };
  const wrong = lookups.find((lookup) => !met(lookup));
  if (wrong === undefined) return { expected, met: true, reason: `the first: ${value(first)}` };
  return { expected, met: false, reason: `at ${formatDuration(wrong.start)}: ${value(wrong)}` };
}
