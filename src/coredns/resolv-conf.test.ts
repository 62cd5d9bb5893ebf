import { expect, test } from 'vitest';
import { readResolvConf } from './resolv-conf.ts';

// clientconfig.go of miekg/dns, which splits lines into fields.
test.each<[string, string, readonly string[], readonly string[]]>([
  ['the servers of all lines', 'nameserver 192.0.2.1\nnameserver 192.0.2.2\n', ['192.0.2.1', '192.0.2.2'], []],
  [
    'blanks and tabs before and between words',
    ' nameserver\t192.0.2.1 \r\n\tsearch  a.test\tb.test\n',
    ['192.0.2.1'],
    ['a.test', 'b.test'],
  ],
  ['one server a line', 'nameserver 192.0.2.1 192.0.2.2\nnameserver\n', ['192.0.2.1'], []],
  ['the last search line', 'search a.test\nsearch b.test\n', [], ['b.test']],
  ['one word of domain', 'search a.test\ndomain b.test c.test\n', [], ['b.test']],
  ['nothing of comments', '# search a.test\n;nameserver 192.0.2.1\n', [], []],
])('%s', (_, text, servers, search) => {
  expect(readResolvConf(text)).toEqual({ servers, search });
});
