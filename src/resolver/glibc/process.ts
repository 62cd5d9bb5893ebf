import { madeOnce } from '../../engine/made-once.ts';
import type { Source } from '../../problem/problem.ts';
import type { Client } from '../client.ts';
import type { GlibcRelease } from '../releases.ts';
import { atoi, parseResolvConf, type ResolvConf, type ResolvConfRules } from '../resolv-conf.ts';
import { libcServer } from '../server-address.ts';

/** How glibc reads resolv.conf (resolv/res_init.c, with RES_MAXNDOTS, RES_MAXRETRANS, RES_MAXRETRY of resolv.h). */
export function glibcRules(release: GlibcRelease): ResolvConfRules {
  return {
    reader: 'glibc',
    defaultServers: ['127.0.0.1'],
    nameservers: 3,
    server: libcServer,
    serversOnALine: false,
    searchDomains: release.searchDomains,
    searchCharacters: release.searchCharacters,
    lineCharacters: Number.POSITIVE_INFINITY,
    indented: false,
    // A carriage return is part of the word before it.
    word: /[^ \t]+/g,
    domain: 'first',
    emptySearchClears: false,
    options: 'by-prefix',
    flags: release.flags,
    aliases: { no_tld_query: 'no-tld-query' },
    minusClears: release.minusClears,
    numbers: {
      ndots: { default: 1, least: 0, most: 15 },
      timeout: { default: 5, least: 0, most: 30 },
      attempts: { default: 2, least: 0, most: 5 },
    },
    // ndots is kept in four bits.
    number: (text, option) => (option === 'ndots' && atoi(text) < 0 ? atoi(text) & 15 : atoi(text)),
  };
}

/** Reads what a process finds when it begins. */
const readerOf = madeOnce((release: GlibcRelease) => {
  const rules = glibcRules(release);
  return madeOnce((text: string) => parseResolvConf({ file: 'resolv.conf', text }, rules));
});

/** What the threads of a process share: the network, resolv.conf and the turn of `rotate`. */
export class GlibcProcess {
  readonly client: Client;
  readonly release: GlibcRelease;
  #conf: ResolvConf;
  #turn: number | undefined;

  constructor(client: Client, release: GlibcRelease, resolvConf: Source) {
    this.client = client;
    this.release = release;
    this.#conf = readerOf(release)(resolvConf.text);
  }

  /** The file as it stands. */
  get conf(): ResolvConf {
    return this.#conf;
  }

  /** Whether a thread takes it up is its own affair. */
  rewriteResolvConf(source: Source): void {
    this.#conf = parseResolvConf(source, glibcRules(this.release));
  }

  /** Index of the server to begin with: `nameserver_offset` of resolv/res_send.c. */
  firstServer({ nameservers, flags }: ResolvConf): number {
    const count = nameservers.length;
    if (count <= 1 || !flags.has('rotate')) return 0;
    const turn = this.#turn ?? (this.release.randomStart ? this.client.random.integer(count) : 1);
    this.#turn = turn + 1;
    return turn % count;
  }
}
