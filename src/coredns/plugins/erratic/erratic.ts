import { changed, replyTo } from '../../../dns/build.ts';
import type { RecordData } from '../../../dns/record.ts';
import { type Micros, millisecond } from '../../../engine/time.ts';
import type { Dispenser } from '../../corefile/dispenser.ts';
import { goDuration } from '../../corefile/go-values.ts';
import type { Plugin, PluginSetup } from '../../plugin.ts';

interface Options {
  readonly drop: number;
  readonly delay: number;
  readonly span: Micros;
  readonly truncate: number;
  readonly large: boolean;
}

const records = {
  A: { type: 'A', address: '192.0.2.53' },
  AAAA: { type: 'AAAA', address: '2001:db8::53' },
} as const satisfies Record<string, RecordData>;

/** `erratic { drop|truncate [AMOUNT]; delay [AMOUNT [DURATION]]; large }`: a server for tests that drops, cuts and delays. */
export function setUpErratic(setup: PluginSetup): Plugin {
  const { drop, delay, span, truncate, large } = parse(setup);
  let seen = 0;
  return {
    name: 'erratic',
    ready: () => seen >= 3 && seen < 5,
    *handle(request) {
      const number = seen++;
      const dropped = drop > 0 && number % drop === 0;
      const cut = truncate > 0 && (number & truncate) === 0;
      const [question] = request.message.question;
      const data = question?.type === 'A' || question?.type === 'AAAA' ? records[question.type] : undefined;
      if (dropped) {
        setup.decided(request, 'erratic-drop', '');
        return { rcode: 'NOERROR', silent: true };
      }
      if (question === undefined || data === undefined) return { rcode: 'SERVFAIL' };
      if (delay > 0 && number % delay === 0) yield span;
      const reply = replyTo(request.message);
      const answer = Array.from({ length: large ? 30 : 1 }, () => ({ name: question.name, ttl: 0, class: 'IN', data }));
      return { rcode: 'NOERROR', reply: changed(reply, { flags: { ...reply.flags, aa: true, tc: cut }, answer }) };
    },
  };
}

type Draft = { -readonly [K in keyof Options]: Options[K] };

function parse({ directive: words }: PluginSetup): Options {
  const options: Draft = { drop: 2, delay: 0, span: 0, truncate: 0, large: false };
  let saidDrop = false;
  while (words.next()) {
    while (words.nextBlock()) saidDrop = property(words, options) || saidDrop;
  }
  return (options.delay > 0 || options.truncate > 0) && !saidDrop ? { ...options, drop: 0 } : options;
}

/** Reads one property; tells whether it says how many queries to drop. */
function property(words: Dispenser, options: Draft): boolean {
  const name = words.value;
  if (name === 'large') {
    options.large = true;
    return false;
  }
  if (name !== 'drop' && name !== 'delay' && name !== 'truncate') throw words.error(`unknown property '${name}'`);
  const [first, second, more] = words.remainingArguments();
  if (more !== undefined || (second !== undefined && name !== 'delay')) throw words.argumentError();
  if (name !== 'drop') options[name] = 2;
  if (name === 'delay') options.span = 100 * millisecond;
  if (first === undefined) return false;
  options[name] = amountOf(words, first);
  if (second !== undefined) options.span = words.taken(goDuration(second));
  return name === 'drop';
}

function amountOf(words: Dispenser, text: string): number {
  const quoted = JSON.stringify(text);
  if (!/^[+-]?\d+$/.test(text)) throw words.plainError(`strconv.ParseInt: parsing ${quoted}: invalid syntax`);
  if (Math.abs(Number(text)) > 0x7fff_ffff) {
    throw words.plainError(`strconv.ParseInt: parsing ${quoted}: value out of range`);
  }
  if (Number(text) < 0) throw words.plainError(`illegal amount value given ${quoted}`);
  return Number(text);
}
