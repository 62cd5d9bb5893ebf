import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { incidents } from './gallery.ts';

/** What says how a run is told, not what happens in it. */
const telling = ['title', 'start', 'captures', 'lesson', 'remedy', 'expect'];
/** Commands that print and change nothing. */
const prints = /^(ipvsadm -L|conntrack -[CLS]|nft list)/;

/** Every setting of a scenario by its path; a list is one setting, a file is its text. */
function settingsOf(name: string): Map<string, string> {
  const file = join('scenarios', name, 'scenario.yaml');
  const settings = new Map<string, string>();
  const add = (path: string, value: unknown): void => {
    if (Array.isArray(value)) settings.set(path, JSON.stringify(value.filter(matters).map((one) => named(one, file))));
    else if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) add(path === '' ? key : `${path}.${key}`, inner);
    else settings.set(path, JSON.stringify(named(value, file)));
  };
  const document: unknown = parse(readFileSync(file, 'utf8'));
  add('', document);
  for (const path of [...settings.keys()]) if (telling.includes(path.split('.')[0] ?? '')) settings.delete(path);
  return settings;
}

function matters(event: unknown): boolean {
  return !prints.test(JSON.stringify(event).match(/"command":"([^"]*)/)?.[1] ?? '');
}

/** With the text of each file in the place of its path. */
function named(value: unknown, file: string): unknown {
  if (typeof value === 'string') {
    const path = join(dirname(file), value);
    return value.includes('\n') || !value.includes('/') || !existsSync(path) ? value : readFileSync(path, 'utf8');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, named(inner, file)]));
}

describe('a control has the schedule of its incident, and differs by the cure alone', () => {
  test.each(incidents)('$control', ({ scenario, control, cure }) => {
    const [given, cured] = [settingsOf(scenario), settingsOf(control)];
    const paths = new Set([...given.keys(), ...cured.keys()]);
    const differing = [...paths].filter((path) => given.get(path) !== cured.get(path));
    const under = (path: string, place: string) => path === place || path.startsWith(`${place}.`);
    expect(differing.filter((path) => !cure.some((place) => under(path, place)))).toEqual([]);
    expect(cure.filter((place) => !differing.some((path) => under(path, place)))).toEqual([]);
  });
});
