import type { Micros } from '../../engine/time.ts';
import type { Path } from '../document.ts';
import { formatDuration, parseDuration } from '../duration.ts';
import { type CheckContext, objectTo } from './check.ts';

/** Nothing may be placed after the end of the run. */
export function checkTimes(context: CheckContext): void {
  const { file } = context;
  const end = file.duration;
  const mustBeBefore = (path: Path, time: Micros | undefined, what: string) => {
    if (time === undefined || time <= end) return;
    objectTo(
      context,
      path,
      'after-the-end',
      `${what} at ${formatDuration(time)} is after the end of the run (${formatDuration(end)})`,
      'make it earlier, or make duration longer',
    );
  };
  for (const [i, event] of file.events.entries()) mustBeBefore(['events', i, 'at'], event.at, 'an event');
  for (const [i, { at }] of file.lesson.entries()) mustBeBefore(['lesson', i, 'at'], at, 'a lesson');
  for (const [name, workload] of Object.entries(file.workloads))
    mustBeBefore(['workloads', name, 'at'], workload.at, 'the first lookup');
  for (const [i, { from, until, failing, entry }] of file.expect.entries()) {
    mustBeBefore(['expect', i, 'from'], from, 'a window that begins');
    mustBeBefore(['expect', i, 'until'], until, 'a window that ends');
    mustBeInOrder(context, ['expect', i], from, until);
    mustBeBefore(['expect', i, 'failing', 'from'], failing?.from, 'a failure that begins');
    mustBeInOrder(context, ['expect', i, 'failing'], failing?.from, failing?.until);
    mustBeBefore(['expect', i, 'entry', 'at'], entry?.at, 'an entry');
  }
  for (const [name, { pauses }] of Object.entries(file.workloads)) {
    for (const [i, { from, until }] of pauses.entries()) {
      const isGiven = context.document.get(['workloads', name, 'pauses', i, 'until']) !== undefined;
      if (isGiven) mustBeInOrder(context, ['workloads', name, 'pauses', i], from, until);
    }
  }
  checkCounts(context);
}

/** More lookups than this do not fit into memory. */
const mostLookups = 10_000_000;

/** A workload looks up so often that the run can end. */
function checkCounts(context: CheckContext): void {
  const { duration, workloads } = context.file;
  // One that could not be read is told elsewhere, and another stands for it.
  const isRead = parseDuration(String(context.document.get(['duration']))) === duration;
  for (const [name, { every }] of Object.entries(workloads)) {
    const path: Path = ['workloads', name, 'every'];
    const lookups = every === undefined ? 0 : Math.floor(duration / every);
    if (every === 0)
      objectTo(context, path, 'out-of-range', 'every must be longer than 0s', 'write how long, such as 1s or 200ms');
    else if (isRead && lookups > mostLookups) {
      const message = `every ${formatDuration(every ?? 0)} for ${formatDuration(duration)} is ${lookups} lookups, more than ${mostLookups}`;
      objectTo(context, path, 'out-of-range', message, 'look up less often, or make duration shorter');
    }
  }
}

function mustBeInOrder(context: CheckContext, path: Path, from: Micros | undefined, until: Micros | undefined): void {
  if (from === undefined || until === undefined || from < until) return;
  const message = `no time lies between ${formatDuration(from)} and ${formatDuration(until)}`;
  objectTo(context, [...path, 'until'], 'empty-window', message, 'until must be later than from');
}
