import type { z } from 'zod';

/** Stands in for a duration that could not be read, so that the entry around it is still checked. */
const placeholders: Readonly<Record<string, string>> = { duration: '100000h' };

/**
 * A copy of a value without the parts that the schema objects to, so that what remains can be checked further
 * and all mistakes show at once.
 */
export function pruned(value: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  const copy = structuredClone(value);
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') for (const key of issue.keys) remove(copy, [...issue.path, key]);
    else if (isBadDuration(issue)) replace(copy, issue.path, placeholders[String(issue.path.at(-1))] ?? '0s');
    else remove(copy, isMissing(copy, issue) ? issue.path.slice(0, -1) : issue.path);
  }
  return copy;
}

function isBadDuration(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'custom' && ['unit-missing', 'bad-duration'].includes(String(issue.params?.code));
}

function isMissing(root: unknown, issue: z.core.$ZodIssue): boolean {
  const parent = at(root, issue.path.slice(0, -1));
  return isContainer(parent) && !(String(issue.path.at(-1)) in parent);
}

function at(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const step of path) value = isContainer(value) ? value[String(step)] : undefined;
  return value;
}

function remove(root: unknown, path: readonly PropertyKey[]): void {
  const parent = at(root, path.slice(0, -1));
  if (isContainer(parent)) delete parent[String(path.at(-1))];
}

function replace(root: unknown, path: readonly PropertyKey[], value: string): void {
  const parent = at(root, path.slice(0, -1));
  if (isContainer(parent)) parent[String(path.at(-1))] = value;
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
