import { expect, test } from 'vitest';
import { query, replyTo } from '../../../dns/build.ts';
import type { Message } from '../../../dns/message.ts';
import { parseRecord } from '../../../dns/text.ts';
import { ColumnStore } from '../../../engine/columns.ts';
import { type Process, timedOut } from '../../../engine/process.ts';
import { Recorder } from '../../../engine/recorder.ts';
import { Simulation } from '../../../engine/simulation.ts';
import { fromSeconds, minute, toSeconds } from '../../../engine/time.ts';
import { createHost } from '../../../kernel/host.ts';
import { isSocketError, type TcpConnection } from '../../../kernel/socket/socket.ts';
import { parseAddress } from '../../../network/address.ts';
import { createNetwork } from '../../../network/network.ts';
import type { Address } from '../../../network/packet.ts';
import { encode, frame } from '../../../transport/decode.ts';
import { DnsPayload, FramedDns } from '../../../transport/payload.ts';
import { Dispenser } from '../../corefile/dispenser.ts';
import { lex } from '../../corefile/lexer.ts';
import { Metrics } from '../../metrics.ts';
import type { Callback, Outcome, Request } from '../../plugin.ts';
import { findRelease, type ReleaseName } from '../../releases.ts';
import type { Surroundings } from './forward.ts';
import { attemptRecord } from './records.ts';
import { setUpForward } from './setup.ts';

const addressOf = (text: string): Address => parseAddress(text) ?? 0;
const own = { address: addressOf('10.9.0.10'), port: 0 };

/** A forward alone on a host whose other addresses are those of the upstreams. */
class Bench {
  readonly store = new ColumnStore();
  readonly simulation = new Simulation('1', new Recorder(this.store));
  readonly #sockets = createHost(this.simulation, createNetwork(this.simulation, []), {
    name: 'machine',
    kernel: '6.18',
    forwarding: false,
    interfaces: [{ name: 'lo', addresses: ['10.9.0.10/32', '10.9.0.21/32', '10.9.0.22/32'] }],
    routes: [],
    sysctls: {},
  });
  readonly #handle;
  /** What is done as the process goes down. */
  readonly atShutdown: Callback[] = [];
  /** TCP connections that upstreams have had. */
  connections = 0;

  constructor(corefile: string, release: ReleaseName) {
    this.#handle = setUpForward(this.#setup(corefile, release)).handle;
  }

  #setup(corefile: string, name: ReleaseName): Surroundings {
    const release = findRelease(name);
    if (release === undefined) throw new Error(`no release ${name}`);
    const nothing = () => {};
    return {
      directive: new Dispenser(lex({ file: 'Corefile', text: corefile }), 'Corefile'),
      release,
      simulation: this.simulation,
      sockets: this.#sockets,
      owner: 'coredns',
      files: { read: () => undefined, names: () => [] },
      block: { root: '' },
      decided: () => {},
      log: { info: nothing, warning: nothing, error: nothing, raw: nothing },
      metrics: new Metrics(),
      notModelled: nothing,
      duringSetup: nothing,
      onStartup: nothing,
      onShutdown: (run) => this.atShutdown.push(run),
      onCollected: nothing,
      spawn: (process) => this.simulation.spawn(process),
    };
  }

  /** An upstream that answers every query over UDP and TCP. */
  serve(address: string, answer: (asked: Message) => Partial<Message>, delay = 0): void {
    this.simulation.spawn(this.#serveUdp(address, answer, delay));
    this.simulation.spawn(this.#serveTcp(address, answer));
  }

  *#serveUdp(address: string, answer: (asked: Message) => Partial<Message>, delay: number): Process {
    const socket = this.#sockets.udp({ owner: address, bind: { address: addressOf(address), port: 53 } });
    if (isSocketError(socket)) throw new Error(socket.error);
    for (;;) {
      const got = yield* socket.receive(Number.POSITIVE_INFINITY);
      if (got === timedOut || isSocketError(got) || !(got.payload instanceof DnsPayload)) continue;
      const reply = { ...replyTo(got.payload.message), ...answer(got.payload.message) };
      const { trace, from } = got;
      this.simulation.after(fromSeconds(delay), () => socket.send(encode(reply, { compress: false }), trace, from));
    }
  }

  *#serveTcp(address: string, answer: (asked: Message) => Partial<Message>): Process {
    const listener = this.#sockets.listen({ address: addressOf(address), port: 53 }, address);
    if (isSocketError(listener)) throw new Error(listener.error);
    for (;;) {
      const connection = yield* listener.accept(Number.POSITIVE_INFINITY);
      if (connection === timedOut) continue;
      this.connections++;
      this.simulation.spawn(this.#serveConnection(connection, answer));
    }
  }

  *#serveConnection(connection: TcpConnection, answer: (asked: Message) => Partial<Message>): Process {
    for (;;) {
      const got = yield* connection.receive(Number.POSITIVE_INFINITY);
      if (got === timedOut || isSocketError(got) || 'end' in got || !(got.payload instanceof FramedDns)) return;
      const asked = got.payload.dns.message;
      connection.send(frame({ ...replyTo(asked), ...answer(asked) }, { compress: false }), got.trace);
    }
  }

  /** Asks at 0; the outcome with the seconds that it took. */
  ask(name = 'a.test.', at = 0): Outcome & { readonly seconds: number } {
    const message = query(1, { name, type: 'A' });
    const request: Request = {
      message,
      original: { edns: undefined },
      protocol: 'udp',
      client: own,
      local: own,
      zone: '.',
      view: '',
      server: 'dns://:53',
      trace: this.simulation.recorder.trace(0),
    };
    let ended: (Outcome & { seconds: number }) | undefined;
    const run = this.#handle(request, noNext);
    const { simulation } = this;
    simulation.at(fromSeconds(at), () => {
      simulation.spawn(
        (function* (): Process {
          const outcome = yield* run;
          ended = { ...outcome, seconds: toSeconds(simulation.now) - at };
        })(),
      );
    });
    simulation.run(fromSeconds(at) + minute);
    if (ended === undefined) throw new Error('no outcome');
    return ended;
  }

  attempts(): readonly string[] {
    return [...this.store.rows(attemptRecord)].map(({ to }) => to);
  }
}

// biome-ignore lint/correctness/useYield: the end of the chain takes no time
function* noNext(): Process<Outcome> {
  return { rcode: 'SERVFAIL', error: 'no next plugin' };
}

const records = (count: number, owner: string) =>
  Array.from({ length: count }, (_, i) => parseRecord(`${owner} 60 IN A 192.0.2.${i + 1}`)).filter(
    (record) => record !== undefined,
  );

const two = 'forward . 10.9.0.21 10.9.0.22 {\n policy sequential\n max_fails 0\n}';

test.each([
  ['forward . 10.9.0.21 {\n max_fails 0\n}', 2],
  [two, 4],
])('golden forward-default-attempt-cap: %s', (corefile, attempts) => {
  const bench = new Bench(corefile, '1.14.7');
  const { rcode, error, seconds } = bench.ask();
  expect(rcode).toBe('SERVFAIL');
  expect(error).toMatch(/^read udp 10\.9\.0\.\d+:\d+->10\.9\.0\.2[12]:53: read: connection refused$/);
  expect(seconds).toBeLessThan(0.01);
  expect(bench.attempts()).toHaveLength(attempts);
});

test('golden forward-fast-fail-spin: thousands of attempts in 5 s before 1.14.7', () => {
  const bench = new Bench('forward . 10.9.0.21 {\n max_fails 0\n}', '1.11.1');
  const { rcode, seconds } = bench.ask();
  expect([rcode, Math.round(seconds)]).toEqual(['SERVFAIL', 5]);
  expect(bench.attempts().length).toBeGreaterThan(5000);
});

test('golden forward-max-fails: down after more failed probes than max_fails', () => {
  const bench = new Bench('forward . 10.9.0.21 {\n max_fails 2\n failfast_all_unhealthy_upstreams\n}', '1.14.7');
  bench.ask();
  expect(bench.ask('b.test.', 90).error).toBe('no healthy proxies');
});

test.each([
  ['', 0],
  ['next_on_nodata', 1],
])('golden forward-next-on-nodata: "%s" gives %i answers', (option, answers) => {
  const bench = new Bench(`forward . 10.9.0.21 {\n ${option}\n}\nforward . 10.9.0.22`, '1.14.4');
  bench.serve('10.9.0.21', () => ({}));
  bench.serve('10.9.0.22', () => ({ answer: records(1, 'a.test.') }));
  expect(bench.ask().reply?.answer).toHaveLength(answers);
});

test.each([
  ['', true, 0],
  ['force_tcp', false, 20],
])('golden forward-overflow-tc: "%s"', (option, tc, answers) => {
  const bench = new Bench(`forward . 10.9.0.21 {\n ${option}\n}`, '1.11.3');
  bench.serve('10.9.0.21', () => ({ answer: records(20, 'example.org.') }));
  const { reply } = bench.ask('example.org.');
  expect([reply?.flags.tc, reply?.answer.length]).toEqual([tc, answers]);
});

test('golden forward-overflow-old: a reply of 758 octets without EDNS storms before 1.11.3', () => {
  const bench = new Bench('forward . 10.9.0.21', '1.11.1');
  bench.serve('10.9.0.21', () => ({ answer: records(20, 'api-push.vivo.com.cn.') }), 0.005);
  const { rcode, error, seconds } = bench.ask('api-push.vivo.com.cn.');
  expect([rcode, error]).toEqual(['SERVFAIL', 'dns: buffer size too small']);
  expect(seconds).toBeCloseTo(5, 1);
  expect(bench.attempts()).toHaveLength(1000);
});

test('a silent upstream: attempts in turn at 0, 2 and 4 s, SERVFAIL at 6 s', () => {
  const bench = new Bench(two, '1.11.1');
  bench.serve('10.9.0.22', () => ({ answer: records(1, 'a.test.') }), 2.5);
  bench.serve('10.9.0.21', () => ({ answer: records(1, 'a.test.') }), 2.5);
  expect(bench.ask().seconds).toBe(6);
  expect(bench.attempts()).toEqual(['10.9.0.21:53', '10.9.0.22:53', '10.9.0.21:53']);
});

test.each([
  ['forward . 10.9.0.21 {\nblaatl\n}', "Corefile:2 - Error during parsing: unknown property 'blaatl'"],
  ['forward .', "Corefile:1 - Error during parsing: Wrong argument count or unexpected line ending after '.'"],
  ['forward . 10.9.0.256', 'not an IP address or file: "10.9.0.256"'],
])('golden corefile-errors: %s', (corefile, message) => {
  expect(() => new Bench(corefile, '1.11.1')).toThrow(message);
});

// Asked of the programs on a machine without a network, 1.6.7 to 1.14.4: the first query ends when the third probe has failed.
test.each<[ReleaseName, string, string, string]>([
  [
    '1.6.7',
    'tls://10.9.0.53%dns.example',
    'dial tcp: lookup 10.9.0.53%dns.example: no such host',
    '10.9.0.53%dns.example:853',
  ],
  [
    '1.8.6',
    'tls://10.9.0.53%dns.example:8853',
    'dial tcp: lookup 10.9.0.53%dns.example: no such host',
    '10.9.0.53%dns.example:8853',
  ],
  ['1.13.1', '10.9.0.53%lo', 'dial udp: lookup 10.9.0.53%lo: no such host', '10.9.0.53%lo:53'],
  ['1.14.4', 'https3://10.9.0.53', 'dial udp: missing address', ''],
])('%s cannot dial %s: %s', (release, to, error, name) => {
  const bench = new Bench(`forward . ${to}`, release);
  const first = bench.ask();
  expect(first).toMatchObject({ rcode: 'SERVFAIL', error });
  expect(first.seconds).toBeCloseTo(1, 1);
  expect(new Set(bench.attempts())).toEqual(new Set([name]));
  const second = bench.ask('b.test.', 70);
  expect(second.seconds).toBe(0);
});

test('1.6.7 takes what it does not speak for plain DNS, and never probes it', () => {
  const bench = new Bench('forward . https://10.9.0.21', '1.6.7');
  expect(bench.ask()).toMatchObject({ rcode: 'SERVFAIL', seconds: expect.closeTo(5, 2) });
  expect(new Set(bench.attempts())).toEqual(new Set(['10.9.0.21:443']));
});

test('1.14.4 takes the address, and what stands behind it for nothing', () => {
  const bench = new Bench('forward . 10.9.0.21%lo', '1.14.4');
  bench.serve('10.9.0.21', () => ({}));
  expect(bench.ask().rcode).toBe('NOERROR');
});

test('two of them are no address', () => {
  expect(() => new Bench('forward . 10.9.0.53%a%b', '1.13.1')).toThrow('not an IP address or file: "10.9.0.53%a%b"');
});

// plugin/forward/setup.go: OnShutdown ends the probes alone; recording `path-lameduck-keeps-connections`.
test('a process that goes down keeps its connections', () => {
  const lab = new Bench('forward . 10.9.0.21 {\n force_tcp\n expire 2m\n}', '1.14.7');
  lab.serve('10.9.0.21', () => ({}));
  lab.ask('a.test.');
  for (const run of lab.atShutdown) run();
  lab.ask('b.test.', 61);
  expect(lab.connections).toBe(1);
});
