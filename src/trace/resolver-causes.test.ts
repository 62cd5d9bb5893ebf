import { expect, test } from 'vitest';
import { causeOfFailure, whyFailed, worldWith } from '../../test/support/failure.ts';
import { smallWorld } from '../../test/support/small-trace.ts';
import { Trouble } from '../../test/support/trouble.ts';
import type { World } from '../cluster/world.ts';
import { coreDnsCpu } from '../coredns/records.ts';
import type { ResolverDescription } from '../resolver/description.ts';
import { cacheHit, callFailed, replyCame } from '../resolver/records.ts';
import { recursorCache } from '../servers/records.ts';

const musl = { kind: 'musl', release: '1.2.3' } as const;
const nothing = () => undefined;

// What a file's search list is to each reader: src/resolver/resolv-conf.test.ts.
test.each<[string, Pick<ResolverDescription, 'kind' | 'release'>, string, string]>([
  ['the last search line', musl, 'search example.org\nsearch example.com\n', 'search-skipped'],
  ['none but the last search line', musl, 'search example.com\nsearch example.org\n', 'nxdomain'],
  ['a domain line', musl, 'domain example.com\n', 'search-skipped'],
  ['no line that is indented', musl, ' search example.com\n', 'nxdomain'],
  ['tabs between words', musl, 'search\texample.org\texample.com\n', 'search-skipped'],
  ['no comment', musl, '# search example.com\n', 'nxdomain'],
  ['an indented line, of Go', { kind: 'go', release: '1.22' }, ' search example.com\n', 'search-skipped'],
])('the search list that a resolver skipped is %s', (_, reader, text, cause) => {
  const skips = (one: Trouble) => {
    one.trace.asked('corp-dns', one.trace.recorder.trace(one.query), 'nxdomain');
    one.reply('NXDOMAIN');
    one.replied('A', 'NXDOMAIN', one.query, 0, 'db.');
    one.name('db.', 'enough-dots', reader.kind === 'go' ? 'no such host' : 'none');
  };
  expect(causeOfFailure(worldWith(text, reader), nothing, skips)).toBe(cause);
});

// Their words for the end of a name do not say which: `no such host`, `ENOTFOUND`, `UnknownHostException`.
test.each<[string, string, string]>([
  ['no such host', 'NXDOMAIN', 'nxdomain'],
  ['no such host', 'NOERROR', 'nodata'],
  ['server misbehaving', 'SERVFAIL', 'servfail'],
])('what Go calls %s is told by the replies: %s', (words, rcode, cause) => {
  const happens = (one: Trouble) => {
    one.replied('A', rcode, one.query, 0, 'db.example.com.');
    if (rcode !== 'NOERROR') one.reply(rcode);
    one.name('db.example.com.', 'search-list', words);
    const last = one.trace.recorder.trace(one.root);
    one.replied('A', rcode, last, 0, 'db.');
    if (rcode !== 'NOERROR') one.reply(rcode, last);
    one.name('db.', 'last-resort', words);
  };
  expect(causeOfFailure(worldWith('', { kind: 'go', release: '1.22' }), nothing, happens)).toBe(cause);
});

// Go keeps the first error that comes, which is that of the half that was answered (`goLookupIPCNAME` of net/dnsclient_unix.go).
test('what Go calls no such host where one half was not answered is told by what became of that', () => {
  const happens = (one: Trouble) => {
    one.made('A', one.query);
    const other = one.trace.recorder.trace(one.root);
    one.made('AAAA', other);
    one.trace.asked('corp-dns', one.query, 'drop');
    one.replied('AAAA', 'NOERROR', other);
    one.name('db.example.com.', 'final-dot', 'no such host');
  };
  const why = whyFailed(worldWith('', { kind: 'go', release: '1.22' }), nothing, happens);
  expect(why?.cause).toBe('server-silent');
  expect(why?.sentence).toContain(
    'of that and the question for the AAAA of db.example.com., which found nothing, the resolver made "no such host"',
  );
});

// Of its two halves Go prints the error of one: src/net/dnsclient_unix.go, goLookupIPCNAMEOrder.
test.each([
  ['server misbehaving', 'servfail'],
  ['read udp 10.244.0.9:4000->192.0.2.1:53: i/o timeout', 'server-silent'],
])('where one half met a silent server and the other one that fails, Go says which decided it: %s', (said, cause) => {
  for (const isSilentLast of [false, true]) {
    const happens = (one: Trouble) => {
      const other = one.trace.recorder.trace(one.root);
      const silent = () => {
        one.trace.asked('dns-a', other, 'drop');
        one.waited('192.0.2.1', 5);
      };
      if (!isSilentLast) silent();
      one.trace.asked('dns-b', one.query, 'servfail');
      if (isSilentLast) silent();
      one.name('db.example.com.', 'final-dot', said);
    };
    const why = whyFailed(worldWith('', { kind: 'go', release: '1.22' }), nothing, happens);
    expect(why?.cause).toBe(cause);
    expect(why?.sentence).toContain('dns-a did not answer');
    expect(why?.sentence).toContain('dns-b answered SERVFAIL');
  }
});

test('three servers with three faults are told, all of them', () => {
  const happens = (one: Trouble) => {
    one.trace.asked('dns-a', one.trace.recorder.trace(one.root), 'drop');
    one.waited('192.0.2.1', 5);
    one.trace.asked('dns-b', one.trace.recorder.trace(one.root), 'servfail');
    one.trace.asked('dns-c', one.trace.recorder.trace(one.root), 'refused');
    one.name('db.example.com.', 'final-dot', 'TRY_AGAIN');
  };
  const { cause, sentence } = whyFailed(worldWith('', { kind: 'glibc', release: '2.36' }), nothing, happens) ?? {};
  expect(cause).toBe('refused');
  expect(sentence).toMatch(
    /: dns-c answered REFUSED for db\.example\.com; dns-b answered SERVFAIL; what took that long: dns-a did not answer\.$/,
  );
});

// CoreDNS hands on what its last upstream says: had the first one answered, that would have been the answer.
test('a silent upstream is told beside the error of the one that was asked after it', () => {
  const happens = (one: Trouble) => {
    const [silent, failing] = [one.trace.recorder.trace(one.query), one.trace.recorder.trace(one.query)];
    one.trace.asked('dns-a', silent, 'drop');
    one.attempt(silent, 'error');
    one.trace.asked('dns-b', failing, 'servfail');
    one.attempt(failing, 'answered');
    one.reply('SERVFAIL');
    one.name('db.example.com.', 'final-dot', 'TRY_AGAIN');
  };
  expect(whyFailed(worldWith('', { kind: 'glibc', release: '2.36' }), nothing, happens)?.sentence).toMatch(
    /: dns-b answered SERVFAIL; dns-a did not answer\.$/,
  );
});

test('an empty reply with TC denies nothing', () => {
  const happens = (one: Trouble) => {
    one.trace.recorder.write(replyCame, 'app', one.query, 'truncated', {
      ...{
        resolver: 'app',
        server: '10.96.0.10',
        protocol: 'udp',
        name: 'db.example.com.',
        type: 'A',
        id: 1,
        socket: 1,
      },
      ...{ rcode: 'NOERROR', answers: 0 },
    });
    one.dropped('node-1', 'rule-reject', '10.96.0.10', '-A FORWARD -p tcp -j REJECT', ['tcp', 'S']);
    one.name('db.example.com.', 'final-dot', 'no such host');
  };
  expect(causeOfFailure(worldWith('', { kind: 'go', release: '1.22' }), nothing, happens)).toBe('rule-reject');
});

test('of two faults that met the tries of one lookup both are told', () => {
  const happens = (one: Trouble) => {
    one.trace.asked('corp-dns', one.trace.recorder.trace(one.query), 'servfail');
    one.reply('SERVFAIL');
    const [again, other] = [one.trace.recorder.trace(one.root), one.trace.recorder.trace(one.root)];
    one.dropped('node-1', 'rule-drop', '10.96.0.10', '-A FORWARD -j DROP', undefined, again);
    one.dropped('node-1', 'rule-drop', '10.96.0.10', '-A FORWARD -j DROP', undefined, other);
    one.trace.recorder.write(callFailed, 'app', other, 'EPERM', {
      resolver: 'app',
      server: '10.96.0.10',
      protocol: 'udp',
    });
    one.name('db.example.com.', 'final-dot', 'TRY_AGAIN');
  };
  const { cause, sentence } = whyFailed(worldWith('', musl), nothing, happens) ?? {};
  expect(cause).toBe('rule-drop');
  expect(sentence).toContain('app got EPERM from 10.96.0.10');
  expect(sentence).toContain('answered SERVFAIL');
});

// musl's __res_msend takes NOERROR and NXDOMAIN for answers, and waits for another one after anything else.
test('a wait in which a server did answer says so', () => {
  const happens = (one: Trouble) => {
    one.trace.asked('corp-dns', one.query, 'refused');
    one.trace.recorder.write(replyCame, 'app', one.query, 'rejected', {
      ...{ resolver: 'app', server: '10.96.0.10', protocol: 'udp', name: 'db.example.com.', type: 'A', id: 1 },
      ...{ socket: 1, rcode: 'REFUSED', answers: 0 },
    });
    one.waited('10.96.0.10', 2.5);
  };
  expect(whyFailed(worldWith('', musl), nothing, happens)?.sentence).toContain(
    'app takes REFUSED of 10.96.0.10 for no answer, and nothing else came from there in 2.5 s',
  );
});

test('an error that musl takes for no answer is the reason, not the silence that another upstream made good', () => {
  const happens = (one: Trouble) => {
    const [silent, refusing] = [one.trace.recorder.trace(one.query), one.trace.recorder.trace(one.query)];
    one.trace.asked('dns-1', silent, 'drop');
    one.attempt(silent, 'error');
    one.trace.asked('dns-2', refusing, 'refused');
    one.attempt(refusing, 'answered');
    one.reply('REFUSED');
    one.waited('10.96.0.10', 2.5);
    one.name('db.example.com.', 'final-dot', 'EAI_AGAIN');
  };
  expect(causeOfFailure(worldWith('', musl), nothing, happens)).toBe('refused');
});

test('an error that comes after a wait for another server is told with that', () => {
  const happens = (one: Trouble) => {
    one.trace.asked('dns-2', one.query, 'drop');
    one.waited('192.0.2.2', 1);
    one.trace.asked('dns-1', one.trace.recorder.trace(one.root), 'servfail');
  };
  expect(whyFailed(worldWith('', musl), nothing, happens)?.sentence).toMatch(
    /: dns-1 answered SERVFAIL; what took that long: dns-2 did not answer\.$/,
  );
});

test('a reply that nobody read any more denies nothing', () => {
  const happens = (one: Trouble) => {
    one.made('A', one.query);
    one.trace.asked('corp-dns', one.query, 'drop');
    one.waited('10.96.0.10', 5);
    one.trace.recorder.write(replyCame, 'app', one.query, 'not-ours', {
      ...{ resolver: 'app', server: '10.96.0.10', protocol: 'udp', name: 'db.example.com.', type: 'A', id: 1 },
      ...{ socket: 1, rcode: 'NXDOMAIN', answers: 0 },
    });
    one.name('db.example.com.', 'search-list', 'UnknownHostException');
  };
  expect(causeOfFailure(worldWith('', { kind: 'netty', release: '4.1' }), nothing, happens)).toBe('server-silent');
});

/** The JVM hands a failure of another lookup out. */
const fromJvm = (one: Trouble, filledBy: number) =>
  one.trace.recorder.write(cacheHit, 'app', one.root, 'negative', {
    ...{ resolver: 'app', holder: 'the JVM', name: 'db.example.com', addresses: '' },
    ...{ storedAt: 45_000_000, runsOut: 55_000_000, filledBy, recordTtl: Number.NaN, expired: false, setting: '' },
  });

test('a lookup that the JVM kept is told as it came out, not by the last name of its search list', () => {
  const happens = (one: Trouble) => {
    const before = new Trouble(one.trace, one.trace.recorder.trace(0));
    before.trace.asked('corp-dns', before.query, 'drop');
    before.name('db.example.com.', 'search-list', 'TRY_AGAIN');
    const last = before.trace.recorder.trace(before.root);
    before.trace.asked('root-dns', before.trace.recorder.trace(last), 'nxdomain');
    before.replied('A', 'NXDOMAIN', last, 0, 'db.');
    before.name('db.', 'last-resort', 'HOST_NOT_FOUND');
    fromJvm(one, before.root);
  };
  const why = whyFailed(worldWith('', { kind: 'glibc', release: '2.36' }), nothing, happens);
  expect(why?.cause).toBe('jvm-negative-cache');
  expect(why?.sentence).toMatch(/; kept because corp-dns did not answer\.$/);
});

test('what cost time is no reason for a denial that is kept', () => {
  const happens = (one: Trouble) => {
    const filling = one.trace.recorder.trace(0);
    one.trace.recorder.write(coreDnsCpu, 'coredns-1', filling, '', { waited: 2_000_000 });
    one.reply('NXDOMAIN', filling);
    one.trace.coreDnsCache('coredns-1', one.query, 'hit', filling, 'NXDOMAIN');
    one.name('other.example.com.', 'final-dot', 'HOST_NOT_FOUND');
  };
  expect(causeOfFailure(worldWith('', { kind: 'glibc', release: '2.36' }), nothing, happens)).toBe('nxdomain');
});

test('one fault that lasts is told once', () => {
  const happens = (one: Trouble) => {
    one.trace.asked('dns-1', one.trace.recorder.trace(one.query), 'drop');
    one.waited('10.96.0.10', 5);
    const again = one.trace.recorder.trace(one.root);
    one.trace.asked('dns-1', one.trace.recorder.trace(again), 'drop');
    one.reply('SERVFAIL', again);
    one.answeredLate('10.96.0.10');
  };
  expect(whyFailed(worldWith('', { kind: 'glibc', release: '2.36' }), nothing, happens)?.sentence).not.toContain(
    'what took that long',
  );
});

test('what the two halves of a name came to is told beside an error to one of them', () => {
  const happens = (one: Trouble) => {
    one.replied('AAAA', 'NOERROR', one.query);
    const other = one.trace.recorder.trace(one.root);
    one.trace.asked('corp-dns', other, 'servfail');
    one.replied('A', 'SERVFAIL', other);
    one.name('db.example.com.', 'final-dot', 'NO_DATA');
  };
  expect(whyFailed(worldWith('', { kind: 'glibc', release: '2.36' }), nothing, happens)?.sentence).toMatch(
    /: corp-dns answered SERVFAIL; of that and the question for the AAAA of db\.example\.com\., which found nothing, the resolver made "no address"\.$/,
  );
});

test('of two names without a clear answer the one that exists is to be told of', () => {
  const happens = (one: Trouble) => {
    one.trace.asked('corp-dns', one.query, 'drop');
    one.name('db.example.com.', 'search-list', 'TRY_AGAIN');
    one.trace.asked('corp-dns', one.trace.recorder.trace(one.root), 'refused');
    one.name('db.', 'last-resort', 'TRY_AGAIN');
  };
  expect(causeOfFailure(worldWith('', { kind: 'glibc', release: '2.36' }), nothing, happens)).toBe('server-silent');
});

const aliases = 'gone IN CNAME nowhere\none IN CNAME two\ntwo IN CNAME one\n';
const zoneWith = `@ 60 IN SOA ns host 1 7200 900 1209600 60\ndb 600 IN A 10.0.0.1\n${aliases}`;
const withAliases: World = {
  ...worldWith('', { kind: 'glibc', release: '2.36' }),
  servers: smallWorld.servers.map((one) =>
    one.role === 'authoritative' ? { ...one, zones: { 'example.com.': { file: 'zone', text: zoneWith } } } : one,
  ),
};

test.each<[string, string, string, string, string, string]>([
  [
    'whose target is not there',
    'gone.example.com.',
    'NXDOMAIN',
    'HOST_NOT_FOUND',
    'dangling-cname-nxdomain',
    'gone.example.com is an alias (CNAME) for nowhere.example.com, of which no address was found',
  ],
  [
    'that leads back to itself, where the server fails',
    'one.example.com.',
    'SERVFAIL',
    'TRY_AGAIN',
    'cname-loop',
    'one.example.com is an alias (CNAME) that leads back to itself, by two.example.com',
  ],
  [
    'that leads back to itself, where the server says so',
    'one.example.com.',
    'NOERROR',
    'NO_DATA',
    'cname-loop-nodata',
    'one.example.com is an alias (CNAME) that leads back to itself, by two.example.com',
  ],
  ['of a server that fails', 'gone.example.com.', 'SERVFAIL', 'TRY_AGAIN', 'servfail', 'answered SERVFAIL'],
])('an alias %s', (_, name, rcode, made, cause, text) => {
  const happens = (one: Trouble) => {
    one.made('A', one.query, name);
    if (rcode !== 'NOERROR') one.reply(rcode);
    one.replied('A', rcode, one.query, 2, name);
    one.name(name, 'final-dot', made);
  };
  const why = whyFailed(withAliases, nothing, happens);
  expect(why?.cause).toBe(cause);
  expect(why?.sentence).toContain(text);
});

// Both replies bring the alias: the name is denied all the same.
test('an alias whose target musl is told not to exist has no address', () => {
  const happens = (one: Trouble) => {
    const other = one.trace.recorder.trace(one.root);
    one.replied('A', 'NXDOMAIN', one.query, 1, 'gone.example.com.');
    one.replied('AAAA', 'NXDOMAIN', other, 1, 'gone.example.com.');
    one.reply('NXDOMAIN');
    one.name('gone.example.com.', 'final-dot', 'none');
  };
  expect(causeOfFailure({ ...worldWith('', musl), servers: withAliases.servers }, nothing, happens)).toBe(
    'dangling-cname-nxdomain',
  );
});

// src/network/dns_parse.c of musl up to 1.2.4: `if (qdcount+ancount > 64) return -1`.
test.each([
  ['1.2.4', 64, 'too-many-records', 'db.example.com came with 64 records, and this musl reads none of a reply'],
  ['1.2.4', 63, 'nodata', 'db.example.com. has no address'],
  ['1.2.5', 64, 'nodata', 'db.example.com. has no address'],
])('a name without an address to musl %s, to which %d records came', (release, records, cause, text) => {
  const happens = (one: Trouble) => {
    one.made('A', one.query);
    one.replied('A', 'NOERROR', one.query, records);
    one.name('db.example.com.', 'final-dot', 'EAI_NODATA');
  };
  const why = whyFailed(worldWith('', { kind: 'musl', release }), nothing, happens);
  expect(why?.cause).toBe(cause);
  expect(why?.sentence).toContain(text);
});

// Netty takes `attempts` of resolv.conf for its bound of queries for a name: facts of DnsNameResolver, "Exceeded max queries per resolve".
test.each([
  [
    'attempts:2',
    /Netty makes no more than 2 queries for a name \(`attempts:2` of resolv.conf\), and so did not ask 192.0.2.9/,
  ],
  ['attempts:3', /got no answer that settles it; no answer/],
])('a server that Netty did not ask under %s', (options, text) => {
  const happens = (one: Trouble) => {
    const other = one.trace.recorder.trace(one.root);
    one.made('A', one.query);
    one.made('AAAA', other);
    one.trace.asked('dns-1', one.query, 'drop');
    one.waited('10.96.0.10', 1);
    one.name('db.example.com.', 'final-dot', 'UnknownHostException');
  };
  const conf = `nameserver 10.96.0.10\nnameserver 192.0.2.9\noptions ${options}\n`;
  expect(whyFailed(worldWith(conf, { kind: 'netty', release: '4.1' }), nothing, happens)?.sentence).toMatch(text);
});

// DnsNameResolverBuilder.socketChannelType: without one a cut off reply is all that Netty gets.
test('a name that came cut off to a Netty that asks nothing by TCP', () => {
  const happens = (one: Trouble) => {
    one.made('A', one.query);
    one.trace.asked('corp-dns', one.trace.recorder.trace(one.query), 'tc');
    one.trace.recorder.write(replyCame, 'app', one.query, 'truncated', {
      ...{ resolver: 'app', server: '10.96.0.10', protocol: 'udp', name: 'db.example.com.', type: 'A', id: 1 },
      ...{ socket: 1, rcode: 'NOERROR', answers: 0 },
    });
    one.name('db.example.com.', 'final-dot', 'UnknownHostException');
  };
  expect(causeOfFailure(worldWith('', { kind: 'netty', release: '4.1' }), nothing, happens)).toBe('no-tcp');
});

// Recordings glibc-n18-use-vc-servfail and glibc-82-use-vc-tcp-refused-s1: by TCP an error ends it, a connection that is refused does not.
test.each<[string, string, string, string, boolean, boolean]>([
  ['by TCP', 'tcp', 'SERVFAIL', 'TRY_AGAIN', false, true],
  ['by TCP, with REFUSED', 'tcp', 'REFUSED', 'NO_RECOVERY', false, true],
  ['by TCP, after the other one refused the connection', 'tcp', 'SERVFAIL', 'TRY_AGAIN', true, false],
  ['by UDP', 'udp', 'SERVFAIL', 'TRY_AGAIN', false, false],
])('a server that glibc did not ask after an error that came %s', (_, protocol, rcode, ended, refused, isTold) => {
  const happens = (one: Trouble) => {
    const call = { resolver: 'app', server: '192.0.2.9', protocol: 'tcp' };
    if (refused) one.trace.recorder.write(callFailed, 'app', one.root, 'ECONNREFUSED', call);
    one.made('A', one.query, 'db.example.com.', protocol);
    one.reply(rcode);
    one.replied('A', rcode, one.query, 0, 'db.example.com.', protocol);
    one.name('db.example.com.', 'final-dot', ended);
  };
  const conf = 'nameserver 10.96.0.10\nnameserver 192.0.2.9\noptions use-vc\n';
  const { cause, sentence } = whyFailed(worldWith(conf, { kind: 'glibc', release: '2.36' }), nothing, happens) ?? {};
  expect(cause).toBe(rcode.toLowerCase());
  const told = 'to glibc an error is final that comes by TCP, and so it did not ask 192.0.2.9';
  expect(sentence?.includes(told)).toBe(isTold);
});

// Recording node-09-resolve4-servfail-2servers: ESERVFAIL at once, and the second server is never asked.
test.each([
  ['SERVFAIL', 'nameserver 10.96.0.10\nnameserver 192.0.2.9\n', true],
  ['REFUSED', 'nameserver 10.96.0.10\nnameserver 192.0.2.9\n', true],
  ['SERVFAIL', 'nameserver 10.96.0.10\n', false],
])('a server that c-ares did not ask after %s is told, with %j', (rcode, conf, isTold) => {
  const happens = (one: Trouble) => {
    one.made('A', one.query);
    one.reply(rcode);
    one.replied('A', rcode, one.query);
    one.name('db.example.com.', 'as-it-is', `E${rcode}`);
  };
  const { cause, sentence } = whyFailed(worldWith(conf, { kind: 'c-ares', release: '1.34' }), nothing, happens) ?? {};
  expect(cause).toBe(rcode.toLowerCase());
  const told = `to c-ares ${rcode} is final, and so it did not ask 192.0.2.9`;
  expect(sentence?.includes(told)).toBe(isTold);
});

test('a denial kept of a name that is there by now led the search on to whatever failed then', () => {
  const made = { at: 49_500_000, label: '', kind: 'change-records', server: 'corp-dns', zone: 'example.com.' } as const;
  const madeLate: World = {
    ...withAliases,
    servers: withAliases.servers.map((one) =>
      one.role === 'authoritative'
        ? { ...one, zones: { 'example.com.': { file: 'zone', text: '@ 60 IN SOA ns host 1 7200 900 1209600 60\n' } } }
        : one,
    ),
    events: [{ ...made, replace: ['db 60 IN A 10.0.0.1'] }],
  };
  const happens = (one: Trouble) => {
    one.trace.coreDnsCache('coredns-1', one.query, 'hit', 0, 'NXDOMAIN');
    one.replied('A', 'NXDOMAIN', one.query);
    one.name('db.example.com.', 'search-list', 'HOST_NOT_FOUND');
    const last = one.trace.recorder.trace(one.root);
    one.trace.asked('root-dns', one.trace.recorder.trace(last), 'refused');
    one.reply('REFUSED', last);
    one.name('db.', 'last-resort', 'TRY_AGAIN');
  };
  expect(causeOfFailure(madeLate, nothing, happens)).toBe('outdated-nxdomain');
});

// A socket that is not connected, as musl's and Netty's, takes packets from any address: the resolver itself passes them over.
test('an answer that was not translated is told of a resolver that hears it, too', () => {
  const happens = (one: Trouble) => {
    one.made('A', one.query);
    one.trace.recorder.write(replyCame, 'app', one.query, 'not-ours', {
      ...{ resolver: 'app', server: '10.244.1.3', protocol: 'udp', name: 'db.example.com.', type: 'A', id: 1 },
      ...{ socket: 1, rcode: 'NOERROR', answers: 1 },
    });
    one.waited('10.96.0.10', 5);
    one.name('db.example.com.', 'final-dot', 'EAI_AGAIN');
  };
  expect(causeOfFailure(worldWith('', musl), nothing, happens)).toBe('answer-untranslated');
});

// That a server denies what is there is no reason to look at that one: it was asked because the first failed (recording glibc-13: servers in turn).
test.each<[string, string, string]>([
  ['of the server that fails', '10.96.0.10', 'nxdomain'],
  ['of another one', '192.0.2.9', 'rule-drop'],
])('a name that is there and the denial %s after a query was lost', (_, server, cause) => {
  const happens = (one: Trouble) => {
    one.made('A', one.query);
    one.dropped('node-1', 'rule-drop', '10.96.0.10', '-A FORWARD -j DROP');
    one.waited('10.96.0.10', 5);
    const next = one.trace.recorder.trace(one.root);
    one.made('A', next, 'db.example.com.', 'udp', server);
    one.trace.asked('corp-dns', one.trace.recorder.trace(next), 'nxdomain');
    one.replied('A', 'NXDOMAIN', next);
    one.name('db.example.com.', 'final-dot', 'HOST_NOT_FOUND');
  };
  const why = whyFailed(worldWith('', { kind: 'glibc', release: '2.36' }), nothing, happens);
  expect(why?.cause).toBe(cause);
  expect(why?.sentence.endsWith('corp-dns answered NXDOMAIN, though the name is there.')).toBe(cause === 'rule-drop');
});

test('an answer that came too late is told with what it had waited for, though that ended later, too', () => {
  const happens = (one: Trouble) => {
    one.waited('10.96.0.10', 5);
    one.name('db.example.com.', 'final-dot', 'TRY_AGAIN');
    // The lookup ends at 55 s.
    one.trace.now = 56_000_000;
    one.trace.asked('dns-1', one.trace.recorder.trace(one.query), 'drop');
    one.answeredLate('10.96.0.10');
  };
  const { cause, sentence } = whyFailed(worldWith('', { kind: 'glibc', release: '2.36' }), nothing, happens) ?? {};
  expect(cause).toBe('server-silent');
  expect(sentence).toContain('; that because dns-1 did not answer');
});

test('an entry that a silent server left is told with that, though CoreDNS had the entry for an answer before', () => {
  const happens = (one: Trouble) => {
    const { trace, query } = one;
    const waiting = trace.recorder.trace(query);
    const tried = trace.recorder.trace(waiting);
    trace.asked('corp-dns', tried, 'drop');
    one.attempt(waiting, 'error');
    const hit = (strand: number) =>
      trace.recorder.write(recursorCache, 'dns-1', strand, 'hit', {
        ...{ name: 'db.example.com.', type: 'A', outcome: 'hit', rcode: 'SERVFAIL', age: 0, ttl: 5, originalTtl: 5 },
        ...{ recordTtl: Number.NaN, clamp: '', storedAt: trace.now, runsOut: trace.now + 5_000_000, filledBy: tried },
      });
    trace.now += 1000;
    const answered = trace.recorder.trace(query);
    hit(answered);
    one.attempt(answered, 'answered');
    trace.now += 1000;
    const again = trace.recorder.trace(one.root);
    hit(trace.recorder.trace(again));
    one.reply('SERVFAIL', again);
  };
  const { cause, sentence } = whyFailed(worldWith('', { kind: 'glibc', release: '2.36' }), nothing, happens) ?? {};
  expect(cause).toBe('server-silent');
  expect(sentence).toContain('from its cache, 5 s left of 5 s; kept because corp-dns did not answer');
});
