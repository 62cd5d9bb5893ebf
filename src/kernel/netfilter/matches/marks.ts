import { always } from '../context.ts';
import { bang, negatableValue } from '../options.ts';
import { parseMark, printMark } from '../values.ts';
import type { MatchModule } from './module.ts';

const what = 'a mark such as `0x4000/0x4000`';

/** The packet's own mark. */
export const mark: MatchModule = {
  options: { '--mark': negatableValue },
  read: (options) => {
    if (!options.needs('--mark')) return undefined;
    const given = options.value('--mark', what, parseMark);
    if (given === undefined) return undefined;
    const { not, value } = given;
    return {
      words: `${bang(given)}--mark ${printMark(value)}`,
      test: always((buffer) => ((buffer.mark & value.mask) >>> 0 === value.value) !== not),
    };
  },
};

/** The mark of the packet's connection. */
export const connmark: MatchModule = {
  options: { '--mark': negatableValue },
  read: (options) => {
    if (!options.needs('--mark')) return undefined;
    const given = options.value('--mark', what, parseMark);
    if (given === undefined) return undefined;
    const { not, value } = given;
    return {
      words: `${bang(given)}--mark ${printMark(value)}`,
      tracks: true,
      test: always(
        ({ connection }) => connection !== undefined && ((connection.mark & value.mask) >>> 0 === value.value) !== not,
      ),
    };
  },
};
