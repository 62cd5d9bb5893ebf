import type { SocketBuffer } from '../../ip/socket-buffer.ts';
import { always } from '../context.ts';
import { bang, negatableValue, type Options } from '../options.ts';
import { parseMark, printMark } from '../values.ts';
import type { MatchBody, MatchModule } from './module.ts';

const what = 'a mark such as `0x4000/0x4000`';

/** The packet's own mark. */
export const mark: MatchModule = {
  options: { '--mark': negatableValue },
  read: (options) => readMark(options, ({ mark: own }) => own, {}),
};

/** The mark of the packet's connection. */
export const connmark: MatchModule = {
  options: { '--mark': negatableValue },
  read: (options) => readMark(options, ({ connection }) => connection?.mark, { tracks: true }),
};

/** `markOf`: undefined where there is nothing that bears a mark, which never matches. */
function readMark(
  options: Options,
  markOf: (buffer: SocketBuffer) => number | undefined,
  more: Pick<MatchBody, 'tracks'>,
): MatchBody | undefined {
  if (!options.needs('--mark')) return undefined;
  const given = options.value('--mark', what, parseMark);
  if (given === undefined) return undefined;
  const { not, value } = given;
  return {
    words: `${bang(given)}--mark ${printMark(value)}`,
    ...more,
    test: always((buffer) => {
      const own = markOf(buffer);
      return own !== undefined && ((own & value.mask) >>> 0 === value.value) !== not;
    }),
  };
}
