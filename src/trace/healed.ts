import type { WorldEvent } from '../cluster/world.ts';
import type { ColumnStore } from '../engine/columns.ts';
import type { Micros } from '../engine/time.ts';
import type { Evidence } from './evidence-of.ts';
import type { Hop } from './hop.ts';
import type { Period } from './periods.ts';
import { syncsByProxier } from './rule-lag.ts';
import { nameOf, whoseOf } from './stale.ts';
import { onlyHarms, onlyOrders, onlyShows } from './told-events.ts';
import { capitalised, inSeconds, listed } from './words.ts';

/** What let the first right answer through after a stale period, in a sentence or two. */
export function healedBy(
  period: Period,
  hopsOf: (lookup: Period['last']) => readonly Hop[],
  events: readonly ActingEvent[],
  matters: Matters,
  /** Lookups failed in between. */
  isBroken = false,
): string {
  const { healed, last } = period;
  if (healed === undefined) return 'Not right again by the end of the run.';
  const [held, ...behind] = hopsOf(last);
  const [answered] = hopsOf(healed);
  const when = `Right again at ${inSeconds(healed.end)}`;
  const lost = behind.map((hop) => lossOf(hop, healed.end, events)).filter((sentence) => sentence !== '');
  // What was handed out after its time lasted until somebody answered again.
  if (held?.kind === 'cache' && held.expired) {
    const after = told({ healed, since: last.start }, events, matters);
    return `${when}, ${after === '' ? 'the next lookup went through' : `after this: ${after}`}.`;
  }
  if (isBroken && held?.kind === 'cache' && held.runsOut <= healed.end)
    return `Old no more after ${inSeconds(held.runsOut)}, when ${whoseOf(held)} entry ran out, but then lookups failed; right again at ${inSeconds(healed.end)}.`;
  if (held?.kind === 'cache' && held.runsOut <= healed.end) {
    const ranOut = `${whoseOf(held)} entry had run out at ${inSeconds(held.runsOut)}`;
    return [`${when}: ${ranOut}${askedNext(held, answered)}.`, ...lost].join(' ');
  }
  const loss = held === undefined ? '' : lossOf(held, healed.end, events);
  if (loss !== '') return `${when}. ${loss}`;
  if (held !== undefined && answered !== undefined && (held.at !== answered.at || held.kind !== answered.kind)) {
    return `${when}: ${nameOf(answered)} answered, not ${nameOf(held)}.`;
  }
  return `${when}: the next lookup was answered with what the authority serves.`;
}

/** An entry that would have lasted, but went with the memory of its process. */
function lossOf(hop: Hop, until: Micros, events: readonly WorldEvent[]): string {
  if (hop.kind !== 'cache' || hop.runsOut <= until) return '';
  const event = events.find(({ at, ...what }) => {
    return what.kind === 'restart' && what.process === hop.at && at > hop.t && at <= until;
  });
  if (event === undefined) return '';
  const would = `${capitalised(whoseOf(hop))} entry would have lasted to ${inSeconds(hop.runsOut)}`;
  return `${would}, but was lost at ${inSeconds(event.at)}: ${event.label}.`;
}

function askedNext(held: Hop, answered: Hop | undefined): string {
  return answered === undefined || answered.at === held.at ? '' : `, and ${nameOf(answered)} had the new address`;
}

/** What ended an outage: events of the scenario since what last failed had gone wrong, and the cache that kept that. */
export function answeredAgain(
  outage: Period,
  { nearest, since }: { readonly nearest: Evidence['kept']; readonly since: Micros },
  events: readonly ActingEvent[],
  matters: Matters,
): string {
  const { healed, last } = outage;
  if (healed === undefined) {
    return `Not answered again${outage.to > last.end ? ' by the end of the run' : ': no lookup came afterwards'}.`;
  }
  const when = `Answered again at ${inSeconds(healed.end)}`;
  // Of another name it may be kept for longer.
  const kept =
    nearest === undefined || nearest.until > healed.end
      ? ''
      : `${nearest.by} had kept the failure until ${inSeconds(nearest.until)}`;
  const after = told({ healed, since }, events, matters);
  if (after !== '') return `${when}, after this: ${after}${kept === '' ? '' : `; ${kept}`}.`;
  return `${when}${kept === '' ? ', the next lookup went through' : `: ${kept}`}.`;
}

/** Those of some events that can have had to do with what a workload looked up. */
export type Matters = (events: readonly ActingEvent[]) => readonly ActingEvent[];

/** An event, and when it acts on packets. */
export type ActingEvent = WorldEvent & { readonly actsAt: Micros };

/** End points that change act when every kube-proxy has followed; where something held one up, that is an event of its own. */
export function takenUp(events: readonly WorldEvent[], store: ColumnStore): ActingEvent[] {
  const syncs = [...syncsByProxier(store).values()];
  const turns = events.filter(({ kind }) => kind === 'kube-proxy');
  return events.map((event) => {
    const { at } = event;
    if (event.kind !== 'set-endpoints') return { ...event, actsAt: at };
    const followed = Math.max(at, ...syncs.map((own) => own.find(({ t }) => t >= at)?.t ?? at));
    const isHeldUp = turns.some((turn) => turn.at > at && turn.at < followed);
    return { ...event, actsAt: isHeldUp ? at : followed };
  });
}

/** The events that acted between something that went wrong and the first lookup that went right. */
function told(
  { healed, since }: { readonly healed: Period['last']; readonly since: Micros },
  events: readonly ActingEvent[],
  matters: Matters,
): string {
  const acts = (one: ActingEvent) => !onlyShows(one) && !onlyHarms(one) && !onlyOrders(one);
  const between = matters(events.filter((one) => one.actsAt >= since && one.at <= healed.end && acts(one)));
  // What came before the lookup that went through, where anything did.
  const before = between.filter(({ at }) => at <= healed.start);
  const once = [...new Map((before.length > 0 ? before : between).map((one) => [one.label, one])).values()];
  return listed(once.slice(-mostEvents).map(({ label, at }) => `${label} (${inSeconds(at)})`));
}

/** So many of the last events are told. */
const mostEvents = 3;
