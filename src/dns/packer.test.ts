import { expect, it } from 'vitest';
import { query, replyTo } from './build.ts';
import type { Message } from './message.ts';
import type { Reach } from './packer.ts';
import { sizeOf } from './size.ts';
import { parseRecord } from './text.ts';

const records = (lines: readonly string[]) => lines.flatMap((line) => parseRecord(line) ?? []);

function reply(name: string, type: string, sections: Partial<Record<'answer' | 'authority' | 'additional', string[]>>) {
  const { answer = [], authority = [], additional = [] } = sections;
  const empty: Message = replyTo(query(1, { name, type }));
  return { ...empty, answer: records(answer), authority: records(authority), additional: records(additional) };
}

const alias = reply('w.demo.', 'A', {
  answer: ['w.demo. 20 IN CNAME x.other.'],
  authority: ['other. 6 IN SOA ns.other. host.other. 1 7200 900 1209600 6'],
});
const roots = reply('.', 'NS', { answer: ['. 6 IN NS a.root-servers.net.', '. 6 IN NS b.root-servers.net.'] });
const service = reply('srv.demo.', 'SRV', {
  answer: ['srv.demo. 60 IN SRV 0 0 80 a.demo.'],
  additional: ['a.demo. 30 IN A 192.0.2.1'],
});

it.each<[of: string, message: Message, pointsTo: Reach, octets: number]>([
  ['an alias into another zone (recursor-n-alias-to-nothing, kresd)', alias, 'last', 94],
  ['the same (pdns_recursor)', alias, 'all', 89],
  ['servers of the root (recursor-n-root-probe-more, kresd)', roots, 'last', 79],
  ['the same (named)', roots, 'two longest', 64],
  ['the same (unbound)', roots, 'all', 63],
  ['an address of a SRV target (recursor-auth-shapes, knotd)', service, 'last or hinted', 68],
])('pointers: %s', (_of, message, pointsTo, octets) => {
  expect(sizeOf(message, { compress: true, pointsTo })).toBe(octets);
});
