import type { WorldEvent } from '../cluster/world.ts';
import type { Micros } from '../engine/time.ts';

/** More than these are too many to be told one by one. */
const many = 10;

/**
 * The events of a run that a picture tells, those of one instant in one: without commands that only print, and without
 * what came of other events where there are many.
 */
export function toldEvents(events: readonly WorldEvent[]): { readonly at: Micros; readonly label: string }[] {
  const acts = events.filter((event) => !onlyShows(event));
  const told = acts.length > many ? acts.filter((event) => !isOutcome(event)) : acts;
  if (told.length <= many) return told.map(({ at, label }) => ({ at, label }));
  const byInstant = new Map<Micros, Set<string>>();
  for (const { at, label } of told) byInstant.set(at, (byInstant.get(at) ?? new Set()).add(label));
  return [...byInstant].map(([at, labels]) => ({ at, label: [...labels].join(', ') }));
}

/** What came of other events: pods that end, or that come into the end points and go. */
function isOutcome(event: WorldEvent): boolean {
  return event.kind === 'happened' || (event.kind === 'set-endpoints' && event.outcome !== undefined);
}

/** A command that prints and changes nothing, such as `conntrack -S` or `ipvsadm -Ln`. */
export function onlyShows(event: WorldEvent): boolean {
  if (event.kind !== 'command') return false;
  return event.command.split(/[;\n]/).every((line) => line.trim() === '' || printing.test(line));
}

/** An order to controllers: what comes of it, pods that come and go, is told by itself. */
export function onlyOrders({ kind }: WorldEvent): boolean {
  return kind === 'scale' || kind === 'rollout-restart' || kind === 'drain' || kind === 'uncordon';
}

/** Something that mends no lookup: a server that answers no more, a node or a process that is gone, a rule that drops. */
export function onlyHarms(event: WorldEvent): boolean {
  switch (event.kind) {
    case 'set-server':
      return event.set.mode !== undefined && event.set.mode !== 'answer';
    case 'set-endpoints':
      return event.outcome === 'ended';
    case 'lose-node':
      return true;
    case 'set-link':
      return event.quality.loss === 1;
    case 'set-api':
      return event.absence !== undefined;
    case 'kube-proxy':
      return event.does === 'stop' || event.does === 'hang' || event.does === 'fail restores';
    case 'command':
      return event.command.split(/[;\n]/).every((line) => line.trim() === '' || cutting.test(line));
    default:
      return false;
  }
}

const cutting = /^\s*ip6?tables\b.* -[AI] .* -j (?:DROP|REJECT)\b/;
const printing =
  /^\s*(?:(?:ipvsadm|ip6?tables)\b.* -[LS]|ip6?tables-save\b|conntrack\b.* -[LSCE]|(?:nft|ipset) list\b|ip\b.* show\b|sysctl [^=]*$|true\b)/;
