import { coreDnsPlugin, coreDnsReply, coreDnsRequest } from '../coredns/records.ts';
import type { ColumnStore, Row } from '../engine/columns.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Micros } from '../engine/time.ts';
import { type Evidence, evidenceOf } from './evidence-of.ts';
import type { Quote } from './quote.ts';
import type { Truth } from './truth.ts';
import { inSeconds, processTitle, shortPlace, withoutDot } from './words.ts';

type Decision = Row<typeof coreDnsPlugin.columns>;

/** What CoreDNS answered with an error or a denial, or not at all, and what of its Corefile or of the cluster made it so. */
export function* replyEvidence(
  store: ColumnStore,
  quote: Quote,
  truth: Pick<Truth, 'absentService'>,
): Generator<Evidence> {
  yield* aclEvidence(store, quote);
  const rewrites = new Map<string, Decision>();
  for (const row of store.rows(coreDnsPlugin)) if (row.cause === 'rewritten') rewrites.set(keyOf(row), row);
  const unserved = new Set<string>();
  for (const row of store.rows(coreDnsRequest)) if (row.cause === 'no-zone') unserved.add(keyOf(row));
  for (const row of store.rows(coreDnsReply)) {
    if (row.rcode === 'NOERROR') continue;
    const answered = `${processTitle(row.at)} answered ${row.rcode}`;
    const rewrite = row.rcode === 'NXDOMAIN' ? rewrites.get(keyOf(row)) : undefined;
    const name = rewrite === undefined ? row.name : (rewrite.result.split(' ')[0] ?? row.name);
    const absent = row.rcode === 'NXDOMAIN' ? absentService(name, row.t, truth) : undefined;
    if (absent !== undefined) {
      const text = `${answered} for ${withoutDot(name)}: ${absent.text}`;
      yield evidenceOf(row, 'end', absent.cause, text, 0, absent.text);
    } else if (rewrite !== undefined) {
      const line = `\`${quote(rewrite.at, rewrite.place, rewrite.t)}\` (${shortPlace(rewrite.place)})`;
      const made = `${withoutDot(row.name)} had been rewritten to ${withoutDot(name)}`;
      yield evidenceOf(row, 'end', 'rewritten-nxdomain', `${answered}: ${made} because of ${line}`, 0, made);
    } else {
      const why = unserved.has(keyOf(row)) ? ', as no server block of its Corefile is for that name' : '';
      yield evidenceOf(row, 'answer', row.rcode.toLowerCase(), `${answered}${why}`);
    }
  }
}

/** Why the name of a Service is denied rightly, as far as that is known. */
function absentService(
  name: string,
  t: Micros,
  truth: Pick<Truth, 'absentService'>,
): { readonly cause: string; readonly text: string } | undefined {
  const absent = truth.absentService(name, t);
  if (absent === undefined) return undefined;
  const since = inSeconds(absent.since);
  if (absent.isDeleted) return { cause: 'deleted-service-nxdomain', text: `${absent.service} was deleted at ${since}` };
  const text = `${absent.service}, a headless Service, has had no ready end point since ${since}`;
  return { cause: 'empty-service-nxdomain', text };
}

/** Whom the plugin acl did not serve. */
function* aclEvidence(store: ColumnStore, quote: Quote): Generator<Evidence> {
  for (const row of store.rows(coreDnsPlugin)) {
    const did = aclActions[row.cause];
    if (did === undefined) continue;
    const line = `\`${quote(row.at, row.place, row.t)}\` (${shortPlace(row.place)})`;
    // An empty answer is one.
    const cause = row.cause === 'acl-filter' ? 'acl-nodata' : 'acl';
    yield evidenceOf(row, 'end', cause, `${processTitle(row.at)} ${did} because of ${line}`);
  }
}

const aclActions: Readonly<Record<string, string>> = {
  'acl-block': 'refused to serve that client',
  'acl-drop': 'did not answer that client',
  'acl-filter': 'gave that client an empty answer',
};

/** Queries of one strand may pass two processes. */
function keyOf({ at, trace }: { readonly at: string; readonly trace: TraceId }): string {
  return `${trace} ${at}`;
}
