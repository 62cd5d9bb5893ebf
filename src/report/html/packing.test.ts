import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pack, packSteps, unpack, unpackSteps } from './packing.ts';

describe('columns of numbers', () => {
  const wholes = fc.array(fc.integer({ min: -(2 ** 50), max: 2 ** 50 }));

  test.each([
    ['as they are', pack, unpack],
    ['as steps', packSteps, unpackSteps],
  ])('come out as they went in, %s', (_, into, out) => {
    fc.assert(
      fc.property(wholes, (values) => {
        expect(out(into(values))).toEqual(values);
      }),
    );
  });

  test.each([
    [[], ''],
    [[0], 'AA=='],
    [[-1, 1], 'AQI='],
    [[63, 64], 'foAB'],
  ])('%j is %j', (values, packed) => {
    expect(pack(values)).toBe(packed);
  });

  test('instants in order take few octets', () => {
    const instants = Array.from({ length: 1000 }, (_, index) => index * 1_000_000);
    expect(packSteps(instants).length).toBeLessThan(4100);
  });
});
