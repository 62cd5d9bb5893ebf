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
  const { at, outcome, ttl, originalTtl, storedAt, runsOut, clamp } = row;
  const what = `${withoutDot(row.name)} ${row.type}`;
  const entry = kept(row.rcode);
  const step = (text: string, more: Parameters<typeof stepAt>[3] = {}) => [stepAt(row, scene.layerOf(at), text, more)];
  switch (outcome) {
    case 'hit': {
      const life = `stored at ${inSeconds(storedAt)}, ${ttl} s left of ${originalTtl} s`;
      return step(`The cache of ${at} has ${entry} for ${what}: ${life}.`, { evidence: entryEvidence(row, ttl) });
    }
    case 'stale': {
      const text = `The cache of ${at} has ${entry} for ${what}, run out since ${inSeconds(runsOut)}, and tells it with TTL ${ttl}.`;
      return step(text, { evidence: entryEvidence(row, 0) });
    }
    case 'miss':
      return step(`The cache of ${at} has nothing for ${what}.`);
    case 'joined': {
      const text = `${at} is asking for ${what} already, for somebody else: this query waits for the same answer.`;
      return step(text, { tone: 'wait' });
    }
    case 'stored': {
      const why = clamp === 'record ttl' ? 'the TTL that came with it' : `because of ${clamp}`;
      return step(`${at} keeps ${entry} for ${originalTtl} s, ${why}.`);
    }
    case 'dropped':
    case 'refused':
    case 'jostled':
    case 'sent-away':
      return step(`${at} ${crowded[outcome]}.`, { tone: 'bad' });
    case 'limited':
      return step(`That is more than ${at} allows: ${row.clamp}.`, { tone: 'bad' });
    case 'refresh':
      return step(`The entry is near its end, so ${at} asks anew behind it.`);
    default:
      return [];
  }
}

/** What a recursor does with a query too many. */
const crowded = {
  dropped: 'has as many such questions waiting as it may, and drops this one',
  refused: 'asks its servers as much as it may, and answers SERVFAIL at once',
  jostled: 'has as many such questions waiting as it may, and gives this one up for another',
  'sent-away': 'has as many clients waiting as it may, and answers SERVFAIL to this one, which has waited longest',
} as const;

/** The entry, with the seconds that are left of it. */
function entryEvidence({ t, storedAt, clamp }: CacheRow, left: number): Evidence[] {
  return [{ kind: 'cache-entry', age: t - storedAt, remaining: left * second, setting: '', clamp }];
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
