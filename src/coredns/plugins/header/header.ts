import { changed } from '../../../dns/build.ts';
import type { Message } from '../../../dns/message.ts';
import { type History, inRelease } from '../../history.ts';
import type { Plugin, PluginSetup } from '../../plugin.ts';

const bits = ['aa', 'ra', 'rd'] as const;
type Bit = (typeof bits)[number];

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
    return changed(message, { flags: { ...message.flags, ...bits } });
  };
  return {
    name: 'header',
    *handle(request, next) {
      const outcome = yield* next({ ...request, message: applied(request.message, 'query') });
      return outcome.reply === undefined ? outcome : { ...outcome, reply: applied(outcome.reply, 'response') };
    },
  };
}

/** The rules of the first of the block's `header` lines that has any. */
function parse(setup: PluginSetup): Rule[] {
  const { directive: words } = setup;
  while (words.next()) {
    const rules: Rule[] = [];
    while (words.nextBlock()) rules.push(...parseRule(setup));
    if (rules.length > 0) return rules;
  }
  throw words.argumentError();
}

function parseRule(setup: PluginSetup): Rule[] {
  const { directive: words, release } = setup;
  const refuse = (text: string) => words.plainError(`${inRelease(prefix, release.name)}: ${text}`);
  const { selector, action } = head(setup, refuse);
  if (action === '') throw refuse('no flag action provided');
  const flags = words.remainingArguments().map((flag) => flag.toLowerCase());
  if (flags.length === 0) throw refuse('invalid length for flags, at least one should be provided');
  if (action !== 'set' && action !== 'clear') throw refuse(`unknown flag action=${action}, should be set or clear`);
  return flags.map((flag) => {
    const bit = bits.find((one) => one === flag);
    if (bit === undefined) throw refuse(`unknown/unsupported flag=${flag}`);
    return { selector, bit, set: action === 'set' };
  });
}

/** `query set`, `response clear`, or without selector `set`. */
function head(
  { directive: words, release, log }: PluginSetup,
  refuse: (text: string) => Error,
): { selector: Rule['selector']; action: string } {
  const mode = inRelease(selectors, release.name);
  const first = words.value.toLowerCase();
  if (mode === 'unknown') return { selector: 'response', action: first };
  if (first === 'query' || first === 'response') {
    return { selector: first, action: words.nextArgument() ? words.value.toLowerCase() : '' };
  }
  if (mode === 'required' || (first !== 'set' && first !== 'clear')) {
    throw refuse(`invalid selector=${first} should be query or response`);
  }
  log.warning(
    `The selector for header rule in line ${words.token?.line ?? 0} isn't explicit defined. ` +
      "Assume rule applies for selector 'response'. This syntax is deprecated. " +
      'In future versions of CoreDNS the selector must be explicit defined.',
  );
  return { selector: 'response', action: first };
}
