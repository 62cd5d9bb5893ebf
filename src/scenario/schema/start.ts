import * as z from 'zod';
import { parseWallTime, type WallTime } from '../wall-clock.ts';
import type { IssueNotes } from './values.ts';

const notes: IssueNotes = {
  code: 'bad-time',
  hint: 'write date, time and zone, such as 2024-05-01T02:00:00Z or 2024-05-01T10:00:00+08:00',
};

/** The time of day at which a run starts. */
export const start = z
  .unknown()
  .transform((value, ctx): WallTime => {
    const time = typeof value === 'string' ? parseWallTime(value) : undefined;
    if (time !== undefined) return time;
    ctx.addIssue({ code: 'custom', message: `${JSON.stringify(value)} is not a time`, params: { ...notes } });
    return z.NEVER;
  })
  .meta({
    type: 'string',
    format: 'date-time',
    description: "0s of the run on the incident's own clock: what tools on the nodes print then shows that clock.",
  });
