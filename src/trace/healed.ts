import type { WorldEvent } from '../cluster/world.ts';
import type { Micros } from '../engine/time.ts';
import type { Hop } from './hop.ts';
import type { Period } from './periods.ts';
import { nameOf, whoseOf } from './stale.ts';
import { onlyHarms, onlyShows } from './told-events.ts';
import { capitalised, inSeconds, listed } from './words.ts';

/** What let the first right answer through after a stale period, in a sentence or two. */
export function healedBy(
  period: Period,
  hopsOf: (lookup: Period['last']) => readonly Hop[],
  events: readonly WorldEvent[],
): string {
  const { healed, last } = period;
  if (healed === undefined) return 'Not right again by the end of the run.';
  const [held, ...behind] = hopsOf(last);
  const [answered] = hopsOf(healed);
  const when = `Right again at ${inSeconds(healed.end)}`;
  const lost = behind.map((hop) => lossOf(hop, healed.end, events)).filter((sentence) => sentence !== '');
  // What was handed out after its time lasted until somebody answered again.
  if (held?.kind === 'cache' && held.expired) return `${when}, ${meanwhile(period, events)}.`;
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

/** What ended an outage, as far as an event of the scenario stands between the last failure and the first answer. */
export function answeredAgain(outage: Period, events: readonly WorldEvent[]): string {
  const { healed, last } = outage;
  if (healed === undefined) {
    return `Not answered again${outage.to > last.end ? ' by the end of the run' : ': no lookup came afterwards'}.`;
  }
  return `Answered again at ${inSeconds(healed.end)}, ${meanwhile(outage, events)}.`;
}

/** The events that stand between the last lookup that went wrong and the first that went right. */
function meanwhile({ healed, last }: Period, events: readonly WorldEvent[]): string {
  if (healed === undefined) return '';
  const between = events.filter(
    (one) => one.at >= last.start && one.at <= healed.end && !onlyShows(one) && !onlyHarms(one),
  );
  // What came before the lookup that went through, where anything did.
  const before = between.filter(({ at }) => at <= healed.start);
  const told = [...new Map((before.length > 0 ? before : between).map((one) => [one.label, one])).values()];
  const after = told.slice(-mostEvents).map(({ label, at }) => `${label} (${inSeconds(at)})`);
  return after.length === 0 ? 'the next lookup went through' : `after this: ${listed(after)}`;
}

/** So many of the last events are told. */
const mostEvents = 3;
