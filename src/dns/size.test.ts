import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { query, replyTo } from './build.ts';
import type { Edns, Message } from './message.ts';
import { absolute } from './name.ts';
import { layoutOf, sizeOf } from './size.ts';
import { parseRecord } from './text.ts';

type Lines = readonly (string | { readonly rr: string; readonly repeat: number })[];

function records(lines: Lines | { readonly rr: string; readonly repeat: number } = []) {
  const texts = [lines].flat().flatMap((line) => {
    if (typeof line === 'string') return [line];
    return Array.from({ length: line.repeat }, (_, i) =>
      line.rr
        .replaceAll('{i}', `${i}`)
        .replaceAll('{hi}', `${Math.floor(i / 250)}`)
        .replaceAll('{lo}', `${(i % 250) + 1}`),
    );
  });
  return texts.map((text) => {
    const record = parseRecord(text);
    if (record === undefined) throw new Error(`not a record: ${text}`);
    return record;
  });
}

interface Answer {
  readonly answer?: Lines;
  readonly authority?: Lines;
  readonly additional?: Lines;
}

function isLines(answer: Lines | Answer): answer is Lines {
  return Array.isArray(answer);
}

function reply(name: string, type: string, answer: Lines | Answer, udpSize?: number): Message {
  const sections: Answer = isLines(answer) ? { answer } : answer;
  const edns: Edns | undefined = udpSize === undefined ? undefined : { udpSize, do: false, version: 0, options: [] };
  return {
    ...replyTo(query(1, { name: absolute(name), type })),
    answer: records(sections.answer),
    authority: records(sections.authority),
    additional: records(sections.additional),
    edns,
  };
}

const addresses = (count: number) =>
  Array.from({ length: count }, (_, i) => `api-push.vivo.com.cn 60 IN A 192.0.2.${i + 1}`);

describe('sizes', () => {
  it('of twenty addresses: 358 compressed, 758 uncompressed, 11 more with OPT', () => {
    const plain = reply('api-push.vivo.com.cn', 'A', addresses(20));
    expect(sizeOf(plain, { compress: true })).toBe(358);
    expect(sizeOf(plain, { compress: false })).toBe(758);
    expect(sizeOf(reply('api-push.vivo.com.cn', 'A', addresses(20), 1232), { compress: false })).toBe(769);
  });

  it('compares letters as they are: `T16-Mixed.Example.ORG` is not `t16-mixed.example.org`', () => {
    const lines = addresses(20).map((line) => line.replace('api-push.vivo.com.cn', 't16-mixed.example.org'));
    const same = sizeOf(reply('t16-mixed.example.org', 'A', lines), { compress: true });
    const mixed = sizeOf(reply('T16-Mixed.Example.ORG', 'A', lines), { compress: true });
    expect(mixed - same).toBe(348 - 327);
  });

  it('shows what is left of the record that a buffer of 512 octets cuts: 6 of its octets, less than its owner', () => {
    const { records: layout } = layoutOf(reply('api-push.vivo.com.cn', 'A', addresses(20)), { compress: false });
    const cut = layout.find(({ end }) => end > 512);
    expect({ left: 512 - (cut?.start ?? 0), ownerLength: cut?.ownerLength }).toEqual({ left: 6, ownerLength: 22 });
  });

  it('points no further than octet 16383', () => {
    const lines = Array.from({ length: 900 }, (_, i) => `n${i}.far${i}.test 60 IN CNAME t${i}.near${i}.test`);
    const { records: layout } = layoutOf(reply('a.test', 'CNAME', [...lines, ...lines.slice(-1)]), { compress: true });
    const [last] = layout.slice(-1);
    expect(last?.start).toBeGreaterThan(16_384);
    expect(last?.ownerLength).toBe('n899.far899.'.length + 2);
  });

  it('never grows by compressing', () => {
    const label = fc.constantFrom('a', 'b', 'a-rather-long-label', 'test', 'A');
    const name = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join('.'));
    fc.assert(
      fc.property(name, fc.array(fc.tuple(name, name), { maxLength: 20 }), (asked, pairs) => {
        const message = reply(
          asked,
          'CNAME',
          pairs.map(([owner, target]) => `${owner} 60 IN CNAME ${target}`),
        );
        const layout = layoutOf(message, { compress: true });
        expect(layout.size).toBeLessThanOrEqual(sizeOf(message, { compress: false }));
        expect(layout.records.map(({ start }) => start).slice(1)).toEqual(
          layout.records.map(({ end }) => end).slice(0, -1),
        );
      }),
    );
  });
});

describe('sizes of recording size-wire-table', () => {
  const recording: {
    readonly servers: Readonly<Record<string, { readonly answers: Readonly<Record<string, Lines | Answer>> }>>;
    readonly steps: readonly {
      readonly query: { readonly name: string; readonly type: string; readonly proto?: string; readonly edns?: number };
    }[];
    readonly observed: readonly {
      readonly release: string;
      readonly replies: readonly { readonly step: number; readonly wire: number }[];
    }[];
  } = JSON.parse(readFileSync('test/recordings/coredns/size/size-wire-table.json', 'utf8'));
  const answers = Object.assign({}, ...Object.values(recording.servers).map((server) => server.answers));
  const replies = recording.observed.find(({ release }) => release === '1.15.0')?.replies ?? [];

  it.each(
    recording.steps.map((step, i) => [`${step.query.name} ${step.query.type} ${step.query.edns ?? 'tcp'}`, i] as const),
  )('%s', (_, i) => {
    const { name = '', type = '', edns } = recording.steps[i]?.query ?? {};
    const answer: Lines | Answer = answers[`${name.toLowerCase()} ${type}`];
    const message = reply(name, type, answer, edns);
    const plain = sizeOf(message, { compress: false });
    // CoreDNS compresses what does not fit, and datagrams above 1480 octets.
    const compress = edns !== undefined && (plain > edns || plain > 1480);
    expect(sizeOf(message, { compress })).toBe(replies.find(({ step }) => step === i)?.wire);
  });
});
