import { replyTo } from '../../../dns/build.ts';
import type { Message, Question } from '../../../dns/message.ts';
import type { Process } from '../../../engine/process.ts';
import { type History, inRelease, since } from '../../history.ts';
import type { Handler, Outcome, Plugin, PluginSetup, Request } from '../../plugin.ts';
import { isUnwritten } from '../../server/chain.ts';
import type { NameRewriter } from './name-match.ts';
import { type ResponseRule, withRecords } from './response.ts';
import { parseRule, type Query, type Rule } from './rules.ts';

/** Several steps are turned back in reverse order: corefile-rewrite-continue. */
const revertsInReverse = since('1.11.4');
/** A reply without any record is looked at too: corefile-rewrite-rcode. */
const changesEmptyRcode: History<boolean> = since('1.14.5');
/** Rules look at all sections of a reply. */
const looksEverywhere = since('1.8.2');

/** `rewrite`: changes queries on their way in, and their replies on the way out. */
export function setUpRewrite(setup: PluginSetup): Plugin {
  const rules = parse(setup);
  return {
    name: 'rewrite',
    *handle(request, next) {
      const [question] = request.message.question;
      if (question === undefined) return yield* next(request);
      const { query, response, repeated, matched, stopped } = applied(rules, request, question);
      if (!matched) return yield* next(request);
      setup.decided(request, 'rewritten', `${query.question.name} ${query.question.type}`);
      if (query.edns !== request.message.edns) request.original.edns = query.edns;
      if (repeated.length > 0) request.original.repeated = repeated;
      const message = { ...request.message, question: [query.question], edns: query.edns };
      const outcome = yield* answered(next, { ...request, message }, stopped);
      if (outcome.reply === undefined) return { rewritten: query.question, ...outcome };
      const reply = yield* reverted(setup, request, { ...outcome.reply, question: [question] }, response);
      return { rewritten: query.question, ...outcome, reply };
    },
  };
}

function parse(setup: PluginSetup): Rule[] {
  const { directive: words } = setup;
  const rules: Rule[] = [];
  while (words.next()) {
    const args = words.remainingArguments();
    while (words.nextBlock()) args.push(words.value, ...words.remainingArguments());
    rules.push(parseRule(setup, args));
  }
  return rules;
}

/** What the rules make of a query: up to the first that matches and stops. */
function applied(rules: readonly Rule[], request: Request, question: Question) {
  const response: ResponseRule[] = [];
  const repeated: number[] = [];
  let query: Query = { question, edns: request.message.edns };
  let matched = false;
  for (const rule of rules) {
    const rewritten = rule.apply(query, request);
    if (rewritten === undefined) continue;
    matched = true;
    query = rewritten.query;
    response.push(...rewritten.response);
    repeated.push(...(rewritten.repeated ?? []));
    if (rule.stop) return { query, response, repeated, matched, stopped: true };
  }
  return { query, response, repeated, matched, stopped: false };
}

/** After a rule that stops, an error that nobody wrote is written here, and the caller is told that all is well. */
function* answered(next: Handler, request: Request, stopped: boolean): Process<Outcome> {
  const outcome = yield* next(request);
  if (!stopped || !isUnwritten(outcome)) return outcome;
  return { ...outcome, rcode: 'NOERROR', reply: replyTo(request.message, outcome.rcode) };
}

function* reverted(
  setup: PluginSetup,
  request: Request,
  reply: Message,
  rules: readonly ResponseRule[],
): Process<Message> {
  const release = setup.release.name;
  let changed = reply;
  for (const rule of inRelease(revertsInReverse, release) ? [...rules].reverse() : rules) {
    switch (rule.kind) {
      case 'record':
        changed = withRecords(changed, rule.change, !inRelease(looksEverywhere, release));
        break;
      case 'rcode': {
        const empty = changed.answer.length + changed.authority.length + changed.additional.length === 0;
        const looks = !empty || inRelease(changesEmptyRcode, release);
        if (looks && changed.rcode === rule.from) changed = { ...changed, rcode: rule.to };
        break;
      }
      case 'cname':
        changed = yield* withTarget(setup, request, changed, rule.target);
        break;
    }
  }
  return changed;
}

/** Gives the CNAME its new target and asks for that anew; what the old one led to is gone. */
function* withTarget(setup: PluginSetup, request: Request, reply: Message, rewrite: NameRewriter): Process<Message> {
  const type = request.message.question[0]?.type ?? '';
  for (const [i, record] of reply.answer.entries()) {
    const target = record.data.type === 'CNAME' ? rewrite(record.data.target) : undefined;
    if (target === undefined) continue;
    const alias = { ...record, data: { type: 'CNAME', target } as const };
    const before = reply.answer.slice(0, i);
    if (type === 'CNAME') return { ...reply, answer: [...before, alias] };
    const found = yield* setup.lookup(request, target, type);
    return { ...reply, answer: [...before, alias, ...(found?.answer ?? [])] };
  }
  return reply;
}
