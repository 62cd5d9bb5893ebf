import { recordKind } from '../engine/recorder.ts';

/** An event of the scenario or recording happened. Cause: its kind. */
export const worldEvent = recordKind('cluster.event', { label: 'text' });
