import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkText, codesIn } from '../testing/in-memory.ts';
import {
  corefileRules,
  everyRule,
  iptablesRules,
  resolvConfRules,
  scenarioRules,
  upgradeRules,
  zoneRules,
} from './table.ts';

const names = new Map<string, string>([
  ...[...corefileRules, ...upgradeRules].map(({ code }) => [code, 'Corefile'] as const),
  ...resolvConfRules.map(({ code }) => [code, 'resolv.conf'] as const),
  ...zoneRules.map(({ code }) => [code, 'corp.example.zone'] as const),
  ...iptablesRules.map(({ code }) => [code, 'node-1.rules'] as const),
]);
/** They need to know who else is there: `scenario.test.ts`. */
const needScenario = [
  'upstream-not-there',
  'forward-to-own-service',
  'tls-not-served',
  'dnat-leads-nowhere',
  ...scenarioRules.map(({ code }) => code),
];

describe('each rule objects to its wrong example, and not to the right one', () => {
  test.each(everyRule.filter(({ code }) => !needScenario.includes(code)))('$code', ({ code, example }) => {
    const { wrong, right, release, from, files } = example;
    const name = names.get(code) ?? '';
    const options = { ...(release === undefined ? {} : { release }), ...(from === undefined ? {} : { from }) };
    expect(codesIn(checkText(name, wrong, options, files), name)).toContain(code);
    const mended = codesIn(checkText(name, right, options, files), name);
    for (const bad of [code, 'does-not-start', 'zone-file-mistake', 'iptables-mistake'])
      expect(mended).not.toContain(bad);
  });
});

test('a code stands for one rule', () => {
  const codes = everyRule.map(({ code }) => code);
  expect(codes.filter((code, i) => codes.indexOf(code) !== i)).toEqual([]);
});

test('the recordings that rules rest on are there', () => {
  const families = [
    'coredns/cache',
    'coredns/forward',
    'coredns/size',
    'coredns/corefile',
    'coredns/more',
    'nodelocal',
    'path',
  ];
  const directories = [...families, 'recursor', 'resolver', 'resolver/more'].map(
    (family) => `test/recordings/${family}`,
  );
  const recordings = directories.flatMap((directory) => (existsSync(directory) ? readdirSync(directory) : []));
  const named = everyRule.flatMap(({ source }) =>
    [...source.matchAll(/recordings? ([^;(]*)/g)].flatMap(([, list = '']) => list.split(/,? and |, /)),
  );
  const words = named.map((name) => name.trim()).filter((name) => /^[a-z0-9]+-[a-z0-9-]+$/.test(name));
  expect(words.length).toBeGreaterThan(50);
  expect(words.filter((name) => !recordings.includes(`${name}.json`))).toEqual([]);
});
