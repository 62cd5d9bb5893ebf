import type { SetSide } from '../../ipset/sets.ts';
import { always } from '../context.ts';
import { bang, flag, type Options } from '../options.ts';
import { quoteName } from '../words.ts';
import type { MatchModule } from './module.ts';

const what = 'a list of `src` and `dst`';

/** `-m set`: is what the packet says in a set of ipset's? */
export const set: MatchModule = {
  options: {
    '--match-set': { words: 2, negatable: true },
    '--return-nomatch': flag,
    '--update-counters': { words: 0, negatable: true },
    '--update-subcounters': { words: 0, negatable: true },
  },
  read: (options) => {
    if (!options.needs('--match-set')) return undefined;
    const given = options.pair('--match-set', 'the name of a set', (text) => text);
    if (given === undefined) return undefined;
    const [name, list] = given.value;
    const sides = list.split(',').map(parseSide);
    if (!sides.every((one) => one !== undefined))
      return options.problem('bad-value', `\`${list}\` is not ${what}`, 'such as `dst,dst`', '--match-set');
    return {
      words: `${bang(given)}--match-set ${quoteName(name)} ${sides.join(',')}${counting(options)}`,
      test: always(({ packet }, { sets }) => sets.holds(name, sides, packet) !== given.not),
    };
  },
};

function counting(options: Options): string {
  return ['--return-nomatch', '--update-counters', '--update-subcounters']
    .filter((name) => options.has(name))
    .map((name) => ` ${options.flag(name)?.not === true ? '! ' : ''}${name}`)
    .join('');
}

function parseSide(word: string): SetSide | undefined {
  return word === 'src' || word === 'dst' ? word : undefined;
}
