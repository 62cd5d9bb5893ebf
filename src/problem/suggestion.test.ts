import { describe, expect, test } from 'vitest';
import { didYouMean, nearestWord } from './suggestion.ts';

describe('nearestWord', () => {
  test.each([
    ['rnu', ['run'], 'run'],
    ['quite', ['json', 'quiet'], 'quiet'],
    ['Seed', ['seed', 'speed'], 'seed'],
    ['forwrad', ['file', 'forward'], 'forward'],
    ['cahce', ['cancel', 'cache'], 'cache'],
    ['x', ['y'], undefined],
    ['cachet', ['hosts', 'errors'], undefined],
    ['', ['a'], undefined],
  ])('%s among %j is %s', (word, known, meant) => {
    expect(nearestWord(word, known)).toBe(meant);
  });
});

describe('didYouMean', () => {
  test('lists what there is when nothing is near', () => {
    expect(didYouMean('zebra', ['run', 'lint'], 'commands')).toBe('commands: run, lint');
    expect(didYouMean('zebra', [], 'pods')).toBe('there are no pods');
    expect(didYouMean('rum', ['run'], 'commands')).toBe('did you mean run?');
  });
});
