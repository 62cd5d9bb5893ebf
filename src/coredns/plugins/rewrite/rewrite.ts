import { changed, replyTo } from '../../../dns/build.ts';
import type { Message, Question } from '../../../dns/message.ts';
import type { ResourceRecord } from '../../../dns/record.ts';
import type { Process } from '../../../engine/process.ts';
import { type History, inRelease, since } from '../../history.ts';
import type { Handler, Outcome, Plugin, PluginSetup, Request } from '../../plugin.ts';
import { isUnwritten, mostAliases, ServingPanic } from '../../server/chain.ts';
import { ednsAsLeft, sizeAndDo } from '../../server/scrub.ts';
import { isDomainName, type NameRewriter } from './name-match.ts';
import { type ResponseRule, withRecords } from './response.ts';
import { parseRule, type Query, type Rule } from './rules.ts';

/** Several steps are turned back in reverse order: corefile-rewrite-continue. */
const revertsInReverse = since('1.11.4');
/** A reply without any record is looked at too: corefile-rewrite-rcode. */
const changesEmptyRcode: History<boolean> = since('1.14.5');
/** Errors go through the rules too. */
const writesErrors: History<'never' | 'when-stopped' | 'always'> = [
  ['1.6.7', 'never'],
  ['1.9.0', 'when-stopped'],
  ['1.14.7', 'always'],
];
/** The question comes back as it was although no rule looks at the reply. */
const stopReverts: History<boolean> = [
  ['1.6.7', true],
  ['1.8.4', false],
  ['1.8.5', true],
];
/** Rules look at all sections of a reply. */
const looksEverywhere = since('1.8.2');

/** A cname rule leaves the CNAMEs before the one that it is about as they are. */
const keepsAliases = since('1.14.2');

/** Aliases of aliases come to an end: corefile-rewrite-cname-loop. */
const countsAliases = since('1.15.0');

/** `rewrite`: changes queries on their way in, and their replies on the way out. */
export function setUpRewrite(setup: PluginSetup): Plugin {
  const rules = parse(setup);
  return {
    name: 'rewrite',
    *handle(request, next) {
      const [question] = request.message.question;
      if (question === undefined) return yield* next(request);
      const { query, response, repeated, matched, stopped } = applied(rules, request, question);
      if (query.edns !== request.message.edns) request.original.edns = query.edns;
      if (!matched) {
        const outcome = yield* next({ ...request, message: changed(request.message, { edns: query.edns }) });
        return query.edns === request.message.edns ? outcome : { rewritten: query, ...outcome };
      }
      if (!isDomainName(query.question.name)) {
        return { rcode: 'SERVFAIL', error: `invalid name after rewrite: ${query.question.name}` };
      }
      setup.decided(request, 'rewritten', `${query.question.name} ${query.question.type}`);
      if (repeated.length > 0) request.original.repeated = repeated;
      const message = changed(request.message, { question: [query.question], edns: query.edns });
      // Steps that go on and look at no reply leave even the question as they made it.
      const reverts = (stopped && inRelease(stopReverts, setup.release.name)) || response.length > 0;
      const ways = inRelease(writesErrors, setup.release.name);
      const writes = ways === 'when-stopped' ? stopped : ways === 'always' && reverts;
      const changing = rethrowing(query, next);
      const outcome = yield* answered(setup, changing, { ...request, message }, writes);
      if (outcome.reply === undefined || !reverts) return { rewritten: query, ...outcome };
      const back = changed(outcome.reply, { question: [question] });
      const { reply, asked = query.question } = yield* reverted(setup, request, back, response);
      return { rewritten: { ...query, question: asked }, ...outcome, reply };
    },
  };
}

/** A panic leaves the query as it was made: what the server answers then asks that. */
function rethrowing(rewritten: Query, next: Handler): Handler {
  return function* (request) {
    try {
      return yield* next(request);
    } catch (error) {
      if (error instanceof ServingPanic) error.rewritten ??= rewritten;
      throw error;
    }
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
    query = rewritten.query;
    if (rewritten.ignored === true) continue;
    matched = true;
    response.push(...rewritten.response);
    repeated.push(...(rewritten.repeated ?? []));
    if (rule.stop) return { query, response, repeated, matched, stopped: true };
  }
  return { query, response, repeated, matched, stopped: false };
}

/** An error that nobody wrote is written here, and the caller is told that all is well. */
function* answered({ release }: PluginSetup, next: Handler, request: Request, writes: boolean): Process<Outcome> {
  const outcome = yield* next(request);
  if (!writes || !isUnwritten(outcome)) return outcome;
  const { message, original } = request;
  const reply = sizeAndDo(replyTo(message, outcome.rcode), { ...original, edns: message.edns }, release);
  const [question] = message.question;
  const edns = message.edns && ednsAsLeft(message.edns, request, release);
  return { ...outcome, rcode: 'NOERROR', reply, ...(question !== undefined && { rewritten: { question, edns } }) };
}

function* reverted(
  setup: PluginSetup,
  request: Request,
  reply: Message,
  rules: readonly ResponseRule[],
): Process<Reverted> {
  const release = setup.release.name;
  let left = reply;
  let asked: Question | undefined;
  for (const rule of inRelease(revertsInReverse, release) ? [...rules].reverse() : rules) {
    switch (rule.kind) {
      case 'record':
        left = withRecords(left, rule.change, !inRelease(looksEverywhere, release));
        break;
      case 'rcode': {
        const empty = left.answer.length + left.authority.length + left.additional.length === 0;
        const looks = !empty || inRelease(changesEmptyRcode, release);
        if (looks && left.rcode === rule.from) left = changed(left, { rcode: rule.to });
        break;
      }
      case 'cname':
        ({ reply: left, asked = asked } = yield* withTarget(setup, request, left, rule.target));
        break;
    }
  }
  return { reply: left, asked };
}

interface Reverted {
  readonly reply: Message;
  /** What was asked for a new CNAME target: it stays in the query. */
  readonly asked?: Question | undefined;
}

/** Gives the CNAME its new target and asks for that anew; what the old one led to is gone. Before `keepsAliases` each CNAME got the target. */
function* withTarget(setup: PluginSetup, request: Request, reply: Message, rewrite: NameRewriter): Process<Reverted> {
  const [question] = request.message.question;
  const { aliases = 0 } = request;
  if (aliases > mostAliases && inRelease(countsAliases, setup.release.name)) return { reply };
  for (const [i, record] of reply.answer.entries()) {
    const target = record.data.type === 'CNAME' ? rewrite(record.data.target) : undefined;
    if (target === undefined || question === undefined) continue;
    const led = (alias: ResourceRecord): ResourceRecord => ({ ...alias, data: { type: 'CNAME', target } });
    const keeps = inRelease(keepsAliases, setup.release.name);
    const chain = keeps
      ? [...reply.answer.slice(0, i), led(record)]
      : reply.answer.filter(({ data }) => data.type === 'CNAME').map(led);
    const found = (yield* setup.lookup({ ...request, aliases: aliases + 1 }, target, question.type))?.answer ?? [];
    const wanted = keeps ? found : found.filter(({ name }) => name === target);
    return { reply: changed(reply, { answer: [...chain, ...wanted] }), asked: { ...question, name: target } };
  }
  return { reply };
}
