import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Problem } from '../../problem/problem.ts';
import { plainAt, readYaml } from '../document.ts';
import { type Change, withChanges } from './change.ts';
import { readPath } from './path.ts';

const text = `title: t
seed: 1
cluster: { kubernetes: "1.29", coredns: { replicas: 2 } }
servers:
  dns: { upstreams: { example.com: corp, example.com.internal: corp } }
links: { default: { latency: 1ms }, a..b: { latency: 2ms } }
events:
  - { at: 60s, label: one }
  - { at: 90s, label: two }
`;

function change(...lines: string[]) {
  const problems: Problem[] = [];
  const document = readYaml({ file: 's.yaml', text }, problems);
  if (document === undefined) throw new Error('the document is sound');
  const settings: Change = { kind: 'settings', file: '--set', lines };
  return { document: withChanges(document, [settings], problems), problems };
}

describe('a setting', () => {
  test.each([
    ['seed=7', ['seed'], 7],
    ['cluster.coredns.replicas=3', ['cluster', 'coredns', 'replicas'], 3],
    ['cluster.coredns.release=1.12.1', ['cluster', 'coredns', 'release'], '1.12.1'],
    ['cluster.kubernetes=1.30', ['cluster', 'kubernetes'], '1.30'],
    ['cluster.kubeProxy.mode=iptables', ['cluster', 'kubeProxy', 'mode'], 'iptables'],
    ['links.a..b.latency=5ms', ['links', 'a..b', 'latency'], '5ms'],
    ['links."c..d".latency=5ms', ['links', 'c..d', 'latency'], '5ms'],
    ['servers.dns.upstreams.example.com.internal=x', ['servers', 'dns', 'upstreams', 'example.com.internal'], 'x'],
    ['servers.dns.upstreams.example.com=x', ['servers', 'dns', 'upstreams', 'example.com'], 'x'],
    ['events[2].at=95s', ['events', 1, 'at'], '95s'],
    ['events[3]={at: 5s, label: new}', ['events', 2], { at: '5s', label: 'new' }],
    ['events=[]', ['events'], []],
    ['title=a=b', ['title'], 'a=b'],
  ])('%s', (line, path, value) => {
    const { document, problems } = change(line);
    expect(problems).toEqual([]);
    expect(plainAt(document.value, path)).toEqual(value);
    expect(document.get(path)).toEqual(value);
  });

  test('leaves the rest as it was, with its place', () => {
    const { document } = change('seed=7');
    expect(plainAt(document.value, ['title'])).toBe('t');
    expect(document.valueAt(['title'])).toEqual({ file: 's.yaml', line: 1, column: 8 });
  });

  test('has a place of its own: its line, and the columns of its key and value', () => {
    const { document } = change('seed=7', 'cluster.coredns={ release: 1.11.1 }');
    expect(document.valueAt(['seed'])).toEqual({ file: '--set', line: 1, column: 6 });
    expect(document.keyAt(['cluster', 'coredns'])).toEqual({ file: '--set', line: 2, column: 9 });
    expect(document.valueAt(['cluster', 'coredns', 'release'])).toEqual({ file: '--set', line: 2, column: 28 });
  });

  test('of something new: what is missing beside it is missing there', () => {
    const { document } = change('workloads.app.every=5s');
    expect(document.keyAt(['workloads', 'app'])).toEqual({ file: '--set', line: 1, column: 1 });
  });

  test('is overridden by a later one of what it is in', () => {
    const { document } = change('cluster.coredns.release=1.9.3', 'cluster.coredns={ replicas: 1 }');
    expect(document.get(['cluster', 'coredns'])).toEqual({ replicas: 1 });
    expect(document.valueAt(['cluster', 'coredns', 'replicas'])).toMatchObject({ file: '--set', line: 2 });
  });
});

describe('a setting that cannot be', () => {
  test.each([
    ['seed', 5, 'no value for seed'],
    ['seed=', 6, 'a value is missing'],
    ['=3', 1, 'a name is missing'],
    ['links.x..y=1ms', 9, 'a name is missing'],
    ['seed.x=3', 5, 'seed is 1: nothing is below it'],
    ['events[0].at=5s', 7, 'entries are counted from 1'],
    ['events[4].at=5s', 7, 'there is no entry 4'],
    ['events.at=5s', 8, 'this is a list'],
    ['events[x]=5s', 7, 'this is no place in a list'],
    ['title[1]=5s', 6, 'title is "fine": nothing is below it'],
    ['cluster[1]=5s', 8, 'this is no list'],
    ['seed={', 7, 'flow map must end with a }'],
  ])('%s: column %d, %s', (line, column, message) => {
    const { problems } = change('title=fine', line);
    expect(problems.map(({ file, line: at, ...rest }) => [file, at, rest.column, rest.message])).toEqual([
      ['--set', 2, column, expect.stringContaining(message)],
    ]);
  });

  test('whatever is written: it is read or refused, and a place is within the text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), (line) => {
        const path = readPath(line, { a: { b: [1] }, 'c.d': 2 });
        if ('message' in path) expect(path.column).toBeLessThanOrEqual(line.length + 1);
        else expect(line[path.end]).toBe('=');
      }),
    );
  });
});
