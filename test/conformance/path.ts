import { observeRelease } from './path/observe.ts';
import { recordingSchema } from './path/recording.ts';

/** Runs a path recording; undefined when something in it cannot be run yet. */
export function observe(_file: string, recording: unknown): unknown | undefined {
  const parsed = recordingSchema.parse(recording);
  return { observed: parsed.releases.map((release) => observeRelease(parsed, release)) };
}
