import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Asked, type Seen, startLab } from '../../../test/support/lab.ts';
import { fromSeconds, second, toSeconds } from '../../engine/time.ts';
import type { ScriptedState } from '../description.ts';
import { serverQuery } from '../records.ts';
import { startServer } from '../start.ts';

type Reply = Seen & { readonly step: number; readonly n?: number };

interface Recording {
  readonly resolvers: Readonly<Record<string, { readonly software: string; readonly config: string }>>;
  readonly servers: Readonly<Record<string, Partial<ScriptedState> & { readonly address: string }>>;
  readonly steps: readonly {
    readonly at: number;
    readonly query?: Asked;
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
const address = '10.9.0.10';

/** Runs one resolver of a recording; what came out, in the recording's own shape. */
function run(recorded: Recording, resolver: string) {
  const upstreams = Object.values(recorded.servers).map((server) => server.address);
  const { simulation, store, host, ask } = startLab([address, ...upstreams]);
  const servers = new Map(
    Object.entries(recorded.servers).map(([name, { address, ...state }]) => [
      name,
      startServer(simulation, host, { role: 'scripted', name, host: 'lab', address, port: 53, state }),
    ]),
  );
  const { software: program = '', config = '' } = recorded.resolvers[resolver] ?? {};
  const options: Record<string, number | boolean> = { prefetch: /\bprefetch: yes/.test(config) };
  for (const [, word = '', value] of config.matchAll(/\b((?:min|max|cache)-[a-z-]*ttl):? (\d+)/g)) {
    options[word] = Number(value);
  }
  startServer(simulation, host, {
    role: 'recursor',
    name: 'recursor',
    host: 'lab',
    address,
    port: 53,
    software: software[program] ?? '',
    upstreams: { '.': upstreams },
    options,
  });
  const replies: Reply[] = [];
  recorded.steps.forEach(({ at, query, server, set, count = 1, every = 0 }, step) => {
    if (server !== undefined) simulation.at(fromSeconds(at), () => servers.get(server)?.set(set ?? {}));
    for (let n = 0; query !== undefined && n < count; n++) {
      ask(at + n * every, address, query, (seen) => replies.push({ step, ...(count > 1 ? { n } : {}), ...seen }));
    }
  });
  simulation.run(Math.max(...recorded.steps.map(({ at }) => fromSeconds(at))) + 30 * second);
  const upstream = [...store.rows(serverQuery)]
    .filter((row) => row.server !== 'recursor')
    .map(({ t, server, protocol: proto, name, type, edns, do: withDo }) => {
      return { t: toSeconds(t), server, proto, name, type, edns: Number.isNaN(edns) ? null : edns, do: withDo };
    });
  return { replies: replies.sort((a, b) => a.step - b.step || (a.n ?? 0) - (b.n ?? 0)), upstream };
}

/** What must be the same; latencies to the fifth of a second, order within a set left to chance. */
function comparable(replies: readonly Reply[]) {
  return replies.map((reply) => {
    const { step, n } = reply;
    if (!('rcode' in reply)) return { step, n, timeout: 'timeout' in reply ? reply.timeout : undefined };
    const { latency, rcode, flags, answer, authority, wire } = reply;
    return { step, n, fifths: Math.round(latency * 5), rcode, flags, answer: answer.toSorted(), authority, wire };
  });
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
