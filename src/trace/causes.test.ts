import { expect, test } from 'vitest';
import { causeOfFailure, kubeDns, whyFailed, worldWith } from '../../test/support/failure.ts';
import type { SmallTrace } from '../../test/support/small-trace.ts';
import type { Trouble } from '../../test/support/trouble.ts';
import { endpointsChanged, podLife } from '../cluster/records.ts';
import { allDownRecord, healthRecord } from '../coredns/plugins/forward/records.ts';
import { coreDnsExit, coreDnsLife } from '../coredns/records.ts';
import { second } from '../engine/time.ts';
import { recursorCache, recursorTry } from '../servers/records.ts';
import { tlsHandshake } from '../transport/tls/records.ts';

const musl = { kind: 'musl', release: '1.2.3' } as const;
const world = worldWith('search svc.example.com example.com\n', musl);

const reject =
  '-A KUBE-SERVICES -d 10.96.0.10/32 -p udp -m comment --comment "kube-system/kube-dns:dns has no endpoints" -m udp --dport 53 -j REJECT';

/** Records from before, at seconds of the run. */
const at = (trace: SmallTrace, seconds: number, what: () => void) => {
  trace.now = seconds * second;
  what();
};
const endpoints = (trace: SmallTrace, addresses: string) =>
  trace.recorder.write(endpointsChanged, kubeDns.name, 0, 'pods', { addresses, serving: '', terminating: '' });
const exit = (trace: SmallTrace, cause: string) =>
  trace.recorder.write(coreDnsExit, 'coredns-1', 0, cause, { code: 0 });
const nothing = () => undefined;

test.each<[string, string, (trace: SmallTrace) => void, (trouble: Trouble) => void]>([
  [
    'a process that was killed has its port closed',
    'coredns-killed',
    (trace) => at(trace, 40, () => exit(trace, 'sigkill')),
    (one) => one.dropped('coredns-1', 'port-closed', '10.244.0.202'),
  ],
  [
    'a process that was told to end has its port closed',
    'coredns-stopped',
    (trace) => at(trace, 40, () => exit(trace, 'sigterm')),
    (one) => one.dropped('coredns-1', 'port-closed', '10.244.0.202'),
  ],
  [
    'a process that has started again since is not to blame',
    'port-closed',
    (trace) => {
      at(trace, 40, () => exit(trace, 'sigterm'));
      at(trace, 45, () => trace.recorder.write(coreDnsLife, 'coredns-1', 0, 'started', { text: '' }));
    },
    (one) => one.dropped('coredns-1', 'port-closed', '10.244.0.202'),
  ],
  [
    'a process on the network of its node that was told to end',
    'coredns-stopped',
    (trace) => at(trace, 40, () => exit(trace, 'sigterm')),
    (one) => one.dropped('node-2', 'port-closed', '192.168.1.202'),
  ],
  [
    'a TCP port that is closed',
    'port-closed',
    nothing,
    (one) => one.dropped('coredns-2', 'port-closed', '10.244.0.203', '', ['tcp', 'S']),
  ],
  [
    'a TCP connection that its server had closed',
    'connection-closed',
    nothing,
    (one) => one.dropped('coredns-2', 'port-closed', '10.244.0.203', '', ['tcp', 'P.']),
  ],
  [
    'the last words of a TCP connection explain nothing',
    'refused',
    nothing,
    (one) => {
      one.dropped('coredns-2', 'port-closed', '10.244.0.203', '', ['tcp', 'F.']);
      one.dropped('app', 'port-closed', '10.244.0.10', '', ['tcp', 'R']);
      one.reply('REFUSED');
    },
  ],
  [
    'a probe that is refused explains nothing',
    'servfail',
    nothing,
    (one) => {
      const probe = one.trace.recorder.trace(one.query);
      const health = { to: '192.0.2.1:53', state: 'probing', fails: 0, name: '.', seconds: Number.NaN };
      one.trace.recorder.write(healthRecord, 'coredns-1', probe, '', health);
      one.trace.asked('corp-dns', one.trace.recorder.trace(probe), 'refused');
      one.reply('SERVFAIL');
    },
  ],
  [
    'a server that is silent to what a recursor asks because of a probe explains nothing',
    'servfail',
    nothing,
    (one) => {
      const probe = one.trace.recorder.trace(one.query);
      const health = { to: '192.0.2.1:53', state: 'probing', fails: 0, name: '.', seconds: Number.NaN };
      one.trace.recorder.write(healthRecord, 'coredns-1', probe, '', health);
      const asked = one.trace.recorder.trace(one.trace.recorder.trace(probe));
      one.trace.asked('root-dns', asked, 'drop');
      one.reply('SERVFAIL');
    },
  ],
  [
    'a pooled connection that its server had closed, and a new one whose certificate is refused',
    'tls-certificate-refused',
    nothing,
    (one) => {
      const first = one.trace.recorder.trace(one.query);
      one.dropped('dns-1', 'port-closed', '192.0.2.1', '', ['tcp', 'P.'], first);
      const second = one.trace.recorder.trace(one.query);
      const server = { to: '192.0.2.1:853', serverName: 'dns-1', version: '1.3', resumed: false, error: '' };
      const shaken = { ...server, connecting: 0.001, seconds: 0.001 };
      one.trace.recorder.write(tlsHandshake, 'coredns-1', second, 'tls-certificate-refused', shaken);
      one.attempt(second, 'error');
      one.reply('SERVFAIL');
    },
  ],
  [
    'REJECT while the Service has no end point',
    'no-ready-endpoint',
    (trace) => at(trace, 40, () => endpoints(trace, '')),
    (one) => one.dropped('node-1', 'rule-reject', '10.96.0.10', reject),
  ],
  [
    'REJECT when there is one again, and the node does not know yet',
    'rules-behind',
    (trace) => {
      at(trace, 40, () => endpoints(trace, ''));
      at(trace, 49, () => endpoints(trace, '10.244.0.7'));
    },
    (one) => one.dropped('node-1', 'rule-reject', '10.96.0.10', reject),
  ],
  [
    'REJECT since the only pod was killed',
    'coredns-killed',
    (trace) => {
      at(trace, 40, () => exit(trace, 'sigkill'));
      at(trace, 41, () => {
        const step = { deployment: 'coredns', node: 'node-1', address: '10.244.0.7', text: 'its container has ended' };
        trace.recorder.write(podLife, 'coredns-1', 0, 'not-ready', step);
        endpoints(trace, '');
      });
    },
    (one) => one.dropped('node-1', 'rule-reject', '10.96.0.10', reject),
  ],
  [
    'IPVS without a real server, by the address alone',
    'no-ready-endpoint',
    (trace) => at(trace, 40, () => endpoints(trace, '')),
    (one) => one.dropped('node-1', 'ipvs-no-real-server', '10.96.0.10'),
  ],
  [
    'REJECT of a firewall',
    'rule-reject',
    nothing,
    (one) => one.dropped('node-1', 'rule-reject', '10.96.0.10', '-A FORWARD -p udp --dport 53 -j REJECT'),
  ],
  [
    'an address that nobody has, beyond the nodes',
    'no-such-host',
    nothing,
    (one) => one.dropped('router', 'route-blackhole', '192.0.2.53'),
  ],
  [
    'a query that comes back to the process that passed it on',
    'forwarding-loop',
    nothing,
    (one) => {
      one.asked('coredns-1', one.query);
      one.asked('coredns-2', one.trace.recorder.trace(one.query));
      one.asked('coredns-1', one.trace.recorder.trace(one.trace.recorder.trace(one.query)));
      one.reply('REFUSED');
    },
  ],
  [
    'a server block that forwards to another of the same process, on another port',
    'server-silent',
    nothing,
    (one) => {
      one.asked('coredns-1', one.query, 'Corefile:1');
      const tries = [one.trace.recorder.trace(one.query), one.trace.recorder.trace(one.query)];
      for (const tried of tries) {
        const passedOn = one.trace.recorder.trace(tried);
        one.asked('coredns-1', passedOn, 'Corefile:9');
        one.trace.asked('corp-dns', one.trace.recorder.trace(passedOn), 'drop');
      }
      one.reply('SERVFAIL');
    },
  ],
  [
    'a question that goes round by two blocks of one process',
    'forwarding-loop',
    nothing,
    (one) => {
      let strand = one.query;
      for (const place of ['Corefile:1', 'Corefile:9', 'Corefile:1', 'Corefile:9']) {
        one.asked('coredns-1', strand, place);
        strand = one.trace.recorder.trace(strand);
      }
      one.reply('SERVFAIL');
    },
  ],
  [
    'two processes that are asked one after the other',
    'refused',
    nothing,
    (one) => {
      one.asked('coredns-1', one.query);
      one.asked('coredns-2', one.trace.recorder.trace(one.query));
      one.reply('REFUSED');
    },
  ],
  [
    'no upstream asked, as all are down',
    'upstreams-down',
    nothing,
    (one) => {
      one.trace.recorder.write(allDownRecord, 'coredns-1', one.query, '', { upstreams: '192.0.2.1:53', place: '' });
      one.reply('SERVFAIL');
    },
  ],
  [
    'a SERVFAIL that this very lookup had put into the cache',
    'server-silent',
    nothing,
    (one) => {
      one.trace.asked('corp-dns', one.trace.recorder.trace(one.query), 'drop');
      one.reply('SERVFAIL');
      const again = one.trace.recorder.trace(one.root);
      one.trace.coreDnsCache('coredns-1', again, 'hit', one.query, 'SERVFAIL');
      one.reply('SERVFAIL', again);
    },
  ],
  [
    'a name by its dots alone, where one of the search list is there',
    'search-skipped',
    nothing,
    (one) => {
      one.trace.asked('corp-dns', one.trace.recorder.trace(one.query), 'nxdomain');
      one.reply('NXDOMAIN');
      one.name('db.', 'enough-dots', 'none');
    },
  ],
  [
    'a name by its dots, where none of the search list is there',
    'nxdomain',
    nothing,
    (one) => {
      one.trace.asked('corp-dns', one.trace.recorder.trace(one.query), 'nxdomain');
      one.reply('NXDOMAIN');
      one.name('typo.', 'enough-dots', 'none');
    },
  ],
  [
    'a denial out of the cache of a name that has been there all along: a server denied it',
    'nxdomain',
    nothing,
    (one) => one.trace.coreDnsCache('coredns-1', one.query, 'hit', 0, 'NXDOMAIN'),
  ],
  [
    'an upstream that was silent before another answered an error: it cost time only',
    'refused',
    nothing,
    (one) => {
      const [silent, second] = [one.trace.recorder.trace(one.query), one.trace.recorder.trace(one.query)];
      one.trace.asked('dns-1', silent, 'drop');
      one.attempt(silent, 'error');
      one.trace.asked('dns-2', second, 'refused');
      one.attempt(second, 'answered');
      one.reply('REFUSED');
    },
  ],
  [
    'a recursor that is asking a silent server already, for somebody else',
    'server-silent',
    (trace) =>
      at(trace, 45, () => {
        const theirs = trace.recorder.trace(0);
        trace.asked('corp-dns', theirs, 'drop');
        trace.now = 55 * second;
        const tried = { upstream: '192.0.2.1:53', protocol: 'udp', attempt: 1, waited: 10 };
        trace.recorder.write(recursorTry, 'dns-1', theirs, 'no reply', {
          name: 'db.example.com.',
          type: 'A',
          ...tried,
        });
      }),
    (one) => {
      const asked = one.trace.recorder.trace(one.query);
      one.trace.recorder.write(recursorCache, 'dns-1', asked, 'joined', {
        ...{ name: 'db.example.com.', type: 'A', outcome: 'joined', rcode: '', age: Number.NaN, ttl: Number.NaN },
        ...{ originalTtl: Number.NaN, recordTtl: Number.NaN, clamp: '', storedAt: Number.NaN, runsOut: Number.NaN },
        filledBy: 0,
      });
      one.trace.now = 52 * second;
      one.attempt(asked, 'error');
      one.reply('SERVFAIL');
    },
  ],
  [
    "a recursor's first server that was silent before its second answered, and an answer that a rule dropped",
    'rule-drop',
    nothing,
    (one) => {
      one.viaSecondServer(51);
      one.dropped('node-1', 'rule-drop', '10.244.1.10', '-A FORWARD -j DROP');
    },
  ],
  [
    "a recursor's first server that was silent until CoreDNS waited no longer, though its second answered then",
    'server-silent',
    nothing,
    (one) => {
      const asked = one.viaSecondServer(53);
      one.trace.now = 52 * second;
      one.attempt(asked, 'error');
      one.reply('SERVFAIL');
    },
  ],
  [
    'one half of a question answered SERVFAIL, the other that there is no such record',
    'servfail',
    nothing,
    (one) => {
      one.replied('A', 'SERVFAIL', one.query);
      one.trace.asked('corp-dns', one.query, 'servfail');
      const other = one.trace.recorder.trace(one.root);
      one.trace.asked('corp-dns', other, 'nodata');
      one.replied('AAAA', 'NOERROR', other);
      one.name('db.example.com.', 'enough-dots', 'NO_DATA');
    },
  ],
  [
    'one half denied by which musl takes the whole name not to exist',
    'half-denied',
    nothing,
    (one) => {
      one.replied('A', 'NOERROR', one.query, 3);
      const other = one.trace.recorder.trace(one.root);
      one.reply('NXDOMAIN', other);
      one.replied('AAAA', 'NXDOMAIN', other);
      one.name('db.example.com.', 'enough-dots', 'none');
    },
  ],
  [
    'an answer that came too late for one query, and an error to the next',
    'servfail',
    nothing,
    (one) => {
      one.answeredLate('dns-1');
      const next = one.trace.recorder.trace(one.root);
      one.trace.asked('dns-2', next, 'servfail');
    },
  ],
  [
    'an error to one query, and an answer that came too late for the next',
    'late-answer',
    nothing,
    (one) => {
      one.trace.asked('dns-2', one.query, 'servfail');
      const next = one.trace.recorder.trace(one.root);
      one.waited('10.96.0.10', 5);
      one.answeredLate('dns-1', next);
    },
  ],
  [
    'a SERVFAIL that is kept, of a recursor that gave up before the answer came',
    'late-answer',
    nothing,
    (one) => {
      const filling = one.trace.recorder.trace(0);
      const asked = one.trace.recorder.trace(filling);
      one.trace.coreDnsCache('coredns-1', one.query, 'hit', filling, 'SERVFAIL');
      one.answeredLate('corp-dns', asked);
    },
  ],
  [
    'a SERVFAIL that had run out and was handed out all the same',
    'stale-servfail',
    nothing,
    (one) => {
      const refresh = one.trace.recorder.trace(0);
      one.trace.asked('corp-dns', one.trace.recorder.trace(refresh), 'servfail');
      one.trace.coreDnsCache('coredns-1', one.query, 'stale', refresh, 'SERVFAIL');
      one.reply('SERVFAIL');
    },
  ],
])('%s: %s', (_, cause, before, happens) => {
  expect(causeOfFailure(world, before, happens)).toBe(cause);
});

// Headlines are made of the few words.
test.each<[string, (trace: SmallTrace) => void, (trouble: Trouble) => void]>([
  [
    'corp-dns did not answer',
    nothing,
    (one) => {
      one.trace.asked('corp-dns', one.trace.recorder.trace(one.query), 'drop');
      one.reply('SERVFAIL');
      const again = one.trace.recorder.trace(one.root);
      one.trace.coreDnsCache('coredns-1', again, 'hit', one.query, 'SERVFAIL');
    },
  ],
  [
    'CoreDNS coredns-1 answered SERVFAIL from its cache, 0 s old, kept for 30 s and handed out all the same, because of `serve_stale` (Corefile:4)',
    nothing,
    (one) => {
      const refresh = one.trace.recorder.trace(0);
      one.trace.asked('corp-dns', one.trace.recorder.trace(refresh), 'servfail');
      one.trace.coreDnsCache('coredns-1', one.query, 'stale', refresh, 'SERVFAIL');
    },
  ],
])('a failure out of a cache is told in short by what it was before it was kept: %s', (short, before, happens) => {
  expect(whyFailed(world, before, happens)?.short).toBe(short);
});
