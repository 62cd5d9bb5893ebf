import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ColumnStore } from '../../engine/columns.ts';
import { type Process, sleep, sleepUntil, timedOut } from '../../engine/process.ts';
import { Recorder } from '../../engine/recorder.ts';
import { Simulation } from '../../engine/simulation.ts';
import { millisecond, second } from '../../engine/time.ts';
import { parseAddress } from '../../network/address.ts';
import { createNetwork } from '../../network/network.ts';
import { createHost, type Host } from '../host.ts';
import { packetSent } from '../records.ts';
import { isSocketError, type SocketError, type TcpConnection } from './socket.ts';

const server = { address: parseAddress('192.0.2.2') ?? 0, port: 53 };
const never = Number.POSITIVE_INFINITY;

interface Lab {
  readonly simulation: Simulation;
  readonly left: Host;
  readonly right: Host;
  /** Segments from a host: milliseconds, flags and octets. */
  readonly sent: (host: string) => string[];
}

/** Two hosts, 20 us apart; the right one answers each message, until the wire is cut. */
function lab(kernel = '6.18', sysctls: Readonly<Record<string, number>> = {}): Lab {
  const store = new ColumnStore();
  const simulation = new Simulation('1', new Recorder(store));
  const quality = { latency: 20, jitter: 0, loss: 0 };
  const network = createNetwork(simulation, [{ name: 'wire', quality, pairs: [] }]);
  const host = (name: string, address: string) =>
    createHost(simulation, network, {
      name,
      kernel,
      forwarding: false,
      interfaces: [{ name: 'eth0', segment: 'wire', addresses: [address] }],
      routes: [],
      sysctls,
    });
  const [left, right] = [host('left', '192.0.2.1/24'), host('right', '192.0.2.2/24')];
  const sent = (name: string) =>
    [...store.rows(packetSent)]
      .filter(({ at }) => at === name)
      .map(({ t, detail, size }) => `${Math.floor(t / millisecond)} ${detail} ${size}`);
  return { simulation, left, right, sent };
}

function serve({ simulation, right }: Lab): void {
  const listener = right.listen({ address: 0, port: 53 }, 'server');
  if (isSocketError(listener)) throw new Error(listener.error);
  simulation.spawn(
    (function* () {
      for (;;) {
        const connection = yield* listener.accept(never);
        if (connection !== timedOut) simulation.spawn(converse(connection));
      }
    })(),
  );
}

function* converse(connection: TcpConnection): Process {
  for (;;) {
    const got = yield* connection.receive(never);
    if (got === timedOut || isSocketError(got)) return;
    if ('end' in got) {
      connection.close();
      return;
    }
    connection.send({ size: 51 }, 0);
  }
}

/** Runs a client to its end, and what follows for five minutes. */
function client(to: Lab, act: (open: (port: number) => Process<TcpConnection>) => Process, span = 300 * second): void {
  const open = function* (port: number): Process<TcpConnection> {
    const connection = yield* tryOpen(to, port);
    if (isSocketError(connection)) throw new Error(connection.error);
    return connection;
  };
  to.simulation.spawn(act(open));
  to.simulation.run(span);
}

function* tryOpen({ left }: Lab, port: number, deadline = never): Process<TcpConnection | SocketError> {
  const got = yield* left.connect(server, { owner: 'client', trace: 0, deadline, bind: { address: 0, port } });
  if (got === timedOut) throw new Error('late');
  return got;
}

const ask = function* (connection: TcpConnection): Process {
  connection.send({ size: 35 }, 0);
  yield* connection.receive(never);
};

describe('ACKs', () => {
  // Recording j4, port 45503: queries at 0.3 s, 10 ms apart, and half a second later.
  it('go alone at first, with the answers in a dialogue, and alone again after it', () => {
    const to = lab();
    serve(to);
    client(
      to,
      function* (open) {
        const connection = yield* open(45_503);
        for (const at of [300, 310, 320, 820]) {
          yield* sleepUntil(to.simulation, at * millisecond);
          yield* ask(connection);
        }
      },
      2 * second,
    );
    expect(to.sent('right')).toEqual(['0 S. 0', '300 . 0', '300 P. 51', '310 P. 51', '320 P. 51', '820 P. 51']);
    expect(to.sent('left').slice(2)).toEqual([
      '300 P. 35',
      '300 . 0',
      '310 P. 35',
      '320 P. 35',
      '364 . 0',
      '820 P. 35',
      '820 . 0',
    ]);
  });

  it('need three answers for a dialogue from 5.1 to 5.19', () => {
    const to = lab('5.10');
    serve(to);
    client(
      to,
      function* (open) {
        const connection = yield* open(45_504);
        for (let n = 0; n < 5; n++) yield* ask(connection);
      },
      second,
    );
    const alone = to.sent('right').filter((segment) => segment.endsWith('. 0') && !segment.includes('S'));
    expect(alone.length).toBe(3);
  });
});

describe('what tcpdump marks with P', () => {
  const text = readFileSync(new URL('../../../test/recordings/kernel/push/push.txt', import.meta.url), 'utf8');
  const recorded = (port: number) =>
    text.split('\n').flatMap((line) => (line.startsWith(`${port} client `) ? [line.replace(/^\d+ client /, '')] : []));

  /** Not an ACK alone: the server here answers. */
  const isOfClient = (segment: string) => segment !== '. 0';

  it.each([
    [40_040, 40],
    [43_000, 3000],
  ])('port %i: the last segment of a write', (port, size) => {
    const to = lab();
    serve(to);
    client(to, function* (open) {
      const connection = yield* open(port);
      connection.send({ size }, 0);
      yield* sleep(300 * millisecond);
      connection.shutdown();
    });
    const shown = to.sent('left').map((segment) => segment.replace(/^\d+ /, ''));
    expect(shown.filter(isOfClient)).toEqual(recorded(port).filter(isOfClient));
  });
});

describe('nobody answers', () => {
  // Recordings j and j6: tcp_syn_retries 1 gives up after 3 s in spite of linear time-outs; without them 2 take 7 s.
  it.each([
    { sysctls: { 'net.ipv4.tcp_syn_retries': 1 }, repeats: [1, 2], after: [3, 4] },
    {
      sysctls: { 'net.ipv4.tcp_syn_retries': 2, 'net.ipv4.tcp_syn_linear_timeouts': 0 },
      repeats: [1, 3],
      after: [7, 8],
    },
    { sysctls: {}, repeats: [1, 2, 3, 4, 5, 7, 11, 19], after: [127, 140] },
  ])('a SYN is repeated: %o', ({ sysctls, repeats, after }) => {
    const to = lab('6.18', sysctls);
    to.left.command('iptables -A OUTPUT -p udp -j DROP');
    to.right.command('iptables -A INPUT -p tcp -j DROP');
    let end = Number.NaN;
    client(to, function* () {
      const got = yield* tryOpen(to, 46_001);
      if (isSocketError(got) && got.error === 'ETIMEDOUT') end = to.simulation.now / second;
    });
    expect(end).toBeGreaterThanOrEqual(after[0] ?? 0);
    expect(end).toBeLessThan(after[1] ?? 0);
    const seconds = to.sent('left').map((segment) => Math.floor(Number.parseInt(segment, 10) / 1000));
    expect(seconds.slice(0, repeats.length + 1)).toEqual([0, ...repeats]);
  });

  // path-tcp-reset-by-rule: the error is back while connect(2) still holds the socket, where that blocks
  it.each([
    ['blocks', never, 1],
    ['does not block', 3 * second, 0],
  ])('a port unreachable ends a connect that %s', (_, deadline, after) => {
    const to = lab();
    to.right.command('iptables -A INPUT -p tcp -j REJECT --reject-with icmp-port-unreachable');
    let end = Number.NaN;
    client(to, function* () {
      const got = yield* tryOpen(to, 46_001, deadline);
      if (isSocketError(got) && got.error === 'ECONNREFUSED') end = Math.floor(to.simulation.now / second);
    });
    expect(end).toBe(after);
  });

  // Recording j6, port 46004; how the timer wheel rounds depends on how long the machine has been up.
  it('data and FIN: a probe of the last soon, then both in one segment', () => {
    const to = lab('6.18', { 'net.ipv4.tcp_orphan_retries': 2 });
    serve(to);
    client(to, function* (open) {
      const connection = yield* open(46_004);
      yield* ask(connection);
      yield* sleep(10 * millisecond);
      to.right.command('iptables -A INPUT -p tcp -j DROP');
      yield* sleepUntil(to.simulation, 832 * millisecond);
      connection.send({ size: 35 }, 0);
      connection.close();
    });
    const closing = to.sent('left').slice(4);
    expect(closing.map((segment) => segment.replace(/^\d+ /, ''))).toEqual([
      'P. 35',
      'F. 0',
      'F. 0',
      'FP. 35',
      'FP. 35',
      'FP. 35',
    ]);
    for (const [n, recorded] of [832, 832, 840, 1048, 1476, 2308].entries())
      expect(Math.abs(Number.parseInt(closing[n] ?? '', 10) - recorded)).toBeLessThanOrEqual(8);
  });

  it('tells of it after tcp_retries2 (recording j6, port 46002: 6.7 s later)', () => {
    const to = lab('6.18', { 'net.ipv4.tcp_retries2': 3 });
    serve(to);
    let end = '';
    client(to, function* (open) {
      const connection = yield* open(46_002);
      yield* ask(connection);
      yield* sleep(10 * millisecond);
      to.right.command('iptables -A INPUT -p tcp -j DROP');
      yield* sleepUntil(to.simulation, 616 * millisecond);
      connection.send({ size: 35 }, 0);
      const got = yield* connection.receive(never);
      end =
        got !== timedOut && isSocketError(got)
          ? `${got.error} ${Math.round((to.simulation.now - 616 * millisecond) / second)}`
          : 'open';
    });
    expect(end).toBe('ETIMEDOUT 7');
  });
});

describe('ports', () => {
  it('a connection in TIME_WAIT is taken over by who asks for its port (recording j4), but not one that is open', () => {
    const to = lab();
    serve(to);
    const seen: string[] = [];
    client(
      to,
      function* (open) {
        const first = yield* open(45_501);
        const again = yield* tryOpen(to, 45_501);
        seen.push(isSocketError(again) ? again.error : 'open');
        first.close();
        yield* sleep(second);
        const later = yield* open(45_501);
        yield* ask(later);
        seen.push(later.state);
      },
      10 * second,
    );
    expect(seen).toEqual(['EADDRINUSE', 'established']);
  });

  it('after shutdown the answer is still read', () => {
    const to = lab();
    const listener = to.right.listen({ address: 0, port: 53 }, 'server');
    if (isSocketError(listener)) throw new Error(listener.error);
    to.simulation.spawn(
      (function* () {
        const connection = yield* listener.accept(never);
        if (connection === timedOut) return;
        yield* connection.receive(never);
        yield* sleep(second);
        connection.send({ size: 51 }, 0);
      })(),
    );
    let size = 0;
    client(
      to,
      function* (open) {
        const connection = yield* open(45_000);
        connection.shutdown();
        const got = yield* connection.receive(never);
        if (got !== timedOut && !isSocketError(got) && 'payload' in got) size = got.payload.size;
      },
      10 * second,
    );
    expect(size).toBe(51);
  });
});
