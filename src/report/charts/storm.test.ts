import { describe, expect, it } from 'vitest';
import { SmallTrace, smallWorld } from '../../../test/support/small-trace.ts';
import { attemptRecord, healthRecord } from '../../coredns/plugins/forward/records.ts';
import { coreDnsReply, coreDnsRequest } from '../../coredns/records.ts';
import type { TraceId } from '../../engine/recorder.ts';
import { millisecond, second } from '../../engine/time.ts';
import { serverQuery } from '../../servers/records.ts';
import { analyse } from '../../trace/analysis.ts';
import { stormiest, stormOf } from './storm.ts';

const upstreams = ['192.168.1.100:53', '192.168.1.101:53'];
const tooSmall = 'dns: buffer size too small';

/** CoreDNS's side of one query of a lookup: attempts that take 2 ms each, with a probe after each failure. */
class Storm {
  readonly trace = new SmallTrace();

  request(root: TraceId, at: number): TraceId {
    const query = this.trace.recorder.trace(root);
    this.trace.now = at;
    const asked = { name: 'db.example.com.', type: 'A', protocol: 'udp', client: '', zone: '.', place: '' };
    this.trace.recorder.write(coreDnsRequest, 'coredns-1', query, 'served', asked);
    return query;
  }

  reply(query: TraceId, at: number, rcode: string, truncated = false): void {
    this.trace.now = at;
    const fields = { name: 'db.example.com.', type: 'A', rcode, size: 40, truncated };
    this.trace.recorder.write(coreDnsReply, 'coredns-1', query, 'replied', fields);
  }

  attempt(query: TraceId, sentAt: number, to: string, ending: { outcome: string; error?: string; protocol?: string }) {
    const { recorder } = this.trace;
    const upstream = recorder.trace(query);
    this.trace.now = sentAt + millisecond;
    const asked = { protocol: 'udp', name: 'db.example.com.', type: 'A', edns: Number.NaN, from: '', connection: 1 };
    const flags = { do: false, rd: true, ad: false, cd: false };
    const { outcome, error = '', protocol = 'udp' } = ending;
    if (protocol === 'udp') {
      recorder.write(serverQuery, 'dns', upstream, 'answer', {
        server: 'dns',
        did: 'answer',
        size: 758,
        ...asked,
        ...flags,
      });
    }
    this.trace.now = sentAt + 2 * millisecond;
    const fields = {
      name: 'db.example.com.',
      type: 'A',
      to,
      attempt: 1,
      room: 512,
      upstream,
      rcode: '',
      place: 'Corefile:4',
      seconds: 0.002,
    };
    recorder.write(attemptRecord, 'coredns-1', query, outcome, { ...fields, protocol, outcome, error });
  }

  probe(query: TraceId, sentAt: number, to: string, state = 'up', name = '.'): void {
    this.trace.now = sentAt + 3 * millisecond;
    const trace = this.trace.recorder.trace(query);
    this.trace.recorder.write(healthRecord, 'coredns-1', trace, state, { to, state, fails: 0, name, seconds: 0.003 });
  }

  read() {
    const analysis = analyse(this.trace.store, smallWorld);
    const lookup = stormiest(analysis);
    return lookup && stormOf({ analysis, store: this.trace.store, world: smallWorld }, lookup);
  }
}

/** A lookup of 20 ms whose query CoreDNS goes on with for 200 ms. */
function storm(count: number, ending: Parameters<Storm['attempt']>[3], first = ending): Storm {
  const made = new Storm();
  made.trace.lookup('app', 10, 'EAI_AGAIN', '', (root) => {
    const query = made.request(root, 10 * second);
    for (let n = 0; n < count; n++) {
      const at = 10 * second + 2 * n * millisecond;
      made.attempt(query, at, upstreams[n % 2] ?? '', n === 0 ? first : ending);
      made.probe(query, at + 2 * millisecond, upstreams[n % 2] ?? '');
    }
    made.reply(query, 10 * second + 2 * count * millisecond, 'SERVFAIL');
    return 0.02;
  });
  return made;
}

describe('the storm of a lookup', () => {
  it('is none where a few attempts did', () => {
    expect(storm(50, { outcome: 'error', error: tooSmall }).read()).toBeUndefined();
  });

  it('counts attempts and probes when they were sent, also after the end of the lookup', () => {
    const chart = storm(100, { outcome: 'error', error: tooSmall }).read();
    expect(chart).toMatchObject({
      title:
        'One lookup of db.example.com made CoreDNS try 2 upstreams 100 times: each reply of 758 octets was cut at the 512 that it reads',
      subtitle: 'attempts for the lookup of app at 10 s, 11 of them until its end, 89 after it',
      probed: ['.'],
    });
    expect(chart?.upstreams.map(({ to, attempts, probes }) => [to, attempts.length, probes.length])).toEqual([
      ['192.168.1.100:53', 50, 50],
      ['192.168.1.101:53', 50, 50],
    ]);
    expect(chart?.upstreams[1]?.attempts[0]).toEqual({ at: 2 * millisecond, outcome: 'failed' });
    expect(chart?.upstreams[1]?.probes[0]).toEqual({ at: 4 * millisecond, outcome: 'answered' });
  });

  it('has no part of what other lookups caused', () => {
    const made = storm(60, { outcome: 'error', error: tooSmall });
    made.trace.lookup('jvm', 10.01, 'OK', '10.0.0.1', (root) => {
      const query = made.request(root, 10.01 * second);
      made.attempt(query, 10.01 * second, '192.168.1.102:53', { outcome: 'answered' });
      made.probe(query, 10.01 * second, '192.168.1.100:53', 'failed');
      return 0.01;
    });
    const chart = made.read();
    expect(chart?.upstreams.map(({ attempts, probes }) => [attempts.length, probes.length])).toEqual([
      [30, 30],
      [30, 30],
    ]);
    expect(chart?.upstreams.flatMap(({ probes }) => probes).every(({ outcome }) => outcome === 'answered')).toBe(true);
  });

  it('tells every ending with its number, not that of one for all', () => {
    const refused = {
      outcome: 'error',
      error: 'dial tcp 192.168.1.100:53: connect: connection refused',
      protocol: 'tcp',
    };
    const chart = storm(60, refused, { outcome: 'cut' }).read();
    expect(chart?.title).toBe(
      'One lookup of db.example.com made CoreDNS try 2 upstreams 60 times: 1 cut at 512 octets and handed on with TC and 59 failed with “connect: connection refused”',
    );
    expect(chart?.upstreams[0]?.attempts[0]?.outcome).toBe('cut');
  });

  it('counts a pooled connection that was closed among the failures', () => {
    const chart = storm(60, { outcome: 'error', error: tooSmall }, { outcome: 'closed' }).read();
    expect(chart?.title).toContain('1 on a connection that was closed and 59 failed with “dns: buffer size too small”');
    expect(chart?.upstreams[0]?.attempts[0]?.outcome).toBe('failed');
  });

  it('marks in order of time what CoreDNS replied and when the lookup returned', () => {
    expect(storm(60, { outcome: 'error', error: tooSmall }).read()?.events).toEqual([
      { at: 20 * millisecond, label: 'app gets EAI_AGAIN' },
      { at: 120 * millisecond, label: 'coredns-1 replies SERVFAIL, 0.1 s after the query' },
    ]);
  });
});
