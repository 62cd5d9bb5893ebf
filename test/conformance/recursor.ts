import { z } from 'zod';
import { buildWorld } from '../../src/cluster/build.ts';
import type { World, WorldEvent } from '../../src/cluster/world.ts';
import type { ColumnStore } from '../../src/engine/columns.ts';
import { Kept } from '../../src/engine/kept.ts';
import { type Process, sleepUntil } from '../../src/engine/process.ts';
import { Recorder } from '../../src/engine/recorder.ts';
import { Simulation } from '../../src/engine/simulation.ts';
import { fromSeconds, second, toSeconds } from '../../src/engine/time.ts';
import { parseAddress } from '../../src/network/address.ts';
import type { ServerDescription } from '../../src/servers/description.ts';
import { serverQuery } from '../../src/servers/records.ts';
import { Client } from './coredns/client.ts';
import { machine, querySchema, serverSchema } from './coredns/recording.ts';
import { changed, scripted } from './coredns/world.ts';
import { readAuthority } from './recursor/authorities.ts';
import { readConfiguration } from './recursor/configs.ts';

/** `harness/recursor_rec.py` */
const recordingSchema = z.looseObject({
  resolvers: z.record(
    z.string(),
    z.looseObject({
      software: z.string(),
      config: z.string(),
      files: z.record(z.string(), z.string()).default({}),
    }),
  ),
  servers: z.record(z.string(), serverSchema).default({}),
  steps: z.array(
    z.strictObject({
      at: z.number(),
      query: querySchema.optional(),
      count: z.int().default(1),
      every: z.number().default(0),
      names: z.string().optional(),
      server: z.string().optional(),
      set: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
  until: z.number().default(0),
  keep_root: z.boolean().default(false),
  keep_letters: z.boolean().default(false),
  summary: z.boolean().default(false),
});
type Recording = z.infer<typeof recordingSchema>;
type Entry = Record<string, unknown>;

const address = '10.9.0.10';
/** A recording's time 0 is a whole second of the wall clock. */
const start = second;

/** Runs each program of a recording that is modelled. */
export function observe(_file: string, json: unknown, seed = '1'): unknown {
  const recording = recordingSchema.parse(json);
  const observed = Object.entries(recording.resolvers).flatMap(([resolver, { software, config, files }]) => {
    const server = readAuthority(software, files, { host: machine, address }) ?? configuredRecursor(software, config);
    return server === undefined ? [] : [{ resolver, software, ...run(recording, server, seed) }];
  });
  return observed.length === 0 ? undefined : { observed };
}

function configuredRecursor(software: string, config: string): ServerDescription | undefined {
  const said = readConfiguration(software, config);
  return said && { role: 'recursor', name: 'recursor', host: machine, address, port: 53, ...said };
}

function run(recording: Recording, server: ServerDescription, seed: string): Entry {
  const store = new Kept(serverQuery);
  const simulation = new Simulation(seed, new Recorder(store));
  const world = recordedWorld(recording, server);
  const sockets = buildWorld(world, simulation).hosts.get(machine);
  if (sockets === undefined) throw new Error('a world without its machine');
  const client = new Client(simulation, sockets, false);
  const replies: Entry[] = [];
  function* ask(step: number, n: number): Process {
    const { at, query, count, every, names } = recording.steps[step] ?? {};
    if (at === undefined || query === undefined || count === undefined || every === undefined) return;
    yield* sleepUntil(simulation, start + fromSeconds(at + n * every));
    const t = toSeconds(simulation.now - start);
    const name = names?.replace('#', String(n)) ?? query.name;
    const target = recording.servers[query.to ?? '']?.address ?? address;
    const reply = yield* client.ask({ ...query, name }, { address: parseAddress(target) ?? 0, port: 53 });
    replies.push({ step, ...(count > 1 && { n }), t, ...reply });
  }
  for (const [step, { query, count }] of recording.steps.entries()) {
    for (let n = 0; query !== undefined && n < count; n++) simulation.spawn(ask(step, n));
  }
  simulation.run(world.until);
  replies.sort((a, b) => Number(a.step) - Number(b.step) || Number(a.n ?? 0) - Number(b.n ?? 0));
  const upstream = seenUpstream(recording, store, replies);
  if (!recording.summary) return { replies, upstream };
  const first = replies.filter(({ n }) => n === undefined || n === 0);
  return { replies: first, upstream: upstream.slice(0, 4), upstream_count: upstream.length, counts: counted(replies) };
}

/** A burst in numbers, as the recorder writes it. */
function counted(replies: readonly Entry[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { step, timeout, error, rcode, flags } of replies) {
    const isCut = Array.isArray(flags) && flags.includes('tc');
    const what = timeout === undefined ? `${error ?? rcode}${isCut ? ' tc' : ''}` : 'timeout';
    const key = `step ${step}: ${what}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

function recordedWorld(recording: Recording, server: ServerDescription): World {
  const servers = Object.entries(recording.servers).map(([name, server]) => scripted(name, server));
  const addresses = ['10.9.0.1', address, ...servers.map((server) => server.address)].map((one) => `${one}/32`);
  const interfaces = [{ name: 'lo', addresses: ['127.0.0.1/8', ...new Set(addresses)] }];
  const ends = recording.steps.map(({ at, count, every, query }) => at + count * every + (query?.timeout ?? 0));
  return {
    seed: '1',
    until: start + fromSeconds(Math.max(recording.until, ...ends) + 0.5),
    hosts: [{ name: machine, kernel: '6.18', forwarding: false, interfaces, routes: [], sysctls: {} }],
    segments: [],
    podCidr: '10.244.0.0/16',
    kubeProxyOn: [],
    services: [],
    coredns: [],
    servers: [...servers, server],
    workloads: [],
    events: recording.steps.flatMap((step) => serverEvents(step)),
  };
}

function serverEvents({ at, server, set }: Recording['steps'][number]): WorldEvent[] {
  if (server === undefined || set === undefined) return [];
  const label = `${server} changes`;
  return [{ at: start + fromSeconds(at), label, kind: 'set-server', server, set: changed(set) }];
}

/** What the recorder kept: without the recursor's own questions about the root. It says `answer` of whatever it has an answer for. */
function seenUpstream(recording: Recording, store: ColumnStore, replies: readonly Entry[]): Entry[] {
  const last = Math.max(0, ...replies.map(({ t, latency, timeout }) => Number(t) + Number(latency ?? timeout ?? 0)));
  const end = start + fromSeconds(Math.max(recording.until, last));
  return [...store.rows(serverQuery)]
    .filter(({ t, server, name }) => {
      return t >= start && t <= end && server !== 'recursor' && (recording.keep_root || name !== '.');
    })
    .map(({ t, server, protocol, name, type, edns, do: dnssec, rd, did }) => ({
      t: toSeconds(t - start),
      server,
      proto: protocol,
      name: recording.keep_letters ? name : name.toLowerCase(),
      type,
      edns: Number.isNaN(edns) ? null : edns,
      do: dnssec,
      rd,
      did: did === 'reset' || did === 'wrongid' ? 'answer' : did,
    }));
}
