import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { query } from '../../dns/build.ts';
import { absolute } from '../../dns/name.ts';
import { flagsOf, formatRecord } from '../../dns/text.ts';
import { ColumnStore } from '../../engine/columns.ts';
import { type Process, sleepUntil, timedOut } from '../../engine/process.ts';
import { Recorder } from '../../engine/recorder.ts';
import { Simulation } from '../../engine/simulation.ts';
import { fromSeconds, second, toSeconds } from '../../engine/time.ts';
import { createHost, type Host } from '../../kernel/host.ts';
import { isSocketError } from '../../kernel/socket/socket.ts';
import { parseAddress } from '../../network/address.ts';
import { createNetwork } from '../../network/network.ts';
import { exchangeTcp, exchangeUdp } from '../../transport/exchange.ts';
import type { ScriptedState } from '../description.ts';
import { serverQuery } from '../records.ts';
import { startServer } from '../start.ts';

interface Reply {
  readonly step: number;
  readonly n?: number;
  readonly timeout?: number;
  readonly latency?: number;
  readonly rcode?: string;
  readonly flags?: readonly string[];
  readonly answer?: readonly string[];
  readonly authority?: readonly string[];
  readonly wire?: number;
}

interface Recording {
  readonly resolvers: Readonly<Record<string, { readonly software: string; readonly config: string }>>;
  readonly servers: Readonly<Record<string, Partial<ScriptedState> & { readonly address: string }>>;
  readonly steps: readonly {
    readonly at: number;
    readonly query?: {
      readonly name: string;
      readonly type: string;
      readonly edns?: number;
      readonly timeout?: number;
      readonly proto?: string;
      readonly rd?: boolean;
    };
    readonly server?: string;
    readonly set?: Partial<ScriptedState>;
    readonly count?: number;
    readonly every?: number;
  }[];
  readonly observed: readonly {
    readonly resolver: string;
    readonly replies: readonly Reply[];
    readonly upstream: readonly {
      readonly t: number;
      readonly server: string;
      readonly proto: string;
      readonly name: string;
      readonly type: string;
      readonly edns: number | null;
      readonly do: boolean;
    }[];
  }[];
}

function recording(name: string): Recording {
  return JSON.parse(readFileSync(`test/recordings/recursor/${name}.json`, 'utf8'));
}

const software: Readonly<Record<string, string>> = { unbound: 'unbound', named: 'bind' };

/** Runs one resolver of a recording; what came out, in the recording's own shape. */
function run(recorded: Recording, resolver: string) {
  const store = new ColumnStore();
  const simulation = new Simulation('test', new Recorder(store));
  const lo = ['10.9.0.1', '10.9.0.10', ...Object.values(recorded.servers).map((s) => s.address)];
  const host = createHost(simulation, createNetwork(simulation, []), {
    name: 'all',
    kernel: '6.18',
    forwarding: false,
    interfaces: [{ name: 'lo', addresses: lo.map((address) => `${address}/32`) }],
    routes: [],
    sysctls: {},
  });
  const servers = new Map(
    Object.entries(recorded.servers).map(([name, { address, ...state }]) => [
      name,
      startServer(simulation, host, { role: 'scripted', name, host: 'all', address, port: 53, state }),
    ]),
  );
  const { software: program = '', config = '' } = recorded.resolvers[resolver] ?? {};
  const options: Record<string, number | boolean> = { prefetch: /\bprefetch: yes/.test(config) };
  for (const [, word = '', value] of config.matchAll(/\b((?:min|max|cache)-[a-z-]*ttl):? (\d+)/g))
    options[word] = Number(value);
  startServer(simulation, host, {
    role: 'recursor',
    name: 'recursor',
    host: 'all',
    address: '10.9.0.10',
    port: 53,
    software: software[program] ?? '',
    upstreams: { '.': Object.values(recorded.servers).map((s) => s.address) },
    options,
  });
  const replies: Reply[] = [];
  recorded.steps.forEach((step, i) => {
    if (step.server !== undefined)
      simulation.at(fromSeconds(step.at), () => servers.get(step.server ?? '')?.set(step.set ?? {}));
    for (let n = 0; step.query !== undefined && n < (step.count ?? 1); n++) {
      const id = (step.count ?? 1) > 1 ? { step: i, n } : { step: i };
      simulation.spawn(
        client(simulation, host, step.at + n * (step.every ?? 0), step.query, (reply) =>
          replies.push({ ...id, ...reply }),
        ),
      );
    }
  });
  simulation.run(Math.max(...recorded.steps.map(({ at }) => fromSeconds(at))) + 30 * second);
  const upstream = [...store.rows(serverQuery)]
    .filter((row) => row.server !== 'recursor' && row.name !== '.')
    .map((row) => ({
      t: toSeconds(row.t),
      server: row.server,
      proto: row.protocol,
      name: row.name,
      type: row.type,
      edns: Number.isNaN(row.edns) ? null : row.edns,
      do: row.do,
    }));
  return { replies: replies.sort((a, b) => a.step - b.step || (a.n ?? 0) - (b.n ?? 0)), upstream };
}

function* client(
  simulation: Simulation,
  host: Host,
  at: number,
  asked: NonNullable<Recording['steps'][number]['query']>,
  note: (reply: Omit<Reply, 'step'>) => void,
): Process {
  yield* sleepUntil(simulation, fromSeconds(at));
  const local = { address: parseAddress('10.9.0.1') ?? 0, port: 0 };
  const remote = { address: parseAddress('10.9.0.10') ?? 0, port: 53 };
  const edns = asked.edns === undefined ? {} : { edns: { udpSize: asked.edns, do: false, version: 0, options: [] } };
  const message = query(
    1,
    { name: absolute(asked.name), type: asked.type },
    { ...edns, flags: { rd: asked.rd !== false } },
  );
  const timeout = asked.timeout ?? 8;
  const deadline = simulation.now + fromSeconds(timeout);
  const trace = simulation.recorder.trace(0);
  const over = function* () {
    if (asked.proto === 'tcp') {
      const connection = yield* host.connect(remote, { owner: 'client', trace, deadline, bind: local });
      if (connection === timedOut || isSocketError(connection)) return connection;
      return yield* exchangeTcp(connection, message, trace, deadline);
    }
    const socket = host.udp({ owner: 'client', bind: local });
    if (isSocketError(socket)) return socket;
    socket.connect(remote);
    const reply = yield* exchangeUdp(socket, message, trace, deadline);
    socket.close();
    return reply;
  };
  const reply = yield* over();
  if (reply === timedOut) note({ timeout });
  else if (!isSocketError(reply) && 'message' in reply) {
    const { rcode, answer, authority } = reply.message;
    const latency = toSeconds(simulation.now) - at;
    note({
      latency,
      rcode,
      flags: flagsOf(reply.message),
      answer: answer.map(formatRecord),
      authority: authority.map(formatRecord),
      wire: reply.size,
    });
  }
}

/** What must be the same; latencies to the fifth of a second, order within a set left to chance. */
function comparable(replies: readonly Reply[]) {
  return replies.map(({ step, n, timeout, latency, rcode, flags, answer, authority, wire }) =>
    timeout === undefined
      ? { step, n, fifths: Math.round((latency ?? 0) * 5), rcode, flags, answer: answer?.toSorted(), authority, wire }
      : { step, n, timeout },
  );
}

describe('recursors do what the real ones did', () => {
  it.each<[name: string, ...resolvers: string[]]>([
    ['cname-ttls', 'unbound', 'named'],
    ['edns-upstream', 'unbound'],
    ['minimal', 'unbound'],
    ['negative', 'unbound', 'named'],
    ['negative-no-soa', 'unbound', 'named'],
    ['order', 'unbound', 'named'],
    ['prefetch', 'unbound-default', 'unbound-prefetch', 'named-default'],
    ['qname-minimisation', 'unbound-forward', 'named-forward'],
    ['bind-stale', 'default-off'],
    ['servfail', 'unbound'],
    ['silent-one', 'unbound'],
    ['size-20-a', 'unbound', 'named'],
    ['size-90-a', 'unbound'],
    ['slow-server', 'unbound', 'named'],
    ['tc-tcp-closed', 'unbound', 'named'],
    ['tc-then-tcp', 'unbound'],
    ['ttl-countdown', 'unbound', 'named'],
    ['ttl-max-default', 'unbound', 'named'],
    ['ttl-min', 'unbound', 'named'],
    ['ttl-wall-second', 'unbound', 'named'],
  ])('recursor-%s: %s', (name, ...resolvers) => {
    const recorded = recording(`recursor-${name}`);
    for (const resolver of resolvers) {
      const expected = recorded.observed.find((o) => o.resolver === resolver);
      const got = run(recorded, resolver);
      expect(comparable(got.replies), resolver).toEqual(comparable(expected?.replies ?? []));
      const queries = expected?.upstream.map(({ t, server, proto, name, type, edns, do: withDo }) => ({
        t: expect.closeTo(t, 1),
        server,
        proto,
        name,
        type,
        edns,
        do: withDo,
      }));
      expect(got.upstream, resolver).toEqual(queries);
    }
  });
});
