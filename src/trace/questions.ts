import { absolute, lower, sameName } from '../dns/name.ts';
import type { ColumnStore } from '../engine/columns.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Explanation } from './explanation.ts';
import type { JudgedLookup } from './lookup.ts';
import type { TraceRecord } from './records.ts';

/** What was asked on a strand. `type`: empty for any. */
export interface Question {
  readonly name: string;
  readonly type: string;
}

/** The question of each strand that had one. */
export function questionsIn(records: readonly TraceRecord[]): Map<TraceId, Question> {
  const questions = new Map<TraceId, Question>();
  for (const { kind, row } of records) {
    switch (kind) {
      case 'server.query':
      case 'coredns.request':
      case 'resolver.query':
      case 'workload.reply':
        questions.set(row.trace, { name: row.name, type: row.type });
        break;
      case 'coredns.forward':
        questions.set(row.upstream, { name: row.name, type: row.type });
    }
  }
  return questions;
}

/** The question whose answer, or failure, is a lookup's outcome. */
export function settledBy(
  { verdict, answeredName }: JudgedLookup,
  { hops, strand }: Explanation,
  questions: ReadonlyMap<TraceId, Question>,
  store: ColumnStore,
): Question | undefined {
  if (verdict === 'failed') return clientsQuestion(strand, questions, store);
  return { name: absolute(lower(answeredName)), type: hops.find((hop) => hop.type !== '')?.type ?? '' };
}

/** Tells of a strand whether it is there because the client asked another question. */
export function asideFrom(
  asked: Question | undefined,
  questions: ReadonlyMap<TraceId, Question>,
  store: ColumnStore,
): (trace: TraceId) => boolean {
  // Many a record is of a strand that another was of.
  const known = new Map<TraceId, boolean>();
  return (trace) => {
    if (asked === undefined) return false;
    let isAside = known.get(trace);
    if (isAside === undefined) {
      const question = clientsQuestion(trace, questions, store);
      isAside = question !== undefined && !isSame(question, asked);
      known.set(trace, isAside);
    }
    return isAside;
  };
}

/** The first question on the way to a strand: what servers ask because of it may be another one. */
function clientsQuestion(
  trace: TraceId,
  questions: ReadonlyMap<TraceId, Question>,
  store: ColumnStore,
): Question | undefined {
  let first: Question | undefined;
  for (let strand = trace; strand > 0; strand = store.parentOf(strand)) first = questions.get(strand) ?? first;
  return first;
}

function isSame(question: Question, asked: Question): boolean {
  return sameName(question.name, asked.name) && (asked.type === '' || question.type === asked.type);
}
