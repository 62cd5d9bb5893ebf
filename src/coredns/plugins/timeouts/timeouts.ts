import { type Micros, minute, second } from '../../../engine/time.ts';
import type { Dispenser } from '../../corefile/dispenser.ts';
import { formatGoDuration, goDuration, goInteger } from '../../corefile/go-values.ts';
import { inRelease, since } from '../../history.ts';
import type { PluginSetup, TcpTimeouts } from '../../plugin.ts';

const knowsMostQueries = since('1.14.7');
const range = { from: second, to: 24 * 60 * minute };

/** `timeouts { read DURATION; write DURATION; idle DURATION }` for the TCP connections of the block's server. */
export function setUpTimeouts(setup: PluginSetup): undefined {
  const { directive: words, block } = setup;
  let timeouts: TcpTimeouts = {};
  while (words.next()) {
    if (words.remainingArguments().length > 0) throw namedTwice(words, words.argumentError().message);
    let given = false;
    while (words.nextBlock()) {
      timeouts = { ...timeouts, ...option(setup) };
      given = true;
    }
    if (!given) throw namedTwice(words, words.error('timeouts block with no timeouts specified').message);
  }
  block.timeouts = timeouts;
}

function option({ directive: words, release, leftOut }: PluginSetup): TcpTimeouts {
  const { token, value: name } = words;
  if (name === 'maxtcpqueries' && inRelease(knowsMostQueries, release.name)) {
    return { queries: mostQueries(words) };
  }
  const time = oneDuration(words);
  switch (name) {
    case 'read':
      return { read: time };
    case 'idle':
      return { idle: time };
    case 'write':
      // A reply never waits for the client to make room.
      leftOut('property write', token);
      return {};
    default:
      throw words.error(`unknown option: '${name}'`);
  }
}

/** `maxtcpqueries COUNT`: -1 is no limit. */
function mostQueries(words: Dispenser): number {
  const [text, more] = words.remainingArguments();
  if (text === undefined || more !== undefined) throw words.argumentError();
  const count = goInteger(text);
  if ('error' in count) throw words.error(`invalid value for maxtcpqueries '${text}': ${count.error}`);
  if (count.value === 0 || count.value < -1) {
    throw words.error(`maxtcpqueries provided '${count.value}' needs to be -1 (unlimited) or a positive integer`);
  }
  return count.value === -1 ? Number.POSITIVE_INFINITY : count.value;
}

/** Without a unit: seconds (`durations.NewDurationFromArg`). */
function oneDuration(words: Dispenser): Micros {
  const [text, more] = words.remainingArguments();
  if (text === undefined || more !== undefined) throw words.argumentError();
  const withUnit = 'error' in goInteger(text) ? text : `${text}s`;
  const time = goDuration(withUnit);
  if ('error' in time) throw words.error(`failed to parse duration '${withUnit}'`);
  if (time.value < range.from || time.value > range.to) {
    const shown = formatGoDuration(time.value);
    throw words.error(`timeout provided '${shown}' needs to be between 1 second and 24 hours`);
  }
  return time.value;
}

/** An error that CoreDNS gives the plugin's name before the server does so again. */
function namedTwice(words: Dispenser, message: string) {
  return words.plainError(`plugin/timeouts: ${message}`);
}
