import { absolute, isWithin } from '../dns/name.ts';
import type { ColumnStore, Row } from '../engine/columns.ts';
import type { TraceId } from '../engine/recorder.ts';
import { authorityAnswer, recursorCache, serverQuery } from '../servers/records.ts';
import { type Evidence, evidenceOf } from './evidence-of.ts';
import type { Scene } from './scene.ts';
import type { Truth } from './truth.ts';
import { probesIn } from './upstream-queries.ts';
import { listed, withoutDot } from './words.ts';

/** What servers outside the cluster answered with an error or a denial, or not at all. */
export function* serverEvidence(
  { store, world }: Pick<Scene, 'store' | 'world'>,
  truth: Pick<Truth, 'aliasOf' | 'serversOf'>,
): Generator<Evidence> {
  const authorities = new Set(world.servers.flatMap(({ role, name }) => (role === 'authoritative' ? [name] : [])));
  const probing = probesIn(store);
  const { asked, turnedAway } = queriesOfRecursors(store);
  const zoneless = new Set(
    [...store.rows(authorityAnswer)].flatMap((row) => (row.cause === 'no-zone' ? row.trace : [])),
  );
  for (const row of store.rows(serverQuery)) {
    if (row.did === 'answer' || saysNothingOfQuery(row, probing, store)) continue;
    if (turnedAway.has(row.trace) && row.did === 'drop') continue;
    // A recursor that had taken the question up was silent for a reason of its own.
    const weight = asked.has(row.trace) ? 'error' : 'end';
    const isDenial = row.did === 'nxdomain' && authorities.has(row.server);
    const split = isDenial ? splitDenial(row, truth) : undefined;
    if (split !== undefined) yield split;
    else if (row.did === 'drop') yield evidenceOf(row, weight, 'server-silent', `${row.server} did not answer`);
    else {
      const own = row.did === 'servfail' && asked.has(row.trace) ? nobodyFor(row, world, truth) : '';
      yield errorEvidence(row, own, zoneless.has(row.trace));
    }
  }
}

/** An answer that says no: whose fault that is, as far as it is the server's own; of which name it wants to know nothing. */
function errorEvidence(row: Row<typeof serverQuery.columns>, own: string, isZoneless: boolean): Evidence {
  const said = `${row.server} answered ${row.did.toUpperCase()}`;
  if (row.did !== 'refused') return evidenceOf(row, 'answer', row.did, `${said}${own}`);
  const why = isZoneless ? ', as it has no zone for it' : '';
  return evidenceOf(row, 'answer', row.did, `${said} for ${withoutDot(row.name)}${why}`, 0, said);
}

/** The strands of queries that recursors took up, and of those that they turned away as too many. */
function queriesOfRecursors(store: ColumnStore) {
  const [asked, turnedAway] = [new Set<TraceId>(), new Set<TraceId>()];
  for (const { outcome, trace } of store.rows(recursorCache)) {
    if (outcome === 'miss' || outcome === 'joined') asked.add(trace);
    if (outcome === 'limited' || outcome === 'dropped') turnedAway.add(trace);
  }
  return { asked, turnedAway };
}

/** Of a recursor that has no server for a name, or for that of which it is an alias; empty: it has one. */
function nobodyFor(
  { server, name, t }: Row<typeof serverQuery.columns>,
  { servers }: Scene['world'],
  truth: Pick<Truth, 'aliasOf'>,
): string {
  const recursor = servers.find((one) => one.name === server);
  const sought = truth.aliasOf(name, t)?.target ?? name;
  if (recursor?.role !== 'recursor') return '';
  const zones = Object.keys({ ...recursor.upstreams, ...recursor.stubs });
  return zones.some((zone) => isWithin(sought, absolute(zone)))
    ? ''
    : `, as it has no server to ask for ${withoutDot(sought)}`;
}

/** A name that one server denies and others have. */
function splitDenial(row: Row<typeof serverQuery.columns>, truth: Pick<Truth, 'serversOf'>): Evidence | undefined {
  const others = truth.serversOf(row.name, row.t).filter((server) => server !== row.server);
  if (others.length === 0) return undefined;
  const whose = `which ${listed(others)} ${others.length > 1 ? 'have' : 'has'}`;
  const text = `${row.server} answered NXDOMAIN for ${withoutDot(row.name)}, ${whose}`;
  return evidenceOf(row, 'end', 'split-nxdomain', text);
}

/** Of a probe that is refused the upstream is well, as it answers; and what a recursor asks because of one is another question. */
function saysNothingOfQuery(
  { trace, did }: Row<typeof serverQuery.columns>,
  probing: ReadonlySet<TraceId>,
  store: ColumnStore,
): boolean {
  // The question of a probe has a strand of its own, below that of the probe.
  const isProbe = probing.has(trace) || probing.has(store.parentOf(trace));
  if (isProbe) return did !== 'drop';
  for (let strand = trace; strand > 0; strand = store.parentOf(strand)) if (probing.has(strand)) return true;
  return false;
}
