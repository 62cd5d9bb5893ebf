import { attemptRecord } from '../../src/coredns/plugins/forward/records.ts';
import { coreDnsReply, coreDnsRequest } from '../../src/coredns/records.ts';
import type { TraceId } from '../../src/engine/recorder.ts';
import { packetDropped, packetSent } from '../../src/kernel/records.ts';
import { candidateEnded, candidateTried, queryMade, replyCame, waitEnded } from '../../src/resolver/records.ts';
import { recursorTry } from '../../src/servers/records.ts';
import type { SmallTrace } from './small-trace.ts';

/** What happens to the query of a lookup that begins at 50 s. */
export class Trouble {
  readonly trace: SmallTrace;
  readonly root: TraceId;
  readonly query: TraceId;

  constructor(trace: SmallTrace, root: TraceId) {
    this.trace = trace;
    this.root = root;
    this.query = trace.recorder.trace(root);
  }

  dropped(
    at: string,
    cause: string,
    destination: string,
    rule = '',
    [protocol, detail] = ['udp', ''],
    query = this.query,
  ): void {
    this.trace.recorder.write(packetDropped, at, query, cause, {
      where: 'routing',
      rule,
      protocol,
      source: '10.244.1.10',
      sourcePort: 4000,
      destination,
      destinationPort: 53,
      size: 40,
      detail,
    });
  }

  reply(rcode: string, query = this.query): void {
    const reply = { name: 'db.example.com.', type: 'A', rcode, size: 40, truncated: false };
    this.trace.recorder.write(coreDnsReply, 'coredns-1', query, 'replied', reply);
  }

  /** An attempt of forward is over. */
  attempt(upstream: TraceId, outcome: string): void {
    this.trace.recorder.write(attemptRecord, 'coredns-1', this.query, outcome, {
      ...{ name: 'db.example.com.', type: 'A', to: '192.0.2.1:53', protocol: 'udp', attempt: 1, room: 512, upstream },
      ...{ seconds: 2, outcome, rcode: '', error: outcome === 'error' ? 'i/o timeout' : '', place: 'Corefile:5' },
    });
  }

  /** A recursor asks a silent server and then one that answers, at a time in seconds; the strand of its question. */
  viaSecondServer(at: number): TraceId {
    const asked = this.trace.recorder.trace(this.query);
    const [silent, second] = [this.trace.recorder.trace(asked), this.trace.recorder.trace(asked)];
    const tried = {
      name: 'db.example.com.',
      type: 'A',
      upstream: '192.0.2.1:53',
      protocol: 'udp',
      attempt: 1,
      waited: 1,
    };
    this.trace.asked('corp-1', silent, 'drop');
    this.trace.recorder.write(recursorTry, 'dns-1', silent, 'no reply', tried);
    this.trace.now = at * 1_000_000;
    this.trace.asked('corp-2', second, 'answer');
    this.trace.recorder.write(recursorTry, 'dns-1', second, 'NOERROR', tried);
    return asked;
  }

  /** The answer to a query comes when nobody waits for it any more. */
  answeredLate(server: string, query = this.query): void {
    const ends = { source: '10.244.1.9', sourcePort: 4000, destination: '10.244.1.10', destinationPort: 53 };
    const packet = { device: 'eth0', to: server, toDevice: 'eth0', protocol: 'udp', size: 40, detail: '', ...ends };
    this.trace.recorder.write(packetSent, 'app', query, '', packet);
    this.trace.asked(server, query, 'answer');
    this.dropped('app', 'port-closed', '10.244.1.9', '', ['udp', ''], query);
  }

  /** The resolver has waited in vain. */
  waited(server: string, seconds: number): void {
    const waited = seconds * 1_000_000;
    this.trace.recorder.write(waitEnded, 'app', this.root, '', { resolver: 'app', server, waited });
  }

  /** The resolver sent a query. */
  made(type: string, query: TraceId, name = 'db.example.com.', protocol = 'udp', server = '10.96.0.10'): void {
    this.trace.recorder.write(queryMade, 'app', query, '', {
      ...{ resolver: 'app', server, protocol, name, type, id: 1, socket: 1 },
      ...{ localPort: 4000, edns: Number.NaN, retransmission: false },
    });
  }

  /** The resolver got that. */
  replied(type: string, rcode: string, query: TraceId, answers = 0, name = 'db.example.com.', protocol = 'udp'): void {
    this.trace.recorder.write(replyCame, 'app', query, 'used', {
      ...{ resolver: 'app', server: '10.96.0.10', protocol, name, type, id: 1, socket: 1 },
      ...{ rcode, answers },
    });
  }

  /** `place`: where the key of the server block that took it stands. */
  asked(at: string, query: TraceId, place = ''): void {
    const request = { name: 'db.example.com.', type: 'A', protocol: 'udp', client: '', zone: '.', place };
    this.trace.recorder.write(coreDnsRequest, at, query, 'served', request);
  }

  name(candidate: string, reason: string, outcome: string): void {
    this.trace.recorder.write(candidateTried, 'app', this.root, reason, { resolver: 'app', candidate });
    this.trace.recorder.write(candidateEnded, 'app', this.root, outcome, { resolver: 'app', candidate });
  }
}
