import { expect, it } from 'vitest';
import { Letters } from './letters.ts';

it('keeps each label as it was first written (recording recursor-m-letter-case, named)', () => {
  const letters = new Letters();
  for (const name of ['A.DeMo.', 'WWW.demo.', 'www.DEMO.']) letters.learn(name);
  expect(['a.demo.', 'www.demo.', 'b.www.demo.', '.'].map((name) => letters.of(name))).toEqual([
    'A.DeMo.',
    'WWW.DeMo.',
    'b.WWW.DeMo.',
    '.',
  ]);
});
