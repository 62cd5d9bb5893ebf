import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OutputDirectory, writeFiles } from './output-directory.ts';

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'dnspath-test-'));
});
afterEach(() => rmSync(place, { recursive: true }));

const ours = (name: string) => name.endsWith('.csv') || name.endsWith('.svg');

describe('OutputDirectory', () => {
  test('shows nothing until it is published, and then everything', () => {
    const output = new OutputDirectory(join(place, 'a/b'));
    expect(existsSync(join(place, 'a/b'))).toBe(false);
    const names = writeFiles(output.temporary, [
      { name: 'x.csv', content: '1' },
      { name: 'y.csv', content: (take) => take(Buffer.from('23')) },
    ]);
    expect(existsSync(join(place, 'a/b'))).toBe(false);
    output.publish(names, ours);
    expect(readdirSync(join(place, 'a'))).toEqual(['b']);
    expect(readFileSync(join(place, 'a/b/x.csv'), 'utf8')).toBe('1');
    expect(readFileSync(join(place, 'a/b/y.csv'), 'utf8')).toBe('23');
  });

  test('replaces an earlier report and keeps what others put there', () => {
    mkdirSync(join(place, 'r'));
    for (const name of ['x.csv', 'old.svg', 'notes.md']) writeFileSync(join(place, 'r', name), 'old');
    const output = new OutputDirectory(join(place, 'r'));
    output.publish(writeFiles(output.temporary, [{ name: 'x.csv', content: 'new' }]), ours);
    expect(readdirSync(join(place, 'r'))).toEqual(['notes.md', 'x.csv']);
    expect(readFileSync(join(place, 'r/x.csv'), 'utf8')).toBe('new');
  });

  test('leaves nothing behind when it is abandoned or the writing fails', () => {
    new OutputDirectory(join(place, 'a/b/c')).abandon();
    const output = new OutputDirectory(join(place, 'a/b'));
    const files = ['x.csv', 'no/such/folder.csv'].map((name) => ({ name, content: '1' }));
    expect(() => writeFiles(output.temporary, files)).toThrow('ENOENT');
    output.abandon();
    expect(readdirSync(place)).toEqual([]);
  });

  test('refuses a place that is no directory', () => {
    writeFileSync(join(place, 'file'), '');
    expect(() => new OutputDirectory(join(place, 'file'))).toThrow('ENOTDIR');
    expect(() => new OutputDirectory(join(place, 'file/below'))).toThrow(/EEXIST|ENOTDIR/);
    expect(readdirSync(place)).toEqual(['file']);
  });
});
