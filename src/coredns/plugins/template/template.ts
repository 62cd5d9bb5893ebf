import type { RE2JS } from 're2js';
import { changed, replyTo } from '../../../dns/build.ts';
import type { Message, Rcode } from '../../../dns/message.ts';
import { classNumber, rcodeOf } from '../../../dns/numbers.ts';
import type { ResourceRecord } from '../../../dns/record.ts';
import type { Process } from '../../../engine/process.ts';
import { formatAddress } from '../../../network/address.ts';
import type { Dispenser } from '../../corefile/dispenser.ts';
import { goUnsigned } from '../../corefile/go-values.ts';
import { goRecord } from '../../go-record.ts';
import { type History, inRelease, since } from '../../history.ts';
import type { Outcome, Plugin, PluginSetup, Request } from '../../plugin.ts';
import { compileRegexp, firstMatch } from '../../regexp.ts';
import type { ReleaseName } from '../../releases.ts';
import { noNext, ServingPanic } from '../../server/chain.ts';
import { isType } from '../../types.ts';
import { Fallthrough, longestZone, originsOf } from '../../zones.ts';
import { type GoTemplate, parseTemplate, type TemplateData } from './go-template.ts';

type Section = 'answer' | 'authority' | 'additional';

interface Stanza {
  readonly class: string;
  readonly type: string;
  readonly zones: readonly string[];
  expressions: readonly RE2JS[];
  readonly records: Record<Section, GoTemplate[]>;
  rcode: Rcode;
  fallthrough: Fallthrough;
  extendedError: ExtendedError | undefined;
}

/** RFC 8914. */
interface ExtendedError {
  readonly code: number;
  readonly reason: string;
}

/** A miss without fallthrough is SERVFAIL; before, nothing was sent at all. */
export const missIsServfail = since('1.9.3');
/** What templates may say beside the words of the first release. */
const newerWords: History<readonly string[]> = [
  ['1.6.7', []],
  ['1.7.1', ['Remote']],
  ['1.10.0', ['Remote', 'parseInt']],
];
const knowsExtendedError = since('1.10.1');
const labelsView = since('1.10.0');
/** `next` was called without a look whether there is one. */
const looksForNext = since('1.7.0');

/** `template CLASS TYPE [ZONES…] { match|answer|authority|additional|rcode|fallthrough … }` */
export function setUpTemplate(setup: PluginSetup): Plugin {
  const stanzas = parse(setup);
  const zones = stanzas.flatMap((stanza) => stanza.zones);
  const release = setup.release.name;
  const countMatch = matchCounter(setup);
  const miss: Outcome = inRelease(missIsServfail, release)
    ? { rcode: 'SERVFAIL' }
    : { rcode: 'NXDOMAIN', silent: true };
  return {
    name: 'template',
    *handle(request, next) {
      const name = (request.message.question[0]?.name ?? '.').toLowerCase();
      if (longestZone(zones, name) === undefined) {
        setup.decided(request, 'not-its-zone', '');
        return yield* next(request);
      }
      let passedOn = 'not-its-type';
      for (const stanza of stanzas) {
        const found = match(stanza, request, name, release);
        if (found === 'other') continue;
        if (found !== 'miss') {
          countMatch(request, found);
          return yield* answer(setup, stanza, request, found);
        }
        passedOn = 'fallthrough';
        if (stanza.fallthrough.through(name)) continue;
        setup.decided(request, 'no-match', miss.rcode);
        return miss;
      }
      setup.decided(request, passedOn, '');
      const outcome = yield* next(request);
      if (outcome.error === noNext('template') && !inRelease(looksForNext, release)) throw new ServingPanic();
      return outcome;
    },
  };
}

/** `coredns_template_matches_total` */
function matchCounter({ metrics, release }: PluginSetup) {
  const hasView = inRelease(labelsView, release.name);
  const labels = ['class', 'server', 'type', ...(hasView ? ['view'] : []), 'zone'];
  const counter = metrics.counter('coredns_template_matches_total', labels);
  return ({ server, view }: Request, { fields }: TemplateData) => {
    const { Class = '', Type = '', Zone = '' } = fields;
    counter.add([Class, server, Type, ...(hasView ? [view] : []), Zone]);
  };
}

/** What to fill in; `miss`: no expression fits; `other`: not for this zone, class or type. */
function match(
  stanza: Stanza,
  { message, client }: Request,
  name: string,
  release: ReleaseName,
): TemplateData | 'miss' | 'other' {
  const [question] = message.question;
  const zone = longestZone(stanza.zones, name);
  if (question === undefined || zone === undefined) return 'other';
  if (stanza.class !== 'ANY' && question.class !== 'ANY' && question.class !== stanza.class) return 'other';
  if (stanza.type !== 'ANY' && question.type !== 'ANY' && question.type !== stanza.type) return 'other';
  for (const expression of stanza.expressions) {
    const groups = firstMatch(expression, name);
    if (groups === undefined) continue;
    const group: Record<string, string> = {};
    for (const [i, text] of groups.entries()) group[i] = text;
    for (const [word, i] of Object.entries(expression.namedGroups())) group[word] = groups[i] ?? '';
    const remote = formatAddress(client.address);
    // What has no name is empty here.
    const asked = {
      Class: question.class === 'ANY' ? stanza.class : question.class,
      Type: question.type === 'ANY' ? stanza.type : isType(question.type, release) ? question.type : '',
    };
    const regex = expression.pattern();
    const fields = { ...asked, Name: name, 'Question.Name': question.name, Zone: zone, Regex: regex, Remote: remote };
    return { fields, match: groups, group };
  }
  return 'miss';
}

function* answer(setup: PluginSetup, stanza: Stanza, request: Request, data: TemplateData): Process<Outcome> {
  setup.decided(request, 'answered', stanza.rcode);
  if (stanza.rcode === 'SERVFAIL') return { rcode: 'SERVFAIL' };
  const sections: Record<Section, ResourceRecord[]> = { answer: [], authority: [], additional: [] };
  for (const section of ['answer', 'additional', 'authority'] as const) {
    for (const template of stanza.records[section]) {
      const filled = template(data);
      const record = typeof filled === 'string' ? goRecord(filled) : filled;
      if ('error' in record) return { rcode: 'SERVFAIL', error: record.error };
      sections[section].push(record.value);
      if (section === 'answer') sections.answer.push(...(yield* followed(setup, request, record.value)));
    }
  }
  const reply = replyTo(request.message, stanza.rcode);
  const written: Message = changed(reply, { flags: { ...reply.flags, aa: true }, ...sections });
  const { extendedError: told } = stanza;
  return { rcode: stanza.rcode, reply: told === undefined ? written : explained(written, told) };
}

/** The reply with an extended error, as long as the client has EDNS. */
function explained(reply: Message, { code, reason }: ExtendedError): Message {
  const octets = Uint8Array.of(code >> 8, code & 255, ...new TextEncoder().encode(reason));
  return changed(reply, { edns: { udpSize: 4096, do: true, version: 0, options: [{ code: 15, octets }] } });
}

/** What the server itself says of a CNAME's target. */
function* followed(setup: PluginSetup, request: Request, { data }: ResourceRecord): Process<readonly ResourceRecord[]> {
  const type = request.message.question[0]?.type;
  if (data.type !== 'CNAME' || (type !== 'A' && type !== 'AAAA')) return [];
  const reply = yield* setup.lookup(request, data.target, type);
  return reply?.answer ?? [];
}

function parse(setup: PluginSetup): Stanza[] {
  const { directive: words } = setup;
  const stanzas: Stanza[] = [];
  while (words.next()) {
    if (!words.nextArgument()) throw words.argumentError();
    const name = words.value;
    if (name !== 'ANY' && (classNumber(name) === undefined || /^CLASS\d/.test(name)))
      throw words.error(`invalid query class ${name}`);
    if (!words.nextArgument()) throw words.argumentError();
    const type = words.value;
    if (type !== 'ANY' && type !== 'None' && !isType(type, setup.release.name))
      throw words.error(`invalid RR class ${type}`);
    const zones = originsOf(setup, words.remainingArguments());
    const records = { answer: [], authority: [], additional: [] };
    const stanza: Stanza = {
      class: name,
      type,
      zones,
      expressions: [],
      records,
      rcode: 'NOERROR',
      fallthrough: Fallthrough.none,
      extendedError: undefined,
    };
    while (words.nextBlock()) parseProperty(setup, stanza);
    if (stanza.expressions.length === 0) stanza.expressions = [words.taken(compileRegexp('.*'))];
    stanzas.push(stanza);
  }
  return stanzas;
}

function parseProperty(setup: PluginSetup, stanza: Stanza): void {
  const { directive: words, release } = setup;
  const property = words.value;
  switch (property) {
    case 'match': {
      const args = words.remainingArguments();
      if (args.length === 0) throw words.argumentError();
      stanza.expressions = [...stanza.expressions, ...args.map((arg) => expression(setup, arg))];
      return;
    }
    case 'answer':
    case 'additional':
    case 'authority': {
      const args = words.remainingArguments();
      if (args.length === 0) throw words.argumentError();
      stanza.records[property].push(...args.flatMap((arg) => template(setup, property, arg)));
      return;
    }
    case 'rcode': {
      if (!words.nextArgument()) throw words.argumentError();
      const rcode = rcodeOf(words.value);
      if (rcode === undefined) throw words.error(`unknown rcode ${words.value}`);
      stanza.rcode = rcode;
      return;
    }
    case 'fallthrough':
      stanza.fallthrough = Fallthrough.of(setup, words.remainingArguments());
      return;
    case 'upstream':
      words.remainingArguments();
      return;
    case 'ederror':
      if (!inRelease(knowsExtendedError, release.name)) throw words.argumentError();
      stanza.extendedError = extendedError(words);
      return;
    default:
      throw words.argumentError();
  }
}

function expression({ directive: words }: PluginSetup, text: string): RE2JS {
  const compiled = compileRegexp(text);
  if ('error' in compiled) throw words.error(`could not parse regex: ${text}, ${compiled.error}`);
  return compiled.value;
}

/** `ederror CODE [REASON]` */
function extendedError(words: Dispenser): ExtendedError {
  const [text, reason = '', more] = words.remainingArguments();
  if (text === undefined || more !== undefined) throw words.argumentError();
  const code = goUnsigned(text, 16);
  if ('error' in code) throw words.error(`error parsing extended DNS error code ${words.value}, ${code.error}\n`);
  return { code: code.value, reason };
}

function template(setup: PluginSetup, section: Section, text: string): GoTemplate[] {
  const { directive: words } = setup;
  const parsed = parseTemplate(section, text, inRelease(newerWords, setup.release.name));
  if ('error' in parsed) throw words.error(`could not compile template: ${text}, ${parsed.error}`);
  if ('value' in parsed) return [parsed.value];
  setup.notModelled(`template action {{ ${parsed.unsupported} }}`, words.token);
  return [];
}
