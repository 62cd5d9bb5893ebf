import type { Source } from '../../problem/problem.ts';
import type { Client } from '../client.ts';
import type { GlibcRelease } from '../releases.ts';
import { parseResolvConf, type ResolvConf, type ResolvConfRules } from '../resolv-conf.ts';

/** How glibc reads resolv.conf (resolv/res_init.c, with RES_MAXNDOTS, RES_MAXRETRANS, RES_MAXRETRY of resolv.h). */
export function glibcRules(release: GlibcRelease): ResolvConfRules {
  return {
    reader: 'glibc',
    defaultServer: '127.0.0.1',
    nameservers: 3,
    searchDomains: release.searchDomains,
    searchCharacters: release.searchCharacters,
    lineCharacters: Number.POSITIVE_INFINITY,
    indented: false,
    flags: release.flags,
    flagsByPrefix: true,
    numbers: {
      ndots: { default: 1, least: 0, most: 15 },
      timeout: { default: 5, least: 0, most: 30 },
      attempts: { default: 2, least: 0, most: 5 },
    },
  };
}

/** What the threads of a process share: the network, resolv.conf and the turn of `rotate`. */
export class GlibcProcess {
  readonly client: Client;
  readonly release: GlibcRelease;
  #conf: ResolvConf;
  #turn: number | undefined;

  constructor(client: Client, release: GlibcRelease, resolvConf: Source) {
    this.client = client;
    this.release = release;
    this.#conf = this.#read(resolvConf);
  }

  get conf(): ResolvConf {
    return this.#conf;
  }

  /** The file is looked at before each lookup, so a new one holds from the next. */
  rewriteResolvConf(source: Source): void {
    if (this.release.reloads && !this.#conf.flags.has('no-reload')) this.#conf = this.#read(source);
  }

  /** Index of the server to begin with: `nameserver_offset` of resolv/res_send.c. */
  firstServer(): number {
    const count = this.#conf.nameservers.length;
    if (count <= 1 || !this.#conf.flags.has('rotate')) return 0;
    const turn = this.#turn ?? (this.release.randomStart ? this.client.random.integer(count) : 1);
    this.#turn = turn + 1;
    return turn % count;
  }

  #read(source: Source): ResolvConf {
    return parseResolvConf(source, glibcRules(this.release));
  }
}
