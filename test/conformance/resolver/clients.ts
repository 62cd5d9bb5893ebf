import { z } from 'zod';
import { type Process, sleep } from '../../../src/engine/process.ts';
import { noTrace } from '../../../src/engine/recorder.ts';
import type { Simulation } from '../../../src/engine/simulation.ts';
import { millisecond } from '../../../src/engine/time.ts';
import type { Sockets } from '../../../src/kernel/socket/socket.ts';
import type { NettyDescription, ResolverDescription } from '../../../src/resolver/description.ts';
import type { Family, LookupResult, Resolver } from '../../../src/resolver/lookup.ts';
import { createResolver } from '../../../src/resolver/resolver.ts';
import type { ObservedCall, ResolverRecording } from './recording.ts';

/** A call that has begun; without an end when it never returned. */
export interface Call {
  readonly name: string;
  readonly start: number;
  end?: number;
  outcome?: Pick<ObservedCall, 'result' | 'addrs' | 'count' | 'errno'>;
}

/** What a client needs to run its calls. */
export interface Bench {
  readonly simulation: Simulation;
  readonly sockets: Sockets;
  readonly calls: Call[];
}

/** The client's program with its arguments; undefined: not one that can be run. */
export function clientOf(recording: ResolverRecording, bench: Bench): Process | undefined {
  const words = splitArguments(recording.callArgs);
  const release = /\d+(\.\d+)*/.exec(recording.version)?.[0] ?? '';
  const description = (kind: ResolverDescription['kind'], of: string): ResolverDescription => ({
    kind,
    release: of,
    resolvConf: { file: 'resolv.conf', text: recording.resolvConf },
    ...(recording.hosts !== undefined && { hosts: recording.hosts }),
    ...(recording['nsswitch.conf'] !== undefined && { nsswitch: recording['nsswitch.conf'] }),
    // Whether the namespace had an IPv6 address stands in the words alone.
    hasIpv6: !/no[- ]?(ip)?v6/i.test(`${recording.name} ${recording.note}`),
  });
  if (recording.client === 'glibc getaddrinfo') return gai(bench, description('glibc', release), words);
  if (recording.client.startsWith('musl getaddrinfo')) return gai(bench, description('musl', release), words);
  if (recording.client.startsWith('Go net')) return gores(bench, description('go', release), words);
  if (recording.client.startsWith('Node')) {
    const cares = /c-ares ([\d.]+)/.exec(recording.version)?.[1] ?? '';
    return noderes(bench, recording, description, cares, words);
  }
  const tool = { nslookup: 'nslookup', host: 'host', 'busybox nslookup': 'busybox-nslookup' } as const;
  for (const [client, kind] of Object.entries(tool))
    if (recording.client === client) return toolwrap(bench, description(kind, release), words);
  if (recording.client === 'dig') return digwrap(bench, description('dig', release), words);
  if (recording.client.startsWith('Netty')) return netty(bench, description('netty', release), words);
  if (recording.client.startsWith('Python')) return pyres(bench, description('glibc', '2.36'), words);
  if (recording.client.startsWith('Java InetAddress')) {
    return java(
      bench,
      description('glibc', '2.36'),
      release,
      recording.client.includes('preferIPv4Stack=true') ? 'ipv4' : 'any',
      words,
    );
  }
  return undefined;
}

/** The recorder joined the arguments with blanks; only those of `sh:` hold any. */
function splitArguments(text: string): string[] {
  return text.match(/sh:.*?> \/etc\/resolv\.conf|\S+/g) ?? [];
}

/** `sleep:MS`, and `sh:printf "…" > /etc/resolv.conf`: what all clients understand. */
function* common(resolver: Resolver, word: string): Process<boolean> {
  const wait = /^sleep:(\d+)$/.exec(word);
  if (wait !== null) {
    yield* sleep(Number(wait[1]) * millisecond);
    return true;
  }
  const file = /^sh:(printf|echo) "?(.*?)"? > \/etc\/resolv\.conf$/.exec(word);
  if (file !== null) {
    const text = `${(file[2] ?? '').replaceAll('\\n', '\n')}${file[1] === 'echo' ? '\n' : ''}`;
    resolver.rewriteResolvConf({ file: 'resolv.conf', text });
  } else if (word.startsWith('sh:')) throw new Error(`not understood: ${word}`);
  return file !== null;
}

/** harness/gai.c */
function* gai(bench: Bench, description: ResolverDescription, words: readonly string[]): Process {
  const resolver = createResolver(bench.simulation, bench.sockets, 'gai', description);
  let family: Family = 'any';
  let addressConfiguration = false;
  for (const word of words) {
    if (word === '-4') family = 'ipv4';
    else if (word === '-6') family = 'ipv6';
    else if (word === '-N' || word === '-C') addressConfiguration = true;
    else if (!(yield* common(resolver, word))) {
      yield* call(
        bench,
        word,
        resolver.lookup({ name: word, family, addressConfiguration }, noTrace),
        ({ result, addresses, errno }) => {
          const distinct = addresses.filter((address, i) => address !== addresses[i - 1]);
          return { result, addrs: distinct.slice(0, 6), count: distinct.length, ...(errno !== 0 && { errno }) };
        },
      );
    }
  }
}

/** harness/jv/JRes.java */
function* java(
  bench: Bench,
  libc: ResolverDescription,
  release: string,
  family: Family,
  words: readonly string[],
): Process {
  const properties = new Map(words.filter((w) => w.startsWith('prop:')).map((w) => split(w.slice(5), '=')));
  const number = (name: string) => (properties.has(name) ? Number(properties.get(name)) : undefined);
  const [ttl, negativeTtl, staleTtl] = [
    number('networkaddress.cache.ttl'),
    number('networkaddress.cache.negative.ttl'),
    number('networkaddress.cache.stale.ttl'),
  ];
  const cache = {
    kind: 'jvm' as const,
    release,
    ...(ttl !== undefined && { ttl }),
    ...(negativeTtl !== undefined && { negativeTtl }),
    ...(staleTtl !== undefined && { staleTtl }),
  };
  const resolver = createResolver(bench.simulation, bench.sockets, 'java', { ...libc, cache });
  for (const word of words) {
    if (word.startsWith('prop:') || (yield* common(resolver, word))) continue;
    yield* call(bench, word, resolver.lookup({ name: word, family }, noTrace), ({ result, addresses, printed }) => ({
      result: result === 'OK' ? 'OK' : printed.replace('java.net.', ''),
      addrs: addresses.map(asJavaPrints),
      count: addresses.length,
    }));
  }
}

/** harness/nt/NRes.java: settings first, then lookups, 120 ms apart. */
function* netty(bench: Bench, description: ResolverDescription, words: readonly string[]): Process {
  const settings = words.map(nettySetting);
  const resolver = createResolver(bench.simulation, bench.sockets, 'netty', {
    ...description,
    netty: Object.assign({ separately: true }, ...settings),
  });
  const one = (name: string) =>
    call(bench, name, resolver.lookup({ name, family: 'any' }, noTrace), ({ result, addresses, printed }) => ({
      result: result === 'OK' ? 'OK' : `${result}: ${printed}`,
      addrs: addresses.map(asJavaPrints),
      count: addresses.length,
    }));
  for (const [i, word] of words.entries()) {
    if (settings[i] !== undefined || (yield* common(resolver, word))) continue;
    const [count, name] = /^par:(\d+):(.*)/.exec(word)?.slice(1) ?? ['1', word];
    const tasks = Array.from({ length: Number(count) }, () => bench.simulation.spawn(one(name ?? '')));
    for (const task of tasks) yield* task.join();
    yield* sleep(120 * millisecond);
  }
}

function nettySetting(word: string): NettyDescription | undefined {
  const [name, first, second] = word.split(':');
  switch (name) {
    case 'both':
      return { bothFamilies: true };
    case 'once':
      return { firstFamilySuffices: true };
    case 'tcp':
      return { tcp: 'after-truncation' };
    case 'tcpto':
      return { tcp: 'after-time-out' };
    case 'perres':
      return { channelPerResolution: true };
    case 'neg':
      return { negativeTtl: Number(first) };
    case 'ttl':
      return { minTtl: Number(first), maxTtl: Number(second) };
    default:
      return undefined;
  }
}

/** harness/gores.go */
function* gores(bench: Bench, description: ResolverDescription, words: readonly string[]): Process {
  const resolver = createResolver(bench.simulation, bench.sockets, 'gores', description);
  const families: Readonly<Record<string, Family>> = { ip: 'any', ip4: 'ipv4', ip6: 'ipv6' };
  const one = (name: string, family: Family) =>
    call(bench, name, resolver.lookup({ name, family }, noTrace), ({ result, addresses }) => {
      const text = result
        .replace('notfound=', 'IsNotFound=')
        .replace('timeout=', 'IsTimeout=')
        .replace('temporary=', 'IsTemporary=');
      return { result: text.replace(/:\d+->/, ':<eph>->'), addrs: addresses.slice(0, 6), count: addresses.length };
    });
  for (const word of words) {
    if (yield* common(resolver, word)) continue;
    const [kind, rest] = split(word, ':');
    const [count, name] = split(rest, ':');
    if (kind === 'par') {
      const tasks = Array.from({ length: Number(count) }, () => bench.simulation.spawn(one(name, 'any')));
      for (const task of tasks) yield* task.join();
    } else yield* one(rest, families[kind] ?? 'any');
  }
}

/** harness/noderes.js */
function* noderes(
  bench: Bench,
  { name }: ResolverRecording,
  description: (kind: ResolverDescription['kind'], release: string) => ResolverDescription,
  release: string,
  words: readonly string[],
): Process {
  const { simulation, sockets } = bench;
  // UV_THREADPOOL_SIZE stood in the environment, which only the name tells.
  const threads = Number(/-tp(\d+)/.exec(name)?.[1] ?? 4);
  const libc = createResolver(simulation, sockets, 'lookup', {
    ...description('glibc', '2.36'),
    pool: { kind: 'libuv', threads },
  });
  const options = words.find((word) => word.startsWith('opt:'))?.slice(4) ?? '{}';
  const cares = createResolver(simulation, sockets, 'resolve', {
    ...description('c-ares', release),
    timing: nodeOptions.parse(JSON.parse(options)),
  });
  const one = (kind: string, host: string) => {
    const resolver = kind.startsWith('lookup') ? libc : cares;
    const family = kind.endsWith('4') ? 'ipv4' : kind.endsWith('6') ? 'ipv6' : 'any';
    return call(bench, host, resolver.lookup({ name: host, family }, noTrace), ({ result, addresses, printed }) => ({
      result: result === 'OK' ? 'OK' : `${result} (${printed})`,
      addrs: addresses.slice(0, 6),
      count: addresses.length,
    }));
  };
  for (const word of words) {
    if (word.startsWith('opt:') || (yield* common(libc, word))) continue;
    const [kind, rest] = split(word, ':');
    const [count, pattern] = split(rest, ':');
    const parallel = { parlookup: 'lookup', parresolve: 'resolve4' }[kind];
    if (parallel === undefined) yield* one(kind, rest);
    else {
      const tasks = Array.from({ length: Number(count) }, (_, i) =>
        simulation.spawn(one(parallel, pattern.replace('%i', String(i)))),
      );
      for (const task of tasks) yield* task.join();
    }
  }
}

const nodeOptions = z
  .object({ timeout: z.number().optional(), tries: z.number().optional() })
  .transform(({ timeout, tries }) => ({
    ...(timeout !== undefined && { timeout: timeout * millisecond }),
    ...(tries !== undefined && { tries }),
  }));

/** harness/digwrap.py: the exit code and the last line that tells how it went, cut to 70 characters. */
function* digwrap(bench: Bench, description: ResolverDescription, words: readonly string[]): Process {
  const unknown = words.find((word) => word.startsWith('+') && word !== '+search');
  if (unknown !== undefined) throw new Error(`not understood: ${unknown}`);
  const resolver = createResolver(bench.simulation, bench.sockets, 'dig', {
    ...description,
    search: words.includes('+search'),
  });
  const name = words.find((word) => !word.startsWith('+')) ?? '.';
  yield* call(bench, words.join(' '), resolver.lookup({ name, family: 'ipv4' }, noTrace), ({ result, printed }) => {
    const line = printed.startsWith(';;')
      ? printed
      : `;; ->>HEADER<<- opcode: QUERY, status: ${result === 'OK' ? 'NOERROR' : result}`;
    return { result: `rc=${printed.startsWith(';;') ? 9 : 0} ${line.slice(0, 70)}`, addrs: [], count: 0 };
  });
}

/** harness/toolwrap.py: the exit code, and without an address the last line. */
function* toolwrap(bench: Bench, description: ResolverDescription, words: readonly string[]): Process {
  for (const name of words) {
    const resolver = createResolver(bench.simulation, bench.sockets, description.kind, description);
    yield* call(bench, name, resolver.lookup({ name, family: 'any' }, noTrace), ({ result, addresses, printed }) => {
      const line = addresses.length > 0 ? '' : ` ${printed}`;
      return { result: `rc=${result === 'OK' ? 0 : 1}${line}`.trim(), addrs: addresses, count: addresses.length };
    });
  }
}

/** harness/pyres.py */
function* pyres(bench: Bench, description: ResolverDescription, words: readonly string[]): Process {
  const resolver = createResolver(bench.simulation, bench.sockets, 'python', { ...description, program: 'python' });
  for (const word of words) {
    const [kind, name] = split(word, ':');
    const family = kind === 'ghbn' ? 'ipv4' : 'any';
    yield* call(bench, word, resolver.lookup({ name, family }, noTrace), ({ result, addresses, printed }) => {
      const addrs = kind === 'ghbn' ? addresses.slice(0, 1) : addresses;
      return {
        result: result === 'OK' ? 'OK' : printed.replace('socket.gaierror:', 'gaierror'),
        addrs,
        count: addrs.length,
      };
    });
  }
}

function split(text: string, by: string): [string, string] {
  const at = text.indexOf(by);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** InetAddress.getHostAddress writes all eight groups of an IPv6 address. */
function asJavaPrints(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail = ''] = address.split('::');
  const [left, right] = [head, tail].map((part) => part.split(':').filter((group) => group !== ''));
  const missing = 8 - (left?.length ?? 0) - (right?.length ?? 0);
  return [...(left ?? []), ...Array<string>(missing).fill('0'), ...(right ?? [])].join(':');
}

function* call(
  bench: Bench,
  name: string,
  lookup: Process<LookupResult>,
  outcome: (result: LookupResult) => Call['outcome'] & {},
): Process {
  const entry: Call = { name, start: bench.simulation.now };
  bench.calls.push(entry);
  const result = yield* lookup;
  entry.end = bench.simulation.now;
  entry.outcome = outcome(result);
}
