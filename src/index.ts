export { type Problem, ProblemsFound } from './problem/problem.ts';
export { type CaptureName, captureNames, isCaptureName } from './scenario/captures.ts';
export type { Files } from './scenario/files.ts';
export { loadScenario } from './scenario/load.ts';
export type { Scenario } from './scenario/scenario.ts';
export { type FinishedRun, run } from './study/run.ts';
export { type TraceRecord, traceOf } from './trace/records.ts';
export { version } from './version.ts';
