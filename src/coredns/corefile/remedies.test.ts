import { expect, test } from 'vitest';
import { remedyFor } from './remedies.ts';

test.each([
  ['plugin/loop: this plugin can only be used once per Server Block', 'make one line of the two'],
  ["plugin/kubernetes: Corefile:8 - Error during parsing: unknown property 'pod'", 'did you mean `pods`?'],
  [
    "plugin/health: Corefile:5 - Error during parsing: Wrong argument count or unexpected line ending after 'lameduk'",
    'did you mean `lameduck`?',
  ],
  [
    "plugin/forward: Corefile:3 - Error during parsing: unknown property 'max_concurent'",
    'did you mean `max_concurrent`?',
  ],
  ["plugin/forward: Corefile:4 - Error during parsing: unknown policy 'roundrobin'", 'did you mean `round_robin`?'],
  // The last argument was right, one more is wanted: no word is mistaken.
  [
    "plugin/cache: Corefile:3 - Error during parsing: Wrong argument count or unexpected line ending after 'denial'",
    'write it as: cache [TTL] [ZONES…]',
  ],
  [
    "plugin/hosts: Corefile:3 - Error during parsing: unknown property '192.0.2.1'",
    'write it as: hosts [FILE [ZONES…]]',
  ],
])('%s: %s', (message, remedy) => {
  expect(remedyFor(message)).toBe(remedy);
});
