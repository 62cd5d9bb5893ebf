import * as z from 'zod';
import { captureNames } from '../captures.ts';
import { pods, workloads } from './clients.ts';
import { cluster } from './cluster.ts';
import { event } from './events.ts';
import { expectation } from './expectations.ts';
import { links, servers } from './outside.ts';
import { start } from './start.ts';
import { duration } from './values.ts';

/** A scenario file. */
export const scenarioSchema = z
  .strictObject({
    title: z.string().min(1),
    seed: z
      .union([z.int(), z.string().min(1)])
      .default(1)
      .describe('A whole number or a text. Same seed, same run.'),
    duration: duration.describe('How long the cluster is watched.'),
    start: start.optional(),
    cluster,
    servers: servers.default({}),
    links: links.default({}),
    pods,
    workloads,
    events: z.array(event).default([]),
    captures: z
      .array(z.enum(captureNames))
      .default([])
      .describe('What the report shows as the tools on the nodes print it.'),
    expect: z.array(expectation).default([]),
    lesson: z
      .array(z.strictObject({ at: duration, text: z.string().min(1) }))
      .default([])
      .describe('What to look at, and when: shown in report.html at these moments.'),
    remedy: z
      .array(z.string().min(1))
      .default([])
      .describe('What would prevent it, a sentence or two each: shown in the verdict of report.html.'),
  })
  .meta({ title: 'dnspath scenario' });

/** A scenario file, checked against the schema: durations in microseconds, defaults filled in. */
export type ScenarioFile = z.infer<typeof scenarioSchema>;
export type EventEntry = ScenarioFile['events'][number];
export type Expectation = ScenarioFile['expect'][number];

/** JSON Schema for editors. */
export function scenarioJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(scenarioSchema, { io: 'input' }) };
}
