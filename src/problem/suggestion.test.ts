import { describe, expect, test } from 'vitest';
import { didYouMean, knownReleases, nearestWord } from './suggestion.ts';

describe('nearestWord', () => {
  test.each([
    ['rnu', ['run'], 'run'],
    ['quite', ['json', 'quiet'], 'quiet'],
    ['Seed', ['seed', 'speed'], 'seed'],
    ['forwrad', ['file', 'forward'], 'forward'],
    ['cahce', ['cancel', 'cache'], 'cache'],
    ['x', ['y'], undefined],
    ['foo', ['go'], undefined],
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

test.each([
  ['1.12', 'there is 1.12.0, 1.12.1'],
  ['1.12.9', 'there is 1.12.0, 1.12.1'],
  ['v1.12.1', 'there is 1.12.0, 1.12.1'],
  ['1.99.0', 'those from 1.6.7 to 1.15.0 are'],
  ['newest', 'those from 1.6.7 to 1.15.0 are'],
])('of releases like %s %s', (release, remedy) => {
  expect(knownReleases(release, ['1.6.7', '1.12.0', '1.12.1', '1.15.0'])).toBe(remedy);
});
