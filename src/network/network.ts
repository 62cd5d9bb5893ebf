import type { Simulation } from '../engine/simulation.ts';
import { Backlog } from './backlog.ts';
import type { SegmentDescription } from './description.ts';
import { Segment } from './segment.ts';

/** The segments that join the hosts of a run. */
export interface Network {
  readonly backlog: Backlog;
  readonly segments: ReadonlyMap<string, Segment>;
}

export function createNetwork(simulation: Simulation, segments: readonly SegmentDescription[]): Network {
  const backlog = new Backlog();
  return { backlog, segments: new Map(segments.map((s) => [s.name, new Segment(simulation, backlog, s)])) };
}
