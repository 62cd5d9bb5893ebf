import { describe, expect, test } from 'vitest';
import { second } from '../../../engine/time.ts';
import { served } from '../../testing/served.ts';

const timeouts = (...lines: string[]) => `. {\n timeouts {\n${lines.join('\n')}\n }\n whoami\n}`;

// size-tcp-timeouts-plugin, size-tcp-idle-*: read 3 s and idle 10 s where nothing is said.
describe('times of plain TCP', () => {
  test.each([
    [timeouts('read 1s', 'write 2s', 'idle 4s'), { firstRead: second, idle: 4 * second }],
    [timeouts('read 7'), { firstRead: 7 * second, idle: 10 * second }],
    [timeouts('idle 1m30s'), { firstRead: 3 * second, idle: 90 * second }],
    [timeouts('idle 5s', 'idle 24h'), { firstRead: 3 * second, idle: 86_400 * second }],
    ['. {\n whoami\n}', { firstRead: 3 * second, idle: 10 * second }],
  ])('%j', (corefile, limits) => {
    for (const release of ['1.10.1', '1.15.0']) {
      expect(served(corefile, { release }).tcpLimits).toMatchObject([limits]);
    }
  });

  test('a server of several blocks takes what the last one says', () => {
    const block = (zone: string, line: string) => `${zone} {\n timeouts {\n  ${line}\n }\n whoami\n}\n`;
    const corefile = block('a.test', 'read 20s') + block('b.test', 'read 5s') + block('c.test', 'idle 6s');
    expect(served(corefile).tcpLimits).toMatchObject([{ firstRead: 5 * second, idle: 6 * second }]);
  });

  test('all keys of a block', () => {
    const corefile = '.:53 .:1053 {\n timeouts {\n  idle 6s\n }\n whoami\n}';
    expect(served(corefile).tcpLimits).toMatchObject([{ idle: 6 * second }, { idle: 6 * second }]);
  });
});

// plugin/timeouts
test.each([
  [timeouts('read'), "Corefile:3 - Error during parsing: Wrong argument count or unexpected line ending after 'read'"],
  [
    timeouts('idle 1s 2s'),
    "Corefile:3 - Error during parsing: Wrong argument count or unexpected line ending after '2s'",
  ],
  [timeouts('idle soon'), "Corefile:3 - Error during parsing: failed to parse duration 'soon'"],
  [
    timeouts('read 1s', 'idle 999ms'),
    "Corefile:4 - Error during parsing: timeout provided '999ms' needs to be between 1 second and 24 hours",
  ],
  [
    timeouts('idle 25h'),
    "Corefile:3 - Error during parsing: timeout provided '25h0m0s' needs to be between 1 second and 24 hours",
  ],
  [timeouts('bogus 5s'), "Corefile:3 - Error during parsing: unknown option: 'bogus'"],
  [
    '. {\n timeouts\n whoami\n}',
    'plugin/timeouts: Corefile:2 - Error during parsing: timeouts block with no timeouts specified',
  ],
  [
    '. {\n timeouts 5s\n whoami\n}',
    "plugin/timeouts: Corefile:2 - Error during parsing: Wrong argument count or unexpected line ending after '5s'",
  ],
])('%j is refused', (corefile, failure) => {
  expect(served(corefile).failure).toBe(`plugin/timeouts: ${failure}`);
});

test('the time of writing is left out, and remarked on', () => {
  expect(served(timeouts('write 2s')).remarks).toMatchObject([
    { line: 3, message: 'property write of plugin `timeouts` is left out' },
  ]);
});

test('no directive before 1.10.1', () => {
  expect(served(timeouts('read 1s'), { release: '1.10.0' }).failure).toBe(
    "Corefile:2 - Error during parsing: Unknown directive 'timeouts'",
  );
});
