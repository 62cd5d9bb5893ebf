import type * as z from 'zod';
import type { Path } from './document.ts';

/**
 * What stands in for a value that is missing or could not be read, so that the entry around it is still checked:
 * `1s` is good as a duration, a name or a text. `nth`: addresses differ.
 */
function placeholder(key: string | number | undefined, nth: number): string {
  if (key === 'duration') return '80000h';
  return isAddressKey(key) ? `0.0.0.${nth % 256}` : '1s';
}

function isAddressKey(key: PropertyKey | undefined): boolean {
  return key === 'address' || key === 'serviceIP';
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
      else if (isReplaceable(issue)) this.#replaced.set(keyOf(original), placeholder(path.at(-1), this.#replaced.size));
      else if (isThere(present, path) && !this.#isAdded(original)) this.#removed.add(keyOf(original));
      else this.#add(original);
    }
  }

  /** Puts something in the place of a missing key; where that was no help, the part that lacks it goes. */
  #add(path: Path): void {
    const parent = keyOf(path.slice(0, -1));
    if (this.#isAdded(path)) this.#removed.add(parent);
    else this.#added.set(parent, [...(this.#added.get(parent) ?? []), String(path.at(-1))]);
  }

  #isAdded(path: Path): boolean {
    return this.#added.get(keyOf(path.slice(0, -1)))?.includes(String(path.at(-1))) === true;
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
    const added = (this.#added.get(keyOf(path)) ?? []).map((key, i) => [key, placeholder(key, 100 + i)]);
    return Object.fromEntries([...added, ...own]);
  }
}

function keyOf(path: Path): string {
  return JSON.stringify(path.map(String));
}

/** Is the value one of those that a placeholder can stand in for? */
function isReplaceable(issue: z.core.$ZodIssue): boolean {
  if (issue.code !== 'custom') return false;
  const code = String(issue.params?.code);
  return ['unit-missing', 'bad-duration'].includes(code) || (code === 'bad-address' && isAddressKey(issue.path.at(-1)));
}

function isThere(root: unknown, path: Path): boolean {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !(String(step) in value)) return false;
    value = Object.entries(value).find(([key]) => key === String(step))?.[1];
  }
  return true;
}
