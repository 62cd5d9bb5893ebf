import { describe, expect, it } from 'vitest';
import { absolute, isWithin, labelsOf, nameLength, parentOf, sameName } from './name.ts';

describe('names', () => {
  it.each<[name: string, labels: string[], length: number, parent: string]>([
    ['.', [], 1, '.'],
    ['test.', ['test'], 6, '.'],
    ['api-push.vivo.com.cn.', ['api-push', 'vivo', 'com', 'cn'], 22, 'vivo.com.cn.'],
    ['a\\.b.test.', ['a\\.b', 'test'], 10, 'test.'],
    ['a\\065b.test.', ['a\\065b', 'test'], 10, 'test.'],
  ])('%s', (name, labels, length, parent) => {
    expect({ labels: labelsOf(name), length: nameLength(name), parent: parentOf(name) }).toEqual({
      labels,
      length,
      parent,
    });
  });

  it('are within a zone by whole labels, whatever their letters', () => {
    expect([
      isWithin('a.Example.com.', 'example.COM.'),
      isWithin('example.com.', 'example.com.'),
      isWithin('notexample.com.', 'example.com.'),
      isWithin('anything.', '.'),
    ]).toEqual([true, true, false, true]);
  });

  it('compare without case and get their final dot', () => {
    expect([sameName('A.test.', 'a.TEST.'), sameName('a.test.', 'b.test.')]).toEqual([true, false]);
    expect([absolute('a'), absolute('a.')]).toEqual(['a.', 'a.']);
  });
});
