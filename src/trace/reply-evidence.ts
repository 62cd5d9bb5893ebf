import { allDownRecord, attemptRecord, overLimitRecord } from '../coredns/plugins/forward/records.ts';
import { coreDnsPlugin, coreDnsReply, coreDnsRequest } from '../coredns/records.ts';
import type { ColumnStore, Row } from '../engine/columns.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Micros } from '../engine/time.ts';
import { type Evidence, evidenceOf } from './evidence-of.ts';
import type { Quote } from './quote.ts';
import type { Truth } from './truth.ts';
import { inSeconds, processTitle, shortPlace, withoutDot } from './words.ts';

/** What a plugin does that leaves a query to the next one. */
const passingOn: readonly string[] = ['not-its-zone', 'not-its-type', 'fallthrough'];

type Decision = Row<typeof coreDnsPlugin.columns>;

/** What CoreDNS answered with an error or a denial, or not at all, and what of its Corefile or of the cluster made it so. */
export function* replyEvidence(
  store: ColumnStore,
  quote: Quote,
  truth: Pick<Truth, 'absentService'>,
): Generator<Evidence> {
  const rewrites = new Map<string, Decision>();
  const why = new Map<string, string>();
  for (const row of store.rows(coreDnsRequest))
    if (row.cause === 'no-zone') why.set(`${keyOf(row)} REFUSED`, ', as no server block of its Corefile is for it');
  for (const row of store.rows(coreDnsPlugin)) {
    yield* aclEvidence(row, quote);
    if (row.cause === 'rewritten') rewrites.set(keyOf(row), row);
    const said = whatSaid(row, quote);
    if (said !== '') why.set(`${keyOf(row)} ${row.cause === 'erratic-drop' ? 'silent' : row.result}`, said);
  }
  for (const [key, last] of untaken(store)) {
    const nobody = `no plugin of its server block takes ${withoutDot(last.name)}`;
    why.set(`${key} unwritten`, `, as ${nobody}: ${lineOf(last, quote)} is the last, and passes it on`);
  }
  for (const row of store.rows(coreDnsReply)) {
    const { at, rcode } = row;
    if (row.cause === 'silent') {
      const said = why.get(`${keyOf(row)} silent`);
      if (said !== undefined) yield evidenceOf(row, 'end', 'erratic', `${processTitle(at)} did not answer${said}`);
      continue;
    }
    if (rcode === 'NOERROR') continue;
    const denial = rcode === 'NXDOMAIN' ? denialEvidence(row, rewrites.get(keyOf(row)), quote, truth) : undefined;
    yield denial ?? errorEvidence(row, why);
  }
}

/** An error, with what made it one; REFUSED with the name of which the server wants to know nothing. */
function errorEvidence(row: Row<typeof coreDnsReply.columns>, why: ReadonlyMap<string, string>): Evidence {
  const { at, rcode, name, cause } = row;
  const untaken = cause === 'unwritten' && rcode === 'SERVFAIL' ? why.get(`${keyOf(row)} unwritten`) : undefined;
  const because = untaken ?? why.get(`${keyOf(row)} ${rcode}`) ?? '';
  const said = `${processTitle(at)} answered ${rcode}`;
  const text = rcode === 'REFUSED' ? `${said} for ${withoutDot(name)}${because}` : `${said}${because}`;
  return evidenceOf(row, 'answer', rcode.toLowerCase(), text, 0, `${said}${because}`);
}

/** The last decisions on queries that one plugin after the other passed on. */
function untaken(store: ColumnStore): ReadonlyMap<string, Decision> {
  const last = new Map<string, Decision>();
  for (const row of store.rows(coreDnsPlugin)) {
    if (passingOn.includes(row.cause)) last.set(keyOf(row), row);
    else last.delete(keyOf(row));
  }
  // A forward that takes a query tells so by what it asked, or why nobody.
  for (const row of store.rows(attemptRecord)) last.delete(keyOf(row));
  for (const row of store.rows(overLimitRecord)) last.delete(keyOf(row));
  for (const row of store.rows(allDownRecord)) last.delete(keyOf(row));
  return last;
}

/** A denial that the cluster or a rewrite explains. */
function denialEvidence(
  row: Row<typeof coreDnsReply.columns>,
  rewrite: Decision | undefined,
  quote: Quote,
  truth: Pick<Truth, 'absentService'>,
): Evidence | undefined {
  const answered = `${processTitle(row.at)} answered NXDOMAIN`;
  const name = rewrite?.result.split(' ')[0] ?? row.name;
  const absent = absentService(name, row.t, truth);
  if (absent !== undefined) {
    return evidenceOf(row, 'end', absent.cause, `${answered} for ${withoutDot(name)}: ${absent.text}`, 0, absent.text);
  }
  if (rewrite === undefined) return undefined;
  const made = `${withoutDot(row.name)} had been rewritten to ${withoutDot(name)}`;
  const text = `${answered}: ${made} because of ${lineOf(rewrite, quote)}`;
  return evidenceOf(row, 'end', 'rewritten-nxdomain', text, 0, made);
}

/** The line of a Corefile that made a reply what it is, without a server being asked; empty: it did not. */
function whatSaid(row: Decision, quote: Quote): string {
  const line = lineOf(row, quote);
  if (row.cause === 'erratic-drop') return `, as ${line} drops some queries on purpose`;
  if (row.plugin === 'template' && row.cause === 'answered') return `, as ${line} says`;
  return row.cause === 'no-entry' || row.cause === 'no-match' ? `, as ${line} has nothing and passes nothing on` : '';
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
function* aclEvidence(row: Decision, quote: Quote): Generator<Evidence> {
  const did = aclActions[row.cause];
  if (did === undefined) return;
  // An empty answer is one.
  const cause = row.cause === 'acl-filter' ? 'acl-nodata' : 'acl';
  yield evidenceOf(row, 'end', cause, `${processTitle(row.at)} ${did} because of ${lineOf(row, quote)}`);
}

const aclActions: Readonly<Record<string, string>> = {
  'acl-block': 'refused to serve that client',
  'acl-drop': 'did not answer that client',
  'acl-filter': 'gave that client an empty answer',
};

function lineOf({ at, place, t }: Decision, quote: Quote): string {
  return `\`${quote(at, place, t)}\` (${shortPlace(place)})`;
}

/** Queries of one strand may pass two processes. */
function keyOf({ at, trace }: { readonly at: string; readonly trace: TraceId }): string {
  return `${trace} ${at}`;
}
