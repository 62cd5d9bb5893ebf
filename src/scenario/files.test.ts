import { expect, test } from 'vitest';
import { joinPath } from './files.ts';

test.each([
  ['.', 'scenario.yaml', 'scenario.yaml'],
  ['./', 'scenario.yaml', 'scenario.yaml'],
  ['mine/', './Corefile', 'mine/Corefile'],
  ['mine', '../shared/zone', 'shared/zone'],
  ['..', '../zone', '../../zone'],
  ['/srv', '../../zone', '/zone'],
  ['/', 'zone', '/zone'],
  ['/srv', '/etc/zone', '/etc/zone'],
  ['mine', '..', '.'],
])('from %s, %s is %s', (directory, path, joined) => {
  expect(joinPath(directory, path)).toBe(joined);
});
