import { keysOf } from '../document.ts';
import { eventKinds } from '../schema/events.ts';
import { type CheckContext, objectTo } from './check.ts';

const kinds = Object.keys(eventKinds);
const known = ['at', 'label', ...kinds];

/** Each entry of `events` is one thing that happens. */
export function checkEvents(context: CheckContext): void {
  for (const i of context.file.events.keys()) {
    const keys = keysOf(context.document, ['events', i]);
    const present = kinds.filter((kind) => keys.includes(kind));
    const isMisspelt = present.length === 0 && keys.some((key) => !known.includes(key)); // told already
    if (present.length === 1 || isMisspelt) continue;
    const [message, hint] =
      present.length === 0
        ? ['an event without anything that happens', `add one of ${kinds.join(', ')}`]
        : [`one event holds ${present.join(' and ')}`, 'write an entry for each'];
    objectTo(context, ['events', i], 'not-one-event', message, hint);
  }
}
