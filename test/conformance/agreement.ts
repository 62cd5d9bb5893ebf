import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ZodError } from 'zod';
import { adapters } from './adapters.ts';
import { type Family, type Found, families, findRecordings, recordings } from './find.ts';
import { goldenResult } from './golden/golden.ts';

/** How the recordings of one family fared. */
export interface FamilyResult {
  readonly family: Family;
  readonly agree: number;
  readonly all: number;
  /** The same by the client that was recorded, or by who recorded, where recordings tell. */
  readonly byClient: readonly { readonly client: string; readonly agree: number; readonly all: number }[];
  /** Recordings that a test of their own judges. */
  readonly random: readonly string[];
  /** A line for each that does not agree: its file and the first difference, or why it could not be run. */
  readonly differences: readonly string[];
}

const judge = join(recordings, 'agree.mjs');

/**
 * Runs the recordings under the paths, writes what the simulator observed into `emit` (default: a temporary
 * directory), one file a recording under its own name, and has `agree.mjs` judge.
 */
export function conformance(
  paths: readonly string[],
  options: { family?: string; emit?: string } = {},
): FamilyResult[] {
  const wanted = findRecordings(paths).filter(({ family }) => isWanted(family, options.family));
  const scratch = mkdtempSync(join(tmpdir(), 'conformance-'));
  const emit = options.emit ?? join(scratch, 'observed');
  mkdirSync(emit, { recursive: true });
  try {
    return families.flatMap((family) => {
      const of = wanted.filter((found) => found.family === family);
      if (of.length === 0) return [];
      return family === 'coredns/golden'
        ? of.map(runGolden)
        : [runFamily(family, of, emit, join(scratch, 'recorded', family))];
    });
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** `coredns` stands for all of CoreDNS's kinds. */
const isWanted = (family: Family, asked: string | undefined): boolean =>
  asked === undefined || family === asked || family.startsWith(`${asked}/`);

/** Cases of CoreDNS's own tests say themselves what is right. */
function runGolden({ family, path }: Found): FamilyResult {
  return { family, random: [], byClient: [], ...goldenResult(path) };
}

function runFamily(family: Family, found: readonly Found[], emit: string, recorded: string): FamilyResult {
  mkdirSync(recorded, { recursive: true });
  const unable = new Map<string, string>();
  for (const one of found) {
    symlinkSync(resolve(one.path), join(recorded, one.file));
    const reason = one.random ? undefined : observe(one, emit);
    if (reason !== undefined) unable.set(one.file, reason);
  }
  const random = found.filter((one) => one.random).map((one) => one.file);
  const result = judged(recorded, emit, unable);
  return { family, random, byClient: countsByClient(found, result.differences), ...result };
}

function countsByClient(found: readonly Found[], differences: readonly string[]): FamilyResult['byClient'] {
  const counts = new Map<string, { client: string; agree: number; all: number }>();
  for (const { file, family, path, recording, random } of found) {
    const client = family === 'kernel' ? recorderOf(path) : clientOf(recording);
    if (client === undefined || random) continue;
    const count = counts.get(client) ?? { client, agree: 0, all: 0 };
    count.all++;
    if (!differences.some((line) => line.startsWith(`${file}: `))) count.agree++;
    counts.set(client, count);
  }
  return [...counts.values()].sort((a, b) => (a.client < b.client ? -1 : 1));
}

/** Kernel traces: those that the project was given lie in `kernel/` itself. */
function recorderOf(path: string): string {
  return /\/(more|kernel6)\/[^/]*$/.test(path) ? 'made for this project' : 'given';
}

/** `musl getaddrinfo (static) 1.2.5` */
function clientOf(recording: unknown): string | undefined {
  if (typeof recording !== 'object' || recording === null) return undefined;
  if (!('client' in recording) || !('version' in recording)) return undefined;
  const version = /\d+(\.\d+)*/.exec(String(recording.version))?.[0] ?? '';
  return `${String(recording.client)} ${version}`;
}

/** Writes what was observed; returns why there is nothing to write. */
function observe({ family, path, file, recording }: Found, emit: string): string | undefined {
  const adapter = adapters[family];
  if (adapter === undefined) return 'recordings of this family cannot be run yet';
  try {
    const observed = adapter(path, recording);
    if (observed === undefined) return 'what it needs is not modelled';
    const text = Array.isArray(observed)
      ? observed.map((row) => JSON.stringify(row)).join('\n')
      : JSON.stringify(observed);
    writeFileSync(join(emit, file), `${text}\n`);
    return undefined;
  } catch (error) {
    return `cannot be run: ${reasonOf(error).replace(/\s+/g, ' ').slice(0, 200)}`;
  }
}

/** An error in one line; of a shape that does not fit, its first place. */
function reasonOf(error: unknown): string {
  if (error instanceof ZodError) {
    const [issue] = error.issues;
    return `${issue?.path.join('.')}: ${issue?.message} (a word that is not modelled)`;
  }
  return error instanceof Error ? error.message : String(error);
}

function judged(
  recorded: string,
  emit: string,
  unable: ReadonlyMap<string, string>,
): Pick<FamilyResult, 'agree' | 'all' | 'differences'> {
  const { stdout, stderr } = spawnSync(process.execPath, [judge, recorded, emit], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const lines = stdout.trim().split('\n');
  const count = /^(\d+) of (\d+) agree/.exec(lines.pop() ?? '');
  if (count === null) throw new Error(`agree.mjs did not finish: ${stderr}`);
  const differences = lines.map((line) => {
    const file = line.slice(0, line.indexOf(': '));
    const reason = unable.get(file);
    return reason === undefined ? line : `${file}: ${reason}`;
  });
  return { agree: Number(count[1]), all: Number(count[2]), differences };
}
