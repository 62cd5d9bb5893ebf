// The one public door. `loadScenario` reads a scenario, `run` simulates it, `compare` runs two, `explain` and `lookUp` tell
// what became of lookups, `checkFiles` what is wrong with an operator's files.
export { type CheckedFile, type CheckOptions, type CheckReport, checkFiles } from './check/check.ts';
export { type FileKind, fileKinds } from './check/kind.ts';
export { isReleaseName, type ReleaseName, releaseNames } from './coredns/releases.ts';
export { type Problem, ProblemsFound } from './problem/problem.ts';
export { type CaptureName, captureNames, isCaptureName } from './scenario/captures.ts';
export type { Change } from './scenario/changes/change.ts';
export type { Files } from './scenario/files.ts';
export { loadScenario } from './scenario/load.ts';
export type { Scenario } from './scenario/scenario.ts';
export { scenarioJsonSchema } from './scenario/schema/scenario.ts';
export { type Comparison, compare } from './study/compare/compare.ts';
export { compareDrawn, measuresDrawn } from './study/compare/draws.ts';
export {
  corefileChange,
  loadSides,
  type Refusal,
  releaseChange,
  type Sides,
  type SidesRequest,
} from './study/compare/sides.ts';
export { type WrittenAround, writtenAround } from './study/everyday/write.ts';
export { type Explained, explain, type NamedLookup, type Selection, type Story } from './study/explain.ts';
export { lookUp } from './study/lookup/look-up.ts';
export type { LookupRequest } from './study/lookup/surroundings.ts';
export { type FinishedRun, run } from './study/run.ts';
export { type TraceRecord, traceOf } from './trace/records.ts';
export { version } from './version.ts';
