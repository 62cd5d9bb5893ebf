import type { Hop } from './hop.ts';
import type { Period } from './periods.ts';
import { nameOf, whoseOf } from './stale.ts';
import { inSeconds } from './words.ts';

/** What let the first right answer through after a stale period, as a sentence. */
export function healedBy(period: Period, hopsOf: (lookup: Period['last']) => readonly Hop[]): string {
  const { healed, last } = period;
  if (healed === undefined) return 'Not right again by the end of the run.';
  const [held] = hopsOf(last);
  const [answered] = hopsOf(healed);
  const when = `Right again at ${inSeconds(healed.end)}`;
  if (held?.kind === 'cache' && held.runsOut <= healed.end) {
    return `${when}: ${whoseOf(held)} entry had run out at ${inSeconds(held.runsOut)}${askedNext(held, answered)}.`;
  }
  if (held !== undefined && answered !== undefined && (held.at !== answered.at || held.kind !== answered.kind)) {
    return `${when}: ${nameOf(answered)} answered, not ${nameOf(held)}.`;
  }
  return `${when}: the next lookup was answered with what the authority serves.`;
}

function askedNext(held: Hop, answered: Hop | undefined): string {
  return answered === undefined || answered.at === held.at ? '' : `, and ${nameOf(answered)} had the new address`;
}

/** What ended an outage, as far as an event of the scenario stands between the last failure and the first answer. */
export function answeredAgain(
  outage: Period,
  events: readonly { readonly at: number; readonly label: string }[],
): string {
  const { healed, last } = outage;
  if (healed === undefined) return 'Not answered again by the end of the run.';
  const event = events.findLast(({ at }) => at >= last.start && at <= healed.end);
  const after =
    event === undefined ? 'the next lookup went through' : `after this at ${inSeconds(event.at)}: ${event.label}`;
  return `Answered again at ${inSeconds(healed.end)}, ${after}.`;
}
