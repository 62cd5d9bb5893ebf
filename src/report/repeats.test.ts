import { describe, expect, test } from 'vitest';
import type { AccountStep } from '../trace/account/account.ts';
import { foldRepeats } from './repeats.ts';

const step = (text: string, at = 'app'): AccountStep => ({
  t: 0,
  seq: 0,
  trace: 1,
  at,
  layer: 'resolver',
  depth: 0,
  earlier: false,
  aside: false,
  tone: 'plain',
  text,
  evidence: [],
});
const folded = (...texts: string[]) =>
  foldRepeats(texts.map((text) => step(text))).map((told) => (told.kind === 'step' ? told.step.text : told.steps));

describe('foldRepeats', () => {
  test('a second try from another port that goes the same way is told once', () => {
    expect(
      folded(
        'asks from port 1.',
        'is rejected.',
        'learns it.',
        'asks once more from port 2.',
        'is rejected.',
        'learns it.',
        'fails.',
      ),
    ).toEqual(['asks from port 1.', 'is rejected.', 'learns it.', 3, 'fails.']);
  });

  test('a third one too', () => {
    expect(folded('a', 'b', 'c', 'a', 'b', 'c', 'a', 'b', 'c')).toEqual(['a', 'b', 'c', 3, 3]);
  });

  test('what is short, or differs by a word, is told again', () => {
    expect(folded('a', 'b', 'a', 'b')).toEqual(['a', 'b', 'a', 'b']);
    expect(folded('a', 'b', 'c', 'a', 'b', 'd')).toEqual(['a', 'b', 'c', 'a', 'b', 'd']);
  });

  test('the same at another place is something else', () => {
    const steps = ['app', 'app', 'app', 'web', 'web', 'web'].map((at, index) => step(`step ${'abc'[index % 3]}`, at));
    expect(foldRepeats(steps).every(({ kind }) => kind === 'step')).toBe(true);
  });
});
