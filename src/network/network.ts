import type { Simulation } from '../engine/simulation.ts';
import { Backlog } from './backlog.ts';
import type { SegmentDescription } from './description.ts';
import { Segment } from './segment.ts';

/** The segments that join the hosts of a run. */
export interface Network {
  readonly backlog: Backlog;
  readonly segments: ReadonlyMap<string, Segment>;
  /** A segment that comes into being while the run goes on. */
  add(segment: SegmentDescription): Segment;
  remove(name: string): void;
}

/** Makes the segments; others may join at run time. */
export function createNetwork(simulation: Simulation, descriptions: readonly SegmentDescription[]): Network {
  const backlog = new Backlog();
  const segments = new Map<string, Segment>();
  const add = (description: SegmentDescription) => {
    const segment = new Segment(simulation, backlog, description);
    segments.set(description.name, segment);
    return segment;
  };
  for (const description of descriptions) add(description);
  return { backlog, segments, add, remove: (name) => segments.delete(name) };
}
