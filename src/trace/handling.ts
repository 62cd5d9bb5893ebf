import type { TraceId } from '../engine/recorder.ts';
import type { Micros } from '../engine/time.ts';
import { second } from '../engine/time.ts';
import type { RowOf, TraceRecord } from './records.ts';
import { withoutEnds } from './upstream-queries.ts';
import { inMilliseconds } from './words.ts';

/** Something that was done with a query on its way, in few words. */
export interface Handling {
  readonly t: Micros;
  /** Which process or host. */
  readonly at: string;
  readonly text: string;
  readonly isBad: boolean;
}

/** Names whoever has an address. */
export type NameOf = (address: string) => string;

/** What a record tells of who answered a query, or did not; undefined: nothing that decides the answer. `query`: its strand. */
export function handlingOf({ kind, row }: TraceRecord, query: TraceId, nameOf: NameOf): Handling | undefined {
  const done = (text: string, isBad = false): Handling => ({ t: row.t, at: row.at, text, isBad });
  switch (kind) {
    case 'coredns.plugin':
      return pluginText[row.cause] === undefined ? undefined : done(`plugin ${row.plugin}: ${pluginText[row.cause]}`);
    case 'coredns.cache':
      return row.outcome === 'hit' || row.outcome === 'stale'
        ? done(`cache: ${row.rcode}, ${row.age} s old, ${row.ttl} s left`)
        : undefined;
    case 'coredns.forward':
      // Recorded at its end; what was done in between comes after it.
      return {
        ...done(attemptText(row, nameOf), row.outcome !== 'answered'),
        t: row.t - Math.round(row.seconds * second),
      };
    case 'coredns.forward-over-limit':
      return done(`plugin forward: more than ${row.limit} under way, refused`, true);
    case 'coredns.forward-all-down':
      return done('plugin forward: all upstreams are marked down, none is asked', true);
    case 'coredns.reply':
      return row.cause === 'unwritten' ? done(`no plugin answers: ${row.rcode}`, true) : undefined;
    case 'server.query':
      // What an upstream does with CoreDNS's queries is told by CoreDNS's attempts.
      if (row.trace !== query) return undefined;
      return row.did === 'drop' ? done('does not answer', true) : undefined;
    case 'packet.lost':
      return row.trace === query ? done('the packet is lost on the link', true) : undefined;
    case 'packet.dropped':
      return row.trace === query ? done(`the packet is dropped (${row.rule || row.cause})`, true) : undefined;
    default:
      return undefined;
  }
}

const pluginText: Readonly<Record<string, string>> = {
  answered: 'answers',
  'no-name': 'no such name',
  'no-data': 'no record of that type',
  'no-entry': 'no such entry',
  rewritten: 'rewrites the query',
  'not-synced': 'the API has not been heard from',
};

function attemptText({ to, outcome, rcode, error, seconds }: RowOf<'coredns.forward'>, nameOf: NameOf): string {
  const who = nameOf(to.replace(/:\d+$/, ''));
  const after = inMilliseconds(Math.round(seconds * second));
  if (outcome === 'answered') return `asks ${who}: ${rcode} after ${after}`;
  return `asks ${who}: ${error === '' ? outcome : withoutEnds(error)} after ${after}`;
}
