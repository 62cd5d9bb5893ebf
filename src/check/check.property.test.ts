import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ReleaseName, releaseNames } from '../coredns/releases.ts';
import { checkFiles } from './check.ts';
import { type FileKind, fileKinds } from './kind.ts';
import { everyRule } from './rules/table.ts';
import { inMemory } from './testing/in-memory.ts';

const names: Readonly<Record<FileKind, string>> = {
  corefile: 'Corefile',
  configmap: 'coredns.yaml',
  'resolv-conf': 'resolv.conf',
  zone: 'db.example.org',
  iptables: 'node-1.rules',
  scenario: 'scenario.yaml',
};

/** Words that mean something somewhere, so that random texts get deep into the parsers. */
const words = fc.constantFrom(
  ...[
    '.',
    '.:53',
    'cluster.local',
    'A.B',
    '{',
    '}',
    '\n',
    '\n  ',
    '#',
    '"',
    '(x)',
    'import',
    'x',
    '{$X}',
    '10.0.0.0/33',
  ],
  ...['forward', 'cache', 'kubernetes', 'hosts', 'template', 'rewrite', 'health', 'bind', 'bufsize', 'acl', 'autopath'],
  ...['serve_stale', 'prefetch', 'success', 'denial', 'disable', 'fallthrough', 'ttl', 'policy', 'max_fails', 'verify'],
  ...['127.0.0.1', '/etc/resolv.conf', 'tls://1.1.1.1', '0', '-1', '30', '30s', '99999999999999999999', 'ANY', 'AAAA'],
  ...['*nat\n', ':KUBE-SERVICES - [0:0]\n', '-A KUBE-SERVICES', '-p udp', '--dport 53', '-j REJECT', 'COMMIT\n'],
  ...['nameserver', 'search', 'options', 'ndots:5', 'attempts:99', 'timeout:', 'rotate', '::1', '$ORIGIN', '$TTL', '@'],
  ...[
    'IN',
    'SOA',
    'CNAME',
    'A',
    '(',
    ')',
    '192.0.2.1',
    'a.',
    '*.b',
    'apiVersion: v1\n',
    'data:\n',
    '  Corefile: |\n    ',
  ],
  ...[
    '- ',
    '&a',
    '*a',
    'items:\n',
    '---\n',
    'title: x\n',
    'cluster:\n',
    'pods: {}\n',
    '\u0000',
    '\ufeff',
    '’',
    '\t',
    '\r\n',
  ],
);
/** Examples with a part replaced. */
const spoilt = fc
  .tuple(
    fc.constantFrom(...everyRule.map(({ example }) => example.wrong)),
    fc.nat(),
    fc.nat(20),
    fc.array(words, { maxLength: 3 }),
  )
  .map(([text, start, length, put]) => {
    const at = start % (text.length + 1);
    return text.slice(0, at) + put.join(' ') + text.slice(at + length);
  });
const texts = fc.oneof(
  spoilt,
  fc.array(words, { maxLength: 60 }).map((list) => list.join(' ')),
  fc.array(words, { maxLength: 30 }).map((list) => list.join('')),
  fc.string({ maxLength: 200, unit: 'binary' }),
);
const releases = fc.constantFrom<ReleaseName>(...releaseNames);
const codes = everyRule.map(({ code }) => code);

describe('whatever stands in a file', () => {
  test.each(fileKinds)('%s: findings with a place, or a reason why it cannot be checked', (kind) => {
    const file = names[kind];
    const property = fc.property(texts, releases, fc.option(releases, { nil: undefined }), (text, release, from) => {
      const options = { kind, release, ...(from === undefined ? {} : { from }) };
      const { files, unreadable, texts: read } = checkFiles([file], inMemory({ [file]: text }), options);
      expect(files.length + unreadable.length).toBeGreaterThan(0);
      const lines = text.split('\n').length;
      for (const finding of files.flatMap(({ findings }) => findings)) {
        expect(codes).toContain(finding.code);
        expect(read.has(finding.file)).toBe(true);
        expect(finding.line).toBeGreaterThanOrEqual(1);
        expect(finding.line).toBeLessThanOrEqual(lines);
        expect(finding.column).toBeGreaterThanOrEqual(1);
      }
    });
    fc.assert(property, { numRuns: 60 });
  });

  test('the kind is told, or asked for', () => {
    const property = fc.property(texts, fc.constantFrom('x', 'Corefile', 'a.yaml', 'db.a'), (text, name) => {
      const { files, unreadable } = checkFiles([name], inMemory({ [name]: text }));
      expect(files.length + unreadable.length).toBeGreaterThan(0);
    });
    fc.assert(property, { numRuns: 60 });
  });
});
