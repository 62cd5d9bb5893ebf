import { second } from '../../engine/time.ts';
import { splitEndpoint } from '../../network/address.ts';
import type { RowOf, TraceRecord } from '../records.ts';
import type { Scene } from '../scene.ts';
import { counted, inMilliseconds, inSeconds, listed, withoutDot } from '../words.ts';
import type { Evidence } from './account.ts';
import { type Draft, type Strands, stepAt } from './draft.ts';

/** What servers outside the cluster did: recursors, and those that know the records themselves. */
export function serverSteps({ kind, row }: TraceRecord, strands: Strands, scene: Scene): Draft[] {
  switch (kind) {
    case 'recursor.cache':
      return recursorCacheSteps(row, scene);
    case 'recursor.try':
      return trySteps(row, strands, scene);
    case 'recursor.given-up': {
      const whom = row.upstreams.split(' ').map((upstream) => scene.named(splitEndpoint(upstream).address));
      const text = `${row.at} asks nobody for ${withoutDot(row.name)} ${row.type}: it has given up ${listed(whom)}, as nothing came from there.`;
      return [stepAt(row, 'recursor', text, { tone: 'bad' })];
    }
    case 'authority.answer':
      return [
        stepAt(row, 'authority', authorityText(row, strands.truncated.has(row.trace)), {
          tone: row.answers > 0 ? 'good' : 'plain',
        }),
      ];
    case 'server.query': {
      const layer = scene.layerOf(row.server);
      if (row.did === 'drop')
        return [stepAt(row, layer, `${row.server} gets the query and does not answer.`, { tone: 'bad' })];
      const isTold = scene.world.servers.some(({ name, role }) => name === row.server && role === 'authoritative');
      if (isTold) return [];
      const says = said[row.did] ?? row.did.toUpperCase();
      return [
        stepAt(
          row,
          layer,
          `${row.server} replies ${says} for ${withoutDot(row.name)} ${row.type}, ${counted(row.size, 'octet')}.`,
        ),
      ];
    }
    default:
      return [];
  }
}

function trySteps(row: RowOf<'recursor.try'>, { begins }: Strands, scene: Scene): Draft[] {
  const { address } = splitEndpoint(row.upstream);
  const who = scene.named(address);
  const took = Math.round(row.waited * second);
  const asks = `${row.at} asks ${who} for ${withoutDot(row.name)} ${row.type} by ${row.protocol.toUpperCase()}.`;
  const { at, trace } = row;
  const begun = { t: row.t - took, seq: (begins.get(trace) ?? row.seq) - 0.5, at, trace };
  const [end, tone] =
    row.cause === 'no reply'
      ? ([`${row.at} has waited ${inMilliseconds(took)} for ${who}, and nothing came.`, 'wait'] as const)
      : ([`${row.at} has the reply of ${who} after ${inMilliseconds(took)}: ${row.cause}.`, 'plain'] as const);
  return [stepAt(begun, 'recursor', asks), stepAt(row, 'recursor', end, { tone })];
}

const said: Readonly<Record<string, string>> = {
  answer: 'with records',
  nodata: 'NOERROR without an answer',
  tc: 'with TC',
};

function authorityText(row: RowOf<'authority.answer'>, isCut: boolean): string {
  if (row.cause !== 'zone') return `${row.at} has no zone for ${withoutDot(row.name)}: ${row.rcode}.`;
  const serial = Number.isNaN(row.serial) ? '' : ` (serial ${row.serial})`;
  const nothing = row.rcode === 'NOERROR' ? 'no record of that type' : row.rcode;
  const found = isCut ? 'more than fits, so with TC' : row.answers > 0 ? counted(row.answers, 'record') : nothing;
  return `${row.at} answers for ${withoutDot(row.name)} ${row.type} out of ${row.zone === '.' ? 'its root zone' : `its zone ${withoutDot(row.zone)}`}${serial}: ${found}.`;
}

type CacheRow = RowOf<'recursor.cache'>;

function recursorCacheSteps(row: CacheRow, scene: Scene): Draft[] {
  const what = `${withoutDot(row.name)} ${row.type}`;
  const layer = scene.layerOf(row.at);
  switch (row.outcome) {
    case 'hit': {
      const life = `stored at ${inSeconds(row.storedAt)}, ${row.ttl} s left of ${row.originalTtl} s`;
      const evidence: Evidence[] = [
        { kind: 'cache-entry', age: row.t - row.storedAt, remaining: row.ttl * second, setting: '', clamp: row.clamp },
      ];
      return [stepAt(row, layer, `The cache of ${row.at} has ${kept(row.rcode)} for ${what}: ${life}.`, { evidence })];
    }
    case 'stale': {
      const since = inSeconds(row.runsOut);
      const text = `The cache of ${row.at} has ${kept(row.rcode)} for ${what}, run out since ${since}, and tells it with TTL ${row.ttl}.`;
      const evidence: Evidence[] = [
        { kind: 'cache-entry', age: row.t - row.storedAt, remaining: 0, setting: '', clamp: row.clamp },
      ];
      return [stepAt(row, layer, text, { evidence })];
    }
    case 'miss':
      return [stepAt(row, layer, `The cache of ${row.at} has nothing for ${what}.`)];
    case 'joined':
      return [
        stepAt(
          row,
          layer,
          `${row.at} is asking for ${what} already, for somebody else: this query waits for the same answer.`,
          { tone: 'wait' },
        ),
      ];
    case 'stored': {
      const why = row.clamp === 'record ttl' ? 'the TTL that came with it' : `because of ${row.clamp}`;
      return [stepAt(row, layer, `${row.at} keeps ${kept(row.rcode)} for ${row.originalTtl} s, ${why}.`)];
    }
    case 'dropped':
      return [
        stepAt(row, layer, `${row.at} has as many such questions waiting as it may, and drops this one.`, {
          tone: 'bad',
        }),
      ];
    case 'refused':
      return [
        stepAt(row, layer, `${row.at} asks its servers as much as it may, and answers SERVFAIL at once.`, {
          tone: 'bad',
        }),
      ];
    case 'limited':
      return [stepAt(row, layer, `${row.at} gets more of this than its rate limits allow.`, { tone: 'bad' })];
    case 'refresh':
      return [stepAt(row, layer, `The entry is near its end, so ${row.at} asks anew behind it.`)];
    default:
      return [];
  }
}

/** What an entry of a recursor's cache says. */
function kept(rcode: string): string {
  switch (rcode) {
    case 'NOERROR':
      return 'the answer';
    case 'CNAME':
      return 'a CNAME';
    case 'NODATA':
      return 'an empty answer';
    default:
      return rcode;
  }
}
