import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The families of recordings, in the order in which they are reported. */
export const families = [
  'kernel',
  'resolver',
  'coredns/cache',
  'coredns/forward',
  'coredns/size',
  'coredns/corefile',
  'coredns/golden',
  'nodelocal',
  'recursor',
  'path',
] as const;
export type Family = (typeof families)[number];

/** The recordings that the project keeps. */
export const recordings = fileURLToPath(new URL('../recordings', import.meta.url));

/** A recording as it lies on disk. */
export interface Found {
  readonly path: string;
  /** File name with ending: what the observed file is called too. */
  readonly file: string;
  readonly family: Family;
  readonly random: boolean;
  readonly recording: unknown;
}

/** All recordings under the paths, files or directories, in a fixed order; files that are none are left out. */
export function findRecordings(paths: readonly string[]): Found[] {
  return paths
    .flatMap(filesUnder)
    .sort()
    .flatMap((path) => read(path) ?? []);
}

function filesUnder(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

function read(path: string): Found | undefined {
  const file = basename(path);
  if (!/\.jsonl?$/.test(file) || /SPLIT/.test(file)) return undefined;
  const text = readFileSync(path, 'utf8');
  const lines = file.endsWith('.jsonl');
  const recording = parse(text, lines);
  const family = familyOf(file, recording);
  return family === undefined ? undefined : { path, file, family, random: isRandom(recording), recording };
}

/** The JSON of a file; undefined when it is none. */
function parse(text: string, lines: boolean): unknown {
  try {
    return lines
      ? text
          .split('\n')
          .filter(Boolean)
          .map((line): unknown => JSON.parse(line))
      : JSON.parse(text);
  } catch {
    return undefined;
  }
}

const hasKey = (value: unknown, key: string): boolean => typeof value === 'object' && value !== null && key in value;

/** By its shape, as `agree.mjs` tells them apart; CoreDNS's own kinds by the beginning of the name. */
function familyOf(file: string, recording: unknown): Family | undefined {
  if (Array.isArray(recording)) return file.endsWith('.jsonl') ? 'kernel' : undefined;
  if (hasKey(recording, 'ipvsadm')) return undefined; // judged by a test of its own
  if (hasKey(recording, 'expected')) return 'resolver';
  if (hasKey(recording, 'world')) return 'path';
  if (hasKey(recording, 'node_cache')) return 'nodelocal';
  if (hasKey(recording, 'resolvers')) return 'recursor';
  if (hasKey(recording, 'cases')) return 'coredns/golden';
  if (!hasKey(recording, 'coredns')) return undefined;
  const kind = file.split('-')[0];
  return kind === 'cache' || kind === 'forward' || kind === 'size' ? `coredns/${kind}` : 'coredns/corefile';
}

function isRandom(recording: unknown): boolean {
  const head: unknown = Array.isArray(recording) ? recording[0] : recording;
  return typeof head === 'object' && head !== null && 'random' in head && head.random === true;
}
