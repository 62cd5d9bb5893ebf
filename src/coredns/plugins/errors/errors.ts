import type { RE2JS } from 're2js';
import { rcodeNumber } from '../../../dns/numbers.ts';
import type { Micros } from '../../../engine/time.ts';
import { formatGoDuration, type GoValue, goDuration } from '../../corefile/go-values.ts';
import { type History, inRelease, since } from '../../history.ts';
import type { Plugin, PluginSetup } from '../../plugin.ts';
import { compileRegexp } from '../../regexp.ts';
import { typeName } from '../../types.ts';

const levels = ['warning', 'error', 'info', 'debug'] as const;
type Level = (typeof levels)[number];

interface Pattern {
  readonly period: Micros;
  readonly text: string;
  readonly expression: RE2JS;
  readonly print: (text: string) => void;
  readonly showFirst: boolean;
  count: number;
}

const unknownWord: History<string> = [
  ['1.6.7', 'consolidate'],
  ['1.9.3', 'Unknown field'],
];
const knowsStacktrace = since('1.9.3');
const knowsLevel = since('1.8.5');
const knowsShowFirst = since('1.14.0');

/** `errors { consolidate DURATION REGEXP [LEVEL] [show_first] }`: prints what handlers return as error. */
export function setUpErrors(setup: PluginSetup): Plugin {
  const { log, simulation, release } = setup;
  const patterns = parse(setup);
  const flush = (pattern: Pattern) => {
    const { count, text, period, print, showFirst } = pattern;
    pattern.count = 0;
    if (count === 0 || (showFirst && count === 1)) return;
    print(`${count} errors like '${text}' occurred in last ${formatGoDuration(period)}`);
  };
  setup.onShutdown(() => patterns.forEach(flush));
  return {
    name: 'errors',
    *handle(request, next) {
      const outcome = yield* next(request);
      const question = outcome.rewritten?.question ?? request.message.question[0];
      if (outcome.error === undefined || question === undefined) return outcome;
      const type = typeName(question.type, release.name);
      const line = `${rcodeNumber(outcome.rcode)} ${question.name.toLowerCase()} ${type}: ${outcome.error}`;
      const error = outcome.error;
      const pattern = patterns.find(({ expression }) => expression.matcher(error).find());
      if (pattern === undefined) {
        log.error(line);
      } else {
        if (++pattern.count === 1) {
          if (pattern.showFirst) pattern.print(line);
          simulation.after(pattern.period, () => flush(pattern));
        }
      }
      return outcome;
    },
  };
}

function parse(setup: PluginSetup): Pattern[] {
  const { directive: words, release } = setup;
  const patterns: Pattern[] = [];
  while (words.nextOnly()) {
    const [target, more] = words.remainingArguments();
    if (more !== undefined) throw words.argumentError();
    if (target !== undefined && target !== 'stdout') throw words.error(`invalid log file: ${target}`);
    while (words.nextBlock()) {
      if (words.value === 'stacktrace' && inRelease(knowsStacktrace, release.name)) continue;
      if (words.value !== 'consolidate') {
        const expected = inRelease(unknownWord, release.name);
        throw words.syntaxError(expected === 'consolidate' ? expected : `${expected} ${words.value}`);
      }
      patterns.push(parseConsolidate(setup));
    }
  }
  return patterns;
}

function parseConsolidate({ directive: words, release, log }: PluginSetup): Pattern {
  const args = words.remainingArguments();
  const [duration, text, ...options] = args;
  const shows = inRelease(knowsShowFirst, release.name);
  const most = shows ? 4 : inRelease(knowsLevel, release.name) ? 3 : 2;
  if (duration === undefined || text === undefined || args.length > most) throw words.argumentError();
  const period = positioned(words, goDuration(duration));
  const expression = compileRegexp(text);
  if ('error' in expression) throw words.error(expression.error);
  const { level, showFirst } = shows
    ? parseOptions(words, options)
    : { level: options[0] ?? 'error', showFirst: false };
  const print = printerOf(log, level);
  if (print === undefined) throw words.error(`unknown log level argument in consolidate: ${level}`);
  return { period, text, expression: expression.value, print, showFirst, count: 0 };
}

/** `[LEVEL] [show_first]`, in this order. */
function parseOptions(words: PluginSetup['directive'], options: readonly string[]) {
  let level: Level | undefined;
  let showFirst = false;
  for (const option of options) {
    const named = levels.find((one) => one === option);
    if (named === undefined && option !== 'show_first') throw words.error(`unknown option in consolidate: ${option}`);
    if (named !== undefined && level !== undefined) throw words.error('multiple log levels specified in consolidate');
    if (named !== undefined && showFirst) throw words.error('log level must come before show_first in consolidate');
    level = named ?? level;
    showFirst ||= named === undefined;
  }
  return { level: level ?? 'error', showFirst };
}

function printerOf(log: PluginSetup['log'], level: string): ((line: string) => void) | undefined {
  const printers: Readonly<Record<Level, (line: string) => void>> = {
    warning: log.warning,
    error: log.error,
    info: log.info,
    debug: () => {},
  };
  return levels.filter((one) => one === level).map((one) => printers[one])[0];
}

function positioned<T>(words: PluginSetup['directive'], read: GoValue<T>): T {
  if ('error' in read) throw words.error(read.error);
  return read.value;
}
