import { describe, expect, it } from 'vitest';
import { endpoint, type Seen, siteIn, startLab } from '../../test/support/lab.ts';
import { query, replyTo } from '../dns/build.ts';
import { type Process, sleep, timedOut } from '../engine/process.ts';
import { noTrace } from '../engine/recorder.ts';
import { fromSeconds, second, toSeconds } from '../engine/time.ts';
import { isSocketError } from '../kernel/socket/socket.ts';
import { encode, frame } from './decode.ts';
import { exchangeUdp, receiveTcp } from './exchange.ts';
import { type Answering, serveUdp } from './serve.ts';
import { serveTcp, type TcpLimits, unlimitedTcp } from './serve-tcp.ts';

const server = '10.9.0.20';

function startServerLab() {
  const lab = startLab([server]);
  return { ...lab, site: siteIn(lab, server, 'server') };
}

/** Answers after the seconds that the name's first label says. */
function answering(): Answering {
  return function* ({ message }) {
    yield* sleep(fromSeconds(Number.parseFloat(message.question[0]?.name.replace('-', '.') ?? '0') || 0));
    return encode(replyTo(message), { compress: true });
  };
}

/** Times and ids of what comes back when queries are written to one connection; `end`: when the server closed it. */
function session(limits: TcpLimits, queries: readonly { readonly at: number; readonly name: string }[]) {
  const { simulation, host, site } = startServerLab();
  serveTcp(site, answering(), { limits: () => limits });
  const seen: (readonly [t: number, what: number | 'end'])[] = [];
  simulation.spawn(
    (function* (): Process {
      const options = { owner: 'client', trace: noTrace, deadline: second };
      const connection = yield* host.connect(endpoint(server), options);
      if (connection === timedOut || isSocketError(connection)) throw new Error('not connected');
      queries.forEach(({ at, name }, i) => {
        const message = query(i, { name: `${name}.test.`, type: 'A' });
        simulation.at(fromSeconds(at), () => connection.send(frame(message, { compress: false }), noTrace));
      });
      for (;;) {
        const reply = yield* receiveTcp(connection, Number.POSITIVE_INFINITY);
        if (reply === timedOut || isSocketError(reply)) return;
        seen.push([toSeconds(simulation.now), 'message' in reply ? reply.message.id : 'end']);
        if ('closed' in reply) return;
      }
    })(),
  );
  simulation.run(60 * second);
  return seen;
}

describe('a server on TCP', () => {
  it('answers the queries of a connection strictly one after the other', () => {
    const queries = [
      { at: 1, name: '2' },
      { at: 1, name: '0' },
    ];
    expect(session(unlimitedTcp, queries)).toEqual([
      [3, 0],
      [3, 1],
    ]);
  });

  it('or at the same time, where it is made so', () => {
    const queries = [
      { at: 1, name: '2' },
      { at: 1, name: '0' },
    ];
    expect(session({ ...unlimitedTcp, concurrent: true }, queries)).toEqual([
      [1, 1],
      [3, 0],
    ]);
  });

  it('closes after its first wait and after its idle time, which counts from the last reply', () => {
    const limits = { ...unlimitedTcp, firstRead: 2 * second, idle: 8 * second };
    expect(session(limits, [])).toEqual([[2, 'end']]);
    expect(session(limits, [{ at: 1, name: '3' }])).toEqual([
      [4, 0],
      [12, 'end'],
    ]);
  });

  it('closes behind the last query that it takes', () => {
    const queries = [0, 0].map(() => ({ at: 1, name: '0' }));
    expect(session({ ...unlimitedTcp, queries: 2 }, queries)).toEqual([
      [1, 0],
      [1, 1],
      [1, 'end'],
    ]);
  });
});

it('serves so many connections at once: the next is accepted, and waits until one has ended', () => {
  const { simulation, ask, site } = startServerLab();
  const limits = { ...unlimitedTcp, connections: 1, idle: 4 * second };
  serveTcp(site, answering(), { limits: () => limits });
  const seen: [number, number][] = [];
  const note = (nth: number) => () => void seen.push([nth, toSeconds(simulation.now)]);
  ask(1, server, { name: '2.test', proto: 'tcp' }, note(1));
  ask(1, server, { name: '1.test', proto: 'tcp', timeout: 20 }, note(2));
  simulation.run(30 * second);
  // The first client closes when it has its answer.
  expect(seen).toEqual([
    [1, 3],
    [2, 4],
  ]);
});

describe('a server on UDP', () => {
  it('answers each query on its own, until it is stopped; those in flight are still answered', () => {
    const { simulation, ask, site } = startServerLab();
    const serving = serveUdp(site, answering());
    const seen: [number, Seen][] = [];
    const note = (nth: number) => (reply: Seen) => void seen.push([nth, reply]);
    ask(1, server, { name: '2.test' }, note(1));
    ask(1, server, { name: '1.test' }, note(2));
    ask(2.5, server, { name: '0.test' }, note(3));
    simulation.at(2.2 * second, () => !isSocketError(serving) && serving.stopListening());
    simulation.run(20 * second);
    expect(seen.map(([nth, reply]) => [nth, 'latency' in reply ? reply.latency : reply])).toEqual([
      [2, 1],
      [1, 2],
      [3, { timeout: 8 }],
    ]);
  });

  it('cannot share its address', () => {
    const { site } = startServerLab();
    serveUdp(site, answering());
    expect(serveUdp({ ...site, owner: 'other' }, answering())).toMatchObject({ error: 'EADDRINUSE' });
  });

  it('shares its port where both have SO_REUSEPORT', () => {
    const { site } = startServerLab();
    const shares = { reusePort: true };
    const any = { ...endpoint(server), address: 0 };
    for (const local of [endpoint(server), any]) {
      expect(serveUdp({ ...site, local }, answering(), shares)).not.toHaveProperty('error');
      expect(serveTcp({ ...site, local }, answering(), shares)).not.toHaveProperty('error');
    }
    expect(serveUdp({ ...site, local: any, owner: 'other' }, answering())).toMatchObject({ error: 'EADDRINUSE' });
  });
});

describe('an exchange over UDP', () => {
  it('passes over replies with another id, and waits for its own until the deadline', () => {
    const { simulation, host, site } = startServerLab();
    serveUdp(site, function* ({ message }, send) {
      send(encode({ ...replyTo(message), id: message.id + 1 }, { compress: true }));
      yield* sleep(second);
      return encode(replyTo(message), { compress: true });
    });
    const seen: unknown[] = [];
    const asking = (deadline: number) =>
      function* (): Process {
        const socket = host.udp({ owner: 'client' });
        if (isSocketError(socket)) return;
        socket.connect(endpoint(server));
        const message = query(1, { name: 'a.test.', type: 'A' });
        const reply = yield* exchangeUdp(socket, message, noTrace, deadline);
        seen.push(reply === timedOut ? 'timed out' : 'message' in reply && reply.message.id, toSeconds(simulation.now));
      };
    simulation.spawn(asking(0.5 * second)());
    simulation.spawn(asking(2 * second)());
    simulation.run(5 * second);
    expect(seen).toEqual(['timed out', 0.5, 1, 1]);
  });
});
