import { describe, expect, it } from 'vitest';
import { address, answer, nodeLab, receive, serviceIp, tcp, udp } from '../../../test/support/conntrack-lab.ts';
import { second } from '../../engine/time.ts';
import { SocketBuffer } from '../ip/socket-buffer.ts';
import { conntrackEvent } from '../records.ts';
import { kernelChanges } from '../releases.ts';
import { entryFields } from './entry.ts';
import { statisticsLine } from './statistics.ts';

/** Every release at which something changes, the one before it, and both ends. */
const kernels = [
  ...['4.4', '4.6', '4.7', '4.8', '4.9', '4.10', '4.11', '4.12', '4.14.172', '4.14.173', '4.18', '4.19', '4.19.228'],
  ...['4.20', '5.0', '5.1', '5.4', '5.4.144', '5.4.160', '5.4.231', '5.5', '5.6', '5.9', '5.10', '5.10.62', '5.10.79'],
  ...['5.10.80', '5.10.166', '5.11', '5.13', '5.14', '5.15', '5.15.3', '5.16', '5.17', '5.18', '6.1', '6.5', '6.18'],
];
/** Those without backports of later ones. */
const mainline = kernels.filter((kernel) => kernel.split('.').length === 2);

/** Where an outcome differs from the kernel's before. */
function changes<T>(over: readonly string[], outcome: (kernel: string) => T): [kernel: string, outcome: T][] {
  const found: [string, T][] = [];
  for (const kernel of over) {
    const now = outcome(kernel);
    if (JSON.stringify(found.at(-1)?.[1]) !== JSON.stringify(now)) found.push([kernel, now]);
  }
  return found;
}

/** What `conntrack -L` shows of a flow with an answered query at each of these seconds. */
function timers(kernel: string, at: readonly number[]): string[] {
  const lab = nodeLab({ kernel });
  return at.map((t) => {
    lab.simulation.run(t * second);
    for (const query of receive(lab, 'pods', udp('10.244.1.10', 41_000, serviceIp)))
      receive(lab, 'pods', answer(query));
    const fields = lab.host.conntrack.list().map((entry) => entryFields(entry, lab.simulation.now))[0];
    return `${fields?.timeout}${fields?.assured ? ' ASSURED' : ''}`;
  });
}

/** Two first packets of one socket, both looked up before either is confirmed. `same`: the two get one server. */
function race(kernel: string, same: boolean, kernelRules = {}): string {
  const { host } = nodeLab({ kernel, kernelRules });
  const { conntrack, netfilter } = host;
  if (same)
    host.command('iptables -t nat -R PREROUTING 1 -d 10.96.0.10/32 -p udp -j DNAT --to-destination 10.244.1.20:53');
  const device = host.stack.devices.get('pods');
  const [first, second] = [33, 34].map(() => new SocketBuffer(udp('10.244.1.10', 41_000, serviceIp), device));
  if (first === undefined || second === undefined) return '';
  for (const buffer of [first, second]) netfilter.run('PREROUTING', buffer);
  for (const buffer of [first, second]) netfilter.run('POSTROUTING', buffer);
  const verdicts = [first, second].map((buffer) => netfilter.confirm(buffer).verdict);
  const { insert_failed, clash_resolve } = conntrack.counters;
  return `${verdicts.join(' ')}, failed ${insert_failed}, resolved ${clash_resolve}, listed ${conntrack.list().length}`;
}

describe('one small world over all kernels: it changes where the kernel did, and nowhere else', () => {
  it('UDP: the stream time-out and ASSURED', () => {
    expect(changes(mainline, (kernel) => timers(kernel, [0, 1, 3]))).toEqual([
      ['4.4', ['30', '180 ASSURED', '180 ASSURED']],
      ['5.0', ['30', '30 ASSURED', '120 ASSURED']],
      ['5.16', ['30', '30', '120 ASSURED']],
    ]);
  });

  it.each([
    ['5.4.159', '30 ASSURED'],
    ['5.4.160', '30'],
    ['5.10.79', '30 ASSURED'],
    ['5.10.80', '30'],
    ['5.15.3', '30'],
  ])('stable series have ASSURED fixed too: %s shows %s', (kernel, second) => {
    expect(timers(kernel, [0, 1])[1]).toBe(second);
  });

  it('two packets of a socket at once, one server chosen', () => {
    expect(changes(mainline, (kernel) => race(kernel, true))).toEqual([
      ['4.4', 'accept drop, failed 1, resolved 0, listed 1'],
      ['4.7', 'accept accept, failed 0, resolved 1, listed 1'],
      ['4.8', 'accept drop, failed 1, resolved 0, listed 1'],
      ['4.19', 'accept accept, failed 0, resolved 1, listed 1'],
    ]);
    expect(race('4.14.172', true)).toContain('failed 1');
    expect(race('4.14.173', true)).toContain('failed 0');
  });

  it('two packets of a socket at once, two servers chosen', () => {
    expect(changes(mainline, (kernel) => race(kernel, false))).toEqual([
      ['4.4', 'accept drop, failed 1, resolved 0, listed 1'],
      ['4.7', 'accept accept, failed 0, resolved 1, listed 1'],
      ['4.8', 'accept drop, failed 1, resolved 0, listed 1'],
      ['5.6', 'accept accept, failed 0, resolved 1, listed 1'],
    ]);
  });

  it('the second is translated only when the first is confirmed: from 5.0 on NAT leaves it its port', () => {
    const late = (kernel: string) => {
      const { host } = nodeLab({ kernel });
      host.command('iptables -t nat -R PREROUTING 1 -d 10.96.0.10/32 -p udp -j DNAT --to-destination 10.244.1.20:53');
      const device = host.stack.devices.get('pods');
      const buffers = [33, 34].map(() => new SocketBuffer(udp('10.244.1.10', 41_000, serviceIp), device));
      for (const buffer of buffers) host.netfilter.run('PREROUTING', buffer);
      return buffers.map((buffer) => {
        host.netfilter.run('POSTROUTING', buffer);
        const { packet } = buffer;
        const port = packet.protocol === 'udp' && packet.sourcePort === 41_000 ? 'same port' : 'other port';
        return `${port} ${host.netfilter.confirm(buffer).verdict}`;
      });
    };
    expect(changes(mainline.slice(mainline.indexOf('4.19')), late)).toEqual([
      ['4.19', ['same port accept', 'other port drop']],
      ['5.0', ['same port accept', 'same port accept']],
    ]);
  });

  it("a vendor's kernel has rules of later ones", () => {
    expect(race('4.18', false, { clashRule: 'adopt-or-reply-only' })).toContain('failed 0, resolved 1');
  });

  it('a repeated SYN renews SYN_SENT before 5.14', () => {
    const rest = (kernel: string) => {
      const lab = nodeLab({ kernel });
      receive(lab, 'pods', tcp('10.244.1.10', 41_000, { syn: true }));
      lab.simulation.run(15 * second);
      receive(lab, 'pods', tcp('10.244.1.10', 41_000, { syn: true }));
      return lab.host.conntrack.list().map((entry) => entryFields(entry, lab.simulation.now).timeout);
    };
    expect(changes(mainline, rest)).toEqual([
      ['4.4', [120]],
      ['5.14', [105]],
    ]);
    expect(['4.19.271', '4.19.272', '5.4.231', '5.10.166'].map(rest)).toEqual([[120], [105], [105], [105]]);
  });

  it('a RST ahead of what is acknowledged ends a connection before 5.1, and lowers its timer to 10 s since', () => {
    const state = (kernel: string) => {
      const lab = nodeLab({ kernel });
      const port = 41_000;
      const [syn] = receive(lab, 'pods', tcp('10.244.1.10', port, { syn: true, sequence: 1000 }));
      if (syn === undefined) throw new Error('no SYN');
      receive(lab, 'pods', answer(syn, { ack: true, sequence: 5000, acknowledgement: 1001 }));
      const data = { sequence: 1001, acknowledgement: 5001 };
      receive(lab, 'pods', tcp('10.244.1.10', port, data));
      receive(lab, 'pods', tcp('10.244.1.10', port, { ...data, sequence: 1200, rst: true, ack: false }));
      return lab.host.conntrack.list().map((entry) => [entry.state, entryFields(entry, 0).timeout]);
    };
    expect(changes(mainline, state)).toEqual([
      ['4.4', [['CLOSE', 10]]],
      ['5.1', [['ESTABLISHED', 10]]],
    ]);
  });

  it('the end of a deleted entry tells what was left of it since 5.11', () => {
    const told = (kernel: string) => {
      const lab = nodeLab({ kernel });
      receive(lab, 'pods', udp('10.244.1.10', 42_000, serviceIp));
      lab.simulation.run(10 * second);
      lab.host.command('conntrack -D -p udp');
      return `${[...lab.store.rows(conntrackEvent)].at(-1)?.timeout}`;
    };
    expect(changes(mainline, told)).toEqual([
      ['4.4', 'NaN'],
      ['5.11', '20'],
    ]);
  });

  it('NAT looks for a port from where it last stopped before 5.0, at random since', () => {
    const ports = (kernel: string) => {
      const lab = nodeLab({ kernel });
      const server = address('192.168.100.1');
      return ['10', '11', '12', '13'].flatMap((pod) =>
        receive(lab, 'pods', udp(`10.244.1.${pod}`, 5555, server)).map((p) =>
          p.protocol === 'udp' ? p.sourcePort : 0,
        ),
      );
    };
    expect(changes(mainline, (kernel) => ports(kernel).slice(0, 3).join() === '5555,1024,1025')).toEqual([
      ['4.4', true],
      ['5.0', false],
    ]);
    expect(ports('4.19')).toEqual([5555, 1024, 1025, 1026]);
    expect(new Set(ports('5.0')).size).toBe(4);
  });

  it('SYNs are repeated with doubling waits; since 6.5 four of them a second apart (recording j)', () => {
    const linear = (kernel: string) => nodeLab({ kernel }).host.sysctls.get('net.ipv4.tcp_syn_linear_timeouts');
    expect(changes(mainline, linear)).toEqual([
      ['4.4', 0],
      ['6.5', 4],
    ]);
  });

  it('conntrack -S has the columns of its kernel', () => {
    const columns = (kernel: string) => {
      const { conntrack } = nodeLab({ kernel }).host;
      return statisticsLine(conntrack.counters, conntrack.rules.statistics).replaceAll('=0', '').trim();
    };
    const begin = 'cpu   \tfound invalid';
    const middle = 'insert insert_failed drop early_drop error search_restart';
    expect(changes(mainline, columns)).toEqual([
      ['4.4', `${begin} ignore ${middle}`],
      ['5.10', `${begin} ${middle} clash_resolve`],
      ['5.15', `${begin} ${middle} clash_resolve chaintoolong`],
    ]);
  });

  it('the collector is late by its kernel', () => {
    const gone = (kernel: string, seed: string): number => {
      const lab = nodeLab({ kernel }, seed);
      receive(lab, 'pods', udp('10.244.1.10', 42_000, serviceIp));
      lab.simulation.run(600 * second);
      return ([...lab.store.rows(conntrackEvent)].at(-1)?.t ?? 0) / second - 30;
    };
    const latest = (kernel: string) => Math.max(...Array.from({ length: 24 }, (_, seed) => gone(kernel, `${seed}`)));
    const between = (late: number) => [1, 16, 62, 121, 320].find((limit) => late <= limit);
    expect(changes(mainline, (kernel) => between(latest(kernel)))).toEqual([
      ['4.4', 1],
      ['4.9', 320],
      ['4.10', 16],
      ['5.14', 121],
      ['5.18', 62],
    ]);
    expect(between(latest('5.10.62'))).toBe(121);
  });
});

it('kernel changes stand in order, and tell where they come from', () => {
  const order = (release: string) => release.split('.').reduce((sum, part) => sum * 1000 + Number(part), 0);
  const since = kernelChanges.map((change) => order(change.since));
  expect(since).toEqual([...since].sort((a, b) => a - b));
  for (const { source } of kernelChanges) expect(source).toMatch(/\(.*[a-z_0-9]+\.[ch].*\)/);
});
