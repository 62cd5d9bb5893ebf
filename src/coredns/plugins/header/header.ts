import type { Message } from '../../../dns/message.ts';
import { type History, inRelease } from '../../history.ts';
import type { Plugin, PluginSetup } from '../../plugin.ts';

type Bit = 'aa' | 'ra' | 'rd';

interface Rule {
  readonly selector: 'query' | 'response';
  readonly bit: Bit;
  readonly set: boolean;
}

/** Must a rule say `query` or `response` first? corefile-header, corefile-header-old-form. */
const selectors: History<'unknown' | 'optional' | 'required'> = [
  ['1.8.5', 'unknown'],
  ['1.9.4', 'optional'],
  ['1.12.4', 'required'],
];
const prefix: History<string> = [
  ['1.8.5', 'seting up rule'],
  ['1.9.4', 'setting up rule'],
];

/** `header { [query|response] set|clear aa|ra|rd… }` */
export function setUpHeader(setup: PluginSetup): Plugin {
  const rules = parse(setup);
  const applied = (message: Message, selector: Rule['selector']): Message => {
    const changes = rules.filter((rule) => rule.selector === selector);
    if (changes.length === 0) return message;
    const bits = Object.fromEntries(changes.map(({ bit, set }) => [bit, set]));
    return { ...message, flags: { ...message.flags, ...bits } };
  };
  return {
    name: 'header',
    *handle(request, next) {
      const outcome = yield* next({ ...request, message: applied(request.message, 'query') });
      return outcome.reply === undefined ? outcome : { ...outcome, reply: applied(outcome.reply, 'response') };
    },
  };
}

function parse(setup: PluginSetup): Rule[] {
  const { directive: words } = setup;
  const rules: Rule[] = [];
  while (words.next()) {
    while (words.nextBlock()) rules.push(...parseRule(setup, [words.value, ...words.remainingArguments()]));
  }
  return rules;
}

function parseRule({ directive: words, release, log }: PluginSetup, line: readonly string[]): Rule[] {
  const mode = inRelease(selectors, release.name);
  const refuse = (text: string) => words.plainError(`${inRelease(prefix, release.name)}: ${text}`);
  const [first = ''] = line;
  const explicit = mode !== 'unknown' && (first === 'query' || first === 'response');
  if (mode === 'required' && !explicit) throw refuse(`invalid selector=${first} should be query or response`);
  if (mode === 'optional' && !explicit) {
    log.warning(
      `The selector for header rule in line ${words.token?.line ?? 0} isn't explicit defined. ` +
        "Assume rule applies for selector 'response'. This syntax is deprecated. " +
        'In future versions of CoreDNS the selector must be explicit defined.',
    );
  }
  const [action = '', ...flags] = explicit ? line.slice(1) : line;
  if (flags.length === 0) throw refuse('invalid length for flags, at least one should be provided');
  if (action !== 'set' && action !== 'clear') throw refuse(`unknown flag action=${action}, should be set or clear`);
  return flags.map((flag) => {
    const bit = (['aa', 'ra', 'rd'] as const).find((one) => one === flag);
    if (bit === undefined) throw refuse(`unknown/unsupported flag=${flag}`);
    return { selector: first === 'query' && explicit ? 'query' : 'response', bit, set: action === 'set' };
  });
}
