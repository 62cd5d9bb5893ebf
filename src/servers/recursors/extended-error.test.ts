import { expect, test } from 'vitest';
import { optionFor, outOfTime } from './extended-error.ts';

// RFC 8914 §2: OPTION-CODE 15, INFO-CODE in two octets, then the text; 10 octets on the wire (recording recursor-n-knot-silent-edns).
test('the option holds the code and the text', () => {
  expect(optionFor(outOfTime)).toEqual({ code: 15, octets: Uint8Array.of(0, 22, 0x52, 0x52, 0x50, 0x46) });
});
