import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** A figure of the table. `limit`: what it is held to, where it is. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly limit?: { readonly most?: number; readonly least?: number };
}

export function holds({ value, limit }: Figure): boolean {
  return value <= (limit?.most ?? Number.POSITIVE_INFINITY) && value >= (limit?.least ?? Number.NEGATIVE_INFINITY);
}

/** Milliseconds of one call. */
function timeOf(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** The shortest times of several works, taken in turns so that a busy moment hits all alike. In milliseconds. */
export function shortest(rounds: number, works: readonly (() => void)[]): number[] {
  const best = works.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < rounds; round++) {
    for (const [i, work] of works.entries()) best[i] = Math.min(best[i] ?? 0, timeOf(work));
  }
  return best;
}

setFlagsFromString('--expose-gc');
const collectGarbage: unknown = runInNewContext('gc');

/** Octets that are in use, garbage left out. */
export function usedMemory(): number {
  if (typeof collectGarbage === 'function') collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Runs Node to its end and returns what it printed; throws when it fails. */
export function node(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}:\n${stderr}`);
  return stdout;
}
