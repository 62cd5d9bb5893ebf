import { expect, test } from 'vitest';
import { SmallTrace, smallWorld } from '../../test/support/small-trace.ts';
import { attemptRecord } from '../coredns/plugins/forward/records.ts';
import { coreDnsReply } from '../coredns/records.ts';
import type { TraceId } from '../engine/recorder.ts';
import { packetDropped } from '../kernel/records.ts';
import { replyCame } from '../resolver/records.ts';
import { serverQuery } from '../servers/records.ts';
import { analyse } from './analysis.ts';

const question = { name: 'db.example.com.', type: 'A' };

function attempt(trace: SmallTrace, query: TraceId, outcome: 'cut' | 'error'): void {
  const upstream = trace.recorder.trace(query);
  const protocol = outcome === 'cut' ? 'udp' : 'tcp';
  const error = outcome === 'cut' ? '' : 'dial tcp 192.0.2.1:53: connect: connection refused';
  if (outcome === 'cut') {
    const flags = { do: false, rd: true, ad: false, cd: false };
    const asked = { server: 'corp-dns', protocol, edns: Number.NaN, did: 'answer', from: '', connection: 1, size: 758 };
    trace.recorder.write(serverQuery, 'corp-dns', upstream, 'answer', { ...question, ...flags, ...asked });
  } else {
    const ends = { source: '192.168.1.200', sourcePort: 40000, destination: '192.0.2.1', destinationPort: 53 };
    const packet = { where: 'socket', rule: '', protocol, size: 0, detail: 'S', ...ends };
    trace.recorder.write(packetDropped, 'corp-dns', upstream, 'port-closed', packet);
  }
  const fields = { ...question, to: '192.0.2.1:53', protocol, attempt: 1, room: 512, upstream, seconds: 0.001 };
  trace.recorder.write(attemptRecord, 'coredns-1', query, outcome, {
    ...fields,
    place: '',
    outcome,
    rcode: '',
    error,
  });
}

function reply(trace: SmallTrace, query: TraceId, rcode: string, truncated: boolean): void {
  trace.recorder.write(coreDnsReply, 'coredns-1', query, 'replied', { ...question, rcode, size: 40, truncated });
}

/** A lookup whose UDP reply had TC (`cut`: made by CoreDNS of one that it could not read whole) and whose TCP query failed. */
function failed(cut: boolean, refusals: number): string | undefined {
  const trace = new SmallTrace();
  trace.lookup('app', 1, 'EAI_NONAME', '', (root) => {
    const [udp, tcp] = [trace.recorder.trace(root), trace.recorder.trace(root)];
    if (cut) attempt(trace, udp, 'cut');
    reply(trace, udp, 'NOERROR', true);
    const came = { ...question, resolver: 'app', server: '10.96.0.10', protocol: 'udp', id: 1, socket: 1 };
    trace.recorder.write(replyCame, 'app', udp, 'truncated', { ...came, rcode: 'NOERROR', answers: 0 });
    for (let n = 0; n < refusals; n++) attempt(trace, tcp, 'error');
    reply(trace, tcp, 'SERVFAIL', false);
    return 5;
  });
  const { workloads, why } = analyse(trace.store, smallWorld);
  const [lookup] = workloads[0]?.lookups ?? [];
  return lookup && why(lookup).sentence;
}

test('TC of a reply that was cut is told before the TCP connection that was refused', () => {
  expect(failed(true, 1)).toMatch(
    /^It failed with EAI_NONAME after 5 s: 192\.0\.2\.1:53 sent a datagram of 758 octets without TC bit; CoreDNS coredns-1 reads only 512 of them into its buffer and hands on an empty reply with TC, so that app asked again by TCP; corp-dns refused \S+: its TCP port 53 is closed; /,
  );
});

test('TC of an upstream is told too', () => {
  expect(failed(false, 1)).toMatch(
    /: 10\.96\.0\.10 answered with TC, so that app asked again by TCP; corp-dns refused /,
  );
});

test('what happened very often is counted', () => {
  expect(failed(true, 30)).toContain('its TCP port 53 is closed (the last of 30 times)');
});
