import fc from 'fast-check';
import seedrandom from 'seedrandom';
import { expect, test } from 'vitest';
import { randomStream } from './random.ts';

test('a stream draws what Alea draws from its seed and name', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (seed, name) => {
      const [stream, alea] = [randomStream(seed, name), seedrandom.alea(`${seed}/${name}`)];
      for (let i = 0; i < 200; i++) expect(stream.fraction()).toBe(alea());
    }),
  );
});
