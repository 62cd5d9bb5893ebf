import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isObject } from './kernel/recording.ts';
import { observe } from './kernel.ts';

const file = 'g_masquerade_collision.jsonl';

function read(): Record<string, unknown>[] {
  const text = readFileSync(new URL(`../recordings/kernel/${file}`, import.meta.url), 'utf8');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
}

/** Who was answered from where, by which server. */
function replies(rows: readonly unknown[]): string[] {
  return rows
    .filter(isObject)
    .filter((row) => row.ev === 'reply')
    .map(({ who, id, frm, answer }) => [who, id, frm, answer].join(' '));
}

/** What each new flow's source port became: kept, or the class it was moved within. */
function ports(rows: readonly unknown[]): string[] {
  return rows
    .filter(isObject)
    .filter((row) => row.ev === 'ct-event' && row.type === 'NEW' && isObject(row.orig) && isObject(row.reply))
    .map((row) => {
      const orig = isObject(row.orig) ? row.orig : {};
      const reply = isObject(row.reply) ? row.reply : {};
      const moved = Number(reply.dport);
      const kind = moved === Number(orig.sport) ? 'kept' : moved < 512 ? '<512' : moved < 1024 ? '<1024' : '>=1024';
      return [orig.src, orig.sport, orig.dst, reply.dst, kind].join(' ');
    });
}

describe('masquerade_collision: which port is drawn differs, all else does not', () => {
  const recording = read();

  it.each(Array.from({ length: 20 }, (_, n) => `seed ${n}`))('%s', (seed) => {
    const observed = observe(file, recording, seed) ?? [];
    expect(replies(observed)).toEqual(replies(recording));
    expect(ports(observed)).toEqual(ports(recording));
  });
});
