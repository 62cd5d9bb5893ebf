import { Recorder, type Sink } from '../engine/recorder.ts';
import { Simulation } from '../engine/simulation.ts';
import type { Problem, Source } from '../problem/problem.ts';
import type { ClusterView } from './cluster-view.ts';
import { parseCorefile } from './corefile/parser.ts';
import { rangeOf } from './release-range.ts';
import { findRelease, type Release, releaseNames } from './releases.ts';
import { buildInstance } from './server/instance.ts';
import { loneRuntime } from './server/lone-runtime.ts';

/** What a Corefile is read with. */
export interface CheckContext {
  readonly release: Release;
  /** The plugins that were built into the program; absent: all of CoreDNS's own. */
  readonly builtIn?: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  /** Plugins that are left out though they are not modelled. */
  readonly ignore?: readonly string[];
}

/** Finds every mistake in a Corefile and everything in it that is not modelled (remarked on where it changes no answer), without running it. */
export function checkCorefile(source: Source, context: CheckContext, remarks: Problem[], problems: Problem[]): void {
  const found: Problem[] = [];
  setUp(source, context, remarks, found);
  for (const problem of found) {
    const hint = [problem.hint, takenBy(source, context, problem)].filter((text) => text !== '').join('; ');
    problems.push({ ...problem, hint });
  }
}

/** The releases that take a line, if any does: `taken by CoreDNS 1.9.4 and later`. */
function takenBy(source: Source, context: CheckContext, { code, line, file, message }: Problem): string {
  if (code === 'not-modelled' || !dependsOnRelease.test(message)) return '';
  const takers = releaseNames.filter((name) => {
    const release = findRelease(name);
    const problems: Problem[] = [];
    if (release !== undefined) setUp(source, { ...context, release }, [], problems);
    return !problems.some((one) => one.line === line && one.file === file && one.code !== 'not-modelled');
  });
  const range = rangeOf(takers);
  return range === '' ? '' : `taken by CoreDNS ${range}`;
}

const dependsOnRelease =
  /Unknown directive|unknown property|Wrong argument count|unknown option|unexpected token|only be used once/;

function setUp(
  source: Source,
  { release, builtIn, files, environment, ignore = [] }: CheckContext,
  remarks: Problem[],
  problems: Problem[],
): void {
  const directory = { read: (path: string) => files[path.replace(/^\.\//, '')], names: () => Object.keys(files) };
  const mistakes: Problem[] = [];
  const corefile = parseCorefile(source, { directives: release.plugins, files: directory, environment }, mistakes);
  problems.push(...mistakes);
  // Beside an unknown directive the rest of the file can still be read.
  if (mistakes.some(({ code }) => code !== 'unknown-directive')) return;
  const runtime = loneRuntime({
    simulation: new Simulation('check', new Recorder(nowhere)),
    owner: 'check',
    release,
    ...(builtIn && { builtIn }),
    files: directory,
    environment,
    ignore,
    cluster: nothingThere,
  });
  // Nothing in a set-up waits unless it uses the network, which a check leaves out.
  buildInstance(corefile, runtime, { problems, remarks, stopAtFirst: false }).next();
}

const nowhere: Sink = { trace: () => {}, write: () => {} };

const nothingThere: ClusterView = {
  *sync() {},
  namespaces: () => [],
  services: () => [],
  endpoints: () => [],
  podsAt: () => [],
};
