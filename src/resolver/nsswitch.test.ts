import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseNsswitch } from './nsswitch.ts';

const read = (text: string) =>
  parseNsswitch(text)?.map(({ name, returnsOn }) => `${name}: ${[...returnsOn].join(' ')}`);

test.each([
  ['hosts: files dns\n', ['files: SUCCESS', 'dns: SUCCESS']],
  ['passwd: files\nhosts:dns [!UNAVAIL=return] files # old', ['dns: SUCCESS NOTFOUND TRYAGAIN', 'files: SUCCESS']],
  [
    'hosts: files mdns4_minimal [NOTFOUND=return] dns',
    ['files: SUCCESS', 'mdns4_minimal: SUCCESS NOTFOUND', 'dns: SUCCESS'],
  ],
  ['hosts: dns [SUCCESS=continue TRYAGAIN=return]', ['dns: TRYAGAIN']],
  ['HOSTS: files\nhosts: dns\n', ['dns: SUCCESS']],
  ['hosts: files[NOTFOUND=return]dns', ['files: SUCCESS NOTFOUND', 'dns: SUCCESS']],
  ['', undefined],
])('%j', (text, sources) => {
  expect(read(text)).toEqual(sources);
});

test('any text is read', () => {
  const piece = fc.constantFrom('hosts:', ' files', ' dns', '[', ']', '!', 'NOTFOUND', '=return', '\n', '#', 'x');
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      expect(() => parseNsswitch(pieces.join(''))).not.toThrow();
    }),
    { seed: 8 },
  );
});
