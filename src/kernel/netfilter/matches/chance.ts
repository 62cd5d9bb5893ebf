import { second } from '../../../engine/time.ts';
import { bang, negatableValue, type Options, value } from '../options.ts';
import { parseProbability, parseWhole } from '../values.ts';
import type { MatchBody, MatchModule } from './module.ts';

/** `-m statistic`: a share of the packets by chance, or each nth. */
export const statistic: MatchModule = {
  options: { '--mode': value, '--probability': negatableValue, '--every': negatableValue, '--packet': negatableValue },
  read: (options) => {
    if (!options.needs('--mode')) return undefined;
    const mode = options.value('--mode', '`random` or `nth`', (text) =>
      text === 'random' || text === 'nth' ? text : undefined,
    );
    if (mode === undefined) return undefined;
    return mode.value === 'random' ? random(options) : nth(options);
  },
};

function random(options: Options): MatchBody | undefined {
  if (!options.needs('--probability')) return undefined;
  const given = options.value('--probability', 'a share between 0 and 1', parseProbability);
  if (given === undefined) return undefined;
  const { not, value: share } = given;
  return {
    words: `--mode random ${bang(given)}--probability ${(share / 0x80000000).toFixed(11)}`,
    leavesTraces: true,
    test:
      () =>
      ({ packet }, context) =>
        context.draws(packet.source).integer(0x80000000) < share !== not,
  };
}

/** The first that matches is the one with the number `packet`, from 0 (xt_statistic.c). */
function nth(options: Options): MatchBody | undefined {
  if (!options.needs('--every') || !options.needs('--packet')) return undefined;
  const given = options.value('--every', 'a number from 1', (text) => parseWhole(text) || undefined);
  const packet = options.value('--packet', 'a number', (text) => parseWhole(text))?.value ?? 0;
  if (given === undefined) return undefined;
  const { not, value: every } = given;
  if (packet >= every)
    return options.problem('bad-value', `\`--packet\` is less than \`--every\``, `0 to ${every - 1}`, '--packet');
  return {
    words: `--mode nth ${bang(given)}--every ${every} --packet ${packet}`,
    leavesTraces: true,
    test: () => {
      let seen = 0;
      return () => {
        const hit = seen === packet;
        seen = seen + 1 === every ? 0 : seen + 1;
        return hit !== not;
      };
    },
  };
}

/** Microseconds a unit of `--limit` is long, by the names that are printed. */
const units = [
  ['day', 86_400 * second],
  ['hour', 3600 * second],
  ['min', 60 * second],
  ['sec', second],
] as const;

const unitNames: Readonly<Record<string, string>> = {
  s: 'sec',
  second: 'sec',
  m: 'min',
  minute: 'min',
  h: 'hour',
  d: 'day',
};

/** The kernel counts in such steps (XT_LIMIT_SCALE, 10,000 a second). */
const step = second / 10_000;
const defaultBurst = 5;

/** `-m limit`: a bucket of credits, one a packet, filled up evenly. */
export const limit: MatchModule = {
  options: { '--limit': value, '--limit-burst': value },
  read: (options) => {
    const spacing = options.value('--limit', 'a rate such as `5/min`', parseRate)?.value;
    const burst = options.value('--limit-burst', 'a number up to 10000', (text) => parseWhole(text, 10_000))?.value;
    if (options.has('--limit') && spacing === undefined) return undefined;
    const every = spacing ?? 1200 * second;
    const most = every * (burst ?? defaultBurst);
    const bursts = burst === undefined || burst === defaultBurst ? '' : ` --limit-burst ${burst}`;
    return {
      words: `--limit ${printRate(every)}${bursts}`,
      leavesTraces: true,
      test: () => {
        let credit = most;
        let before: number | undefined;
        return (_buffer, context) => {
          const now = context.now();
          credit = Math.min(most, credit + now - (before ?? now));
          before = now;
          if (credit < every) return false;
          credit -= every;
          return true;
        };
      },
    };
  },
};

/** The time between two packets, in microseconds. */
function parseRate(text: string): number | undefined {
  const [, digits, word = 'sec'] = /^(\d{1,9})(?:\/([a-z]+))?$/.exec(text) ?? [];
  const count = Number(digits);
  const name = Object.hasOwn(unitNames, word) ? unitNames[word] : word;
  const unit = units.find(([known]) => known === name)?.[1];
  if (unit === undefined || !(count > 0)) return undefined;
  const spacing = Math.floor(unit / step / count) * step;
  return spacing > 0 ? spacing : undefined;
}

/** In the shortest unit that does not lose too much (libxt_limit.c). */
function printRate(spacing: number): string {
  let best: (typeof units)[number] = units[0];
  for (const unit of units.slice(1)) {
    const [whole, rest] = [Math.floor(unit[1] / spacing), unit[1] % spacing];
    if (spacing > unit[1] || whole < rest / step) break;
    best = unit;
  }
  return `${Math.floor(best[1] / spacing)}/${best[0]}`;
}
