import { describe, expect, it } from 'vitest';
import { answer, type NodeLab, nodeLab, receive, serviceIp, tcp } from '../../../test/support/conntrack-lab.ts';
import { second } from '../../engine/time.ts';
import type { Packet } from '../../network/packet.ts';
import { conntrackEvent } from '../records.ts';
import { entryFields } from './entry.ts';

const port = 45_000;
type Segment = Parameters<typeof tcp>[2];

/** A client and a server that send segments through a node. */
class Connection {
  readonly lab: NodeLab;
  #forwarded: Packet | undefined;

  constructor(own: Parameters<typeof nodeLab>[0] = {}) {
    this.lab = nodeLab(own);
  }

  client(segment: Segment): this {
    const [forwarded] = receive(this.lab, 'pods', tcp('10.244.1.10', port, segment));
    this.#forwarded ??= forwarded;
    return this;
  }

  server(segment: Segment): this {
    const flags = { syn: false, ack: true, fin: false, rst: false, length: 0 };
    if (this.#forwarded !== undefined) receive(this.lab, 'pods', answer(this.#forwarded, { ...flags, ...segment }));
    return this;
  }

  /** SYN, SYN and ACK, ACK. */
  open(): this {
    return this.client({ syn: true, sequence: 1000 })
      .server({ syn: true, sequence: 5000, acknowledgement: 1001 })
      .client({ sequence: 1001, acknowledgement: 5001 });
  }

  wait(seconds: number): this {
    this.lab.simulation.run(this.lab.simulation.now + seconds * second);
    return this;
  }

  /** State and seconds left, as `conntrack -L` shows them. */
  get entry(): string {
    const [entry] = this.lab.host.conntrack.list();
    if (entry === undefined) return 'none';
    const { state, timeout, seenReply, assured } = entryFields(entry, this.lab.simulation.now);
    return [state, timeout, ...(seenReply ? [] : ['UNREPLIED']), ...(assured ? ['ASSURED'] : [])].join(' ');
  }

  events(): string[] {
    return [...this.lab.store.rows(conntrackEvent)].map(({ type, state, timeout }) => `${type} ${state} ${timeout}`);
  }
}

describe('TCP', () => {
  it('goes through its states with their timers, whoever closes first (recording j)', () => {
    const closes = (first: 'client' | 'server') => {
      const connection = new Connection().open();
      const fin = {
        client: { sequence: 1001, acknowledgement: 5001 },
        server: { sequence: 5001, acknowledgement: 1001 },
      };
      const second = first === 'client' ? 'server' : 'client';
      const acknowledged = {
        client: { sequence: 1002, acknowledgement: 5002 },
        server: { sequence: 5002, acknowledgement: 1002 },
      };
      connection[first]({ ...fin[first], fin: true });
      connection[second]({ ...fin[second], acknowledgement: fin[second].acknowledgement + 1 });
      connection[second]({ ...fin[second], acknowledgement: fin[second].acknowledgement + 1, fin: true });
      return connection[first](acknowledged[first]).events();
    };
    const expected = [
      'NEW SYN_SENT 120',
      'UPDATE SYN_RECV 60',
      'UPDATE ESTABLISHED 432000',
      'UPDATE FIN_WAIT 120',
      'UPDATE CLOSE_WAIT 60',
      'UPDATE LAST_ACK 30',
      'UPDATE TIME_WAIT 120',
    ];
    expect(closes('client')).toEqual(expected);
    expect(closes('server')).toEqual(expected);
  });

  it('data that nobody acknowledges lowers the timer to 300 s, an acknowledgement lifts it again', () => {
    const connection = new Connection().open();
    expect(connection.entry).toBe('ESTABLISHED 432000 ASSURED');
    connection.client({ sequence: 1001, acknowledgement: 5001, length: 100 });
    expect(connection.entry).toBe('ESTABLISHED 300 ASSURED');
    connection.wait(10).client({ sequence: 1001, acknowledgement: 5001, length: 100 });
    expect(connection.entry).toBe('ESTABLISHED 300 ASSURED');
    connection.server({ sequence: 5001, acknowledgement: 1101 });
    expect(connection.entry).toBe('ESTABLISHED 432000 ASSURED');
  });

  it('segments that come again max_retrans times get the timer of that', () => {
    const name = 'net.netfilter.nf_conntrack_tcp_timeout_max_retrans';
    const connection = new Connection({ sysctls: { [name]: 50 } }).open();
    const data = { sequence: 1001, acknowledgement: 5001, length: 100 };
    const timers = [0, 1, 2, 3].map(() => connection.client(data).entry);
    const before = 'ESTABLISHED 300 ASSURED';
    expect(timers).toEqual([before, before, before, 'ESTABLISHED 50 ASSURED']);
  });

  it.each([
    [{ sequence: 1001 }, 'CLOSE 10 ASSURED'],
    [{ sequence: 1050 }, 'ESTABLISHED 10 ASSURED'],
    [{ sequence: 900 }, 'ESTABLISHED 432000 ASSURED'],
  ])('a RST with %j leaves %s', (numbers, left) => {
    const connection = new Connection().open();
    expect(connection.client({ ...numbers, rst: true, ack: false }).entry).toBe(left);
  });

  it('a RST behind its own data ends the connection, acknowledged or not', () => {
    const connection = new Connection().open().client({ sequence: 1001, acknowledgement: 5001, length: 100 });
    expect(connection.client({ sequence: 1101, rst: true, ack: false }).entry).toBe('CLOSE 10 ASSURED');
  });

  it('a refused connection leaves nothing', () => {
    const connection = new Connection().client({ syn: true, sequence: 1000 });
    expect(connection.entry).toBe('SYN_SENT 120 UNREPLIED');
    expect(connection.server({ rst: true, acknowledgement: 1001 }).entry).toBe('none');
    expect(connection.events()).toEqual(['NEW SYN_SENT 120', 'DESTROY CLOSE 120']);
  });

  it('a port that is used again in TIME_WAIT begins a new flow', () => {
    const connection = new Connection().open();
    connection.client({ sequence: 1001, acknowledgement: 5001, fin: true });
    connection.server({ sequence: 5001, acknowledgement: 1002, fin: true });
    connection.client({ sequence: 1002, acknowledgement: 5002 });
    expect(connection.entry).toBe('TIME_WAIT 120 ASSURED');
    connection.wait(10).client({ syn: true, sequence: 9000 });
    expect(connection.entry).toBe('SYN_SENT 120 UNREPLIED');
  });

  it.each([
    [1, 'ESTABLISHED 300 UNREPLIED'],
    [0, 'none'],
  ])('with nf_conntrack_tcp_loose = %d a segment in the middle leaves %s', (loose, left) => {
    const connection = new Connection({ sysctls: { 'net.netfilter.nf_conntrack_tcp_loose': loose } });
    expect(connection.client({ sequence: 1001, acknowledgement: 5001, length: 100 }).entry).toBe(left);
  });

  it('an ACK to nobody is INVALID and counted, and DNAT does not touch it', () => {
    const { lab } = new Connection({ sysctls: { 'net.netfilter.nf_conntrack_tcp_loose': 0 } });
    const through = receive(lab, 'pods', tcp('10.244.1.10', port, { sequence: 1001, acknowledgement: 5001 }));
    expect(through.map(({ destination }) => destination)).toEqual([serviceIp]);
    expect(lab.host.conntrack.counters.invalid).toBe(1);
  });
});
