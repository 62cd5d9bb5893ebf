import type * as z from 'zod';
import type { Path } from './document.ts';

/**
 * What stands in for a value that is missing or a duration that could not be read, so that the entry around it is
 * still checked: good as a duration, a name or a text.
 */
function placeholder(key: string | number | undefined): string {
  return key === 'duration' ? '100000h' : '1s';
}

/**
 * A value without the parts that a schema objects to, so that what remains can be checked further and all mistakes
 * show at once. Places in it are translated back to those of the original.
 */
export class PrunedValue {
  readonly #original: unknown;
  readonly #removed = new Set<string>();
  readonly #replaced = new Map<string, string>();
  /** By the original path of a map: keys that are put in. */
  readonly #added = new Map<string, readonly string[]>();
  /** By the original path of a list: the original places of the entries that are left. */
  readonly #left = new Map<string, number[]>();

  constructor(original: unknown) {
    this.#original = original;
  }

  get value(): unknown {
    return this.#copy(this.#original, []);
  }

  /** Takes out what the issues of the present `value` are about. */
  cut(issues: readonly z.core.$ZodIssue[]): void {
    const present = this.value;
    for (const issue of issues) {
      const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
      const original = this.originalPath(path);
      if (issue.code === 'unrecognized_keys')
        for (const key of issue.keys) this.#removed.add(keyOf([...original, key]));
      else if (isBadDuration(issue)) this.#replaced.set(keyOf(original), placeholder(path.at(-1)));
      else if (isThere(present, path)) this.#removed.add(keyOf(original));
      else this.#add(original);
    }
  }

  /** Puts something in the place of a missing key; where that was no help, the part that lacks it goes. */
  #add(path: Path): void {
    const parent = keyOf(path.slice(0, -1));
    const keys = this.#added.get(parent) ?? [];
    const key = String(path.at(-1));
    if (keys.includes(key)) this.#removed.add(parent);
    else this.#added.set(parent, [...keys, key]);
  }

  /** Where a place of the pruned value was in the original. */
  originalPath(path: Path): Path {
    const original: (string | number)[] = [];
    for (const step of path)
      original.push(typeof step === 'number' ? (this.#left.get(keyOf(original))?.[step] ?? step) : step);
    return original;
  }

  #copy(value: unknown, path: Path): unknown {
    const replaced = this.#replaced.get(keyOf(path));
    if (replaced !== undefined) return replaced;
    const isLeft = (step: string | number) => !this.#removed.has(keyOf([...path, step]));
    if (Array.isArray(value)) {
      const left = value.map((_, i) => i).filter(isLeft);
      this.#left.set(keyOf(path), left);
      return left.map((i) => this.#copy(value[i], [...path, i]));
    }
    if (typeof value !== 'object' || value === null) return value;
    const own = Object.entries(value).flatMap(([key, item]) =>
      isLeft(key) ? [[key, this.#copy(item, [...path, key])]] : [],
    );
    const added = (this.#added.get(keyOf(path)) ?? []).map((key) => [key, placeholder(key)]);
    return Object.fromEntries([...added, ...own]);
  }
}

function keyOf(path: Path): string {
  return JSON.stringify(path.map(String));
}

function isBadDuration(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'custom' && ['unit-missing', 'bad-duration'].includes(String(issue.params?.code));
}

function isThere(root: unknown, path: Path): boolean {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !(String(step) in value)) return false;
    value = Object.entries(value).find(([key]) => key === String(step))?.[1];
  }
  return true;
}
