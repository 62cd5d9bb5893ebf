import type { Process } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import type { Simulation } from '../../engine/simulation.ts';
import type { Sockets } from '../../kernel/socket/socket.ts';
import type { Source } from '../../problem/problem.ts';
import { Client } from '../client.ts';
import type { ResolverDescription } from '../description.ts';
import { glibcHostsFile } from '../hosts-file.ts';
import type { Lookup, LookupResult, Resolver } from '../lookup.ts';
import { filesThenDns, parseNsswitch } from '../nsswitch.ts';
import { glibcRelease } from '../releases.ts';
import { type GlibcHost, getaddrinfo } from './getaddrinfo.ts';
import { GlibcProcess } from './process.ts';
import { GlibcThread } from './thread.ts';

/** glibc's getaddrinfo as the threads of one process call it. */
export class Glibc {
  readonly #process: GlibcProcess;
  readonly #host: GlibcHost;

  constructor(simulation: Simulation, sockets: Sockets, name: string, description: ResolverDescription) {
    const release = glibcRelease(description.release);
    const client = new Client(simulation, sockets, name, 'glibc');
    this.#process = new GlibcProcess(client, release, description.resolvConf);
    this.#host = {
      hosts: glibcHostsFile(description.hosts ?? ''),
      sources: parseNsswitch(description.nsswitch ?? filesThenDns) ?? parseNsswitch(release.withoutNsswitch) ?? [],
      hasIpv6: description.hasIpv6 ?? true,
    };
  }

  /** A thread of its own: what it learns about a server, another does not know. */
  thread(): Resolver {
    const [process, host, thread] = [this.#process, this.#host, new GlibcThread(this.#process)];
    return {
      lookup: (lookup: Lookup, trace: TraceId): Process<LookupResult> => getaddrinfo(thread, host, lookup, trace),
      rewriteResolvConf: (source: Source) => process.rewriteResolvConf(source),
    };
  }
}
