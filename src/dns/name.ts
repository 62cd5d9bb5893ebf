/**
 * Domain names as text: absolute names end in a dot, `\.` and `\\` stand for the character itself and `\DDD` for an octet
 * (RFC 1035 §5.1). Letters keep their case; comparing is without case.
 */

import { madeLast } from '../engine/made-once.ts';

/** The labels of a name, escapes kept; the root has none. */
export function labelsOf(name: string): string[] {
  const labels: string[] = [];
  for (let start = 0; start < name.length && name !== '.'; ) {
    const end = labelEnd(name, start);
    labels.push(name.slice(start, end));
    start = end + 1;
  }
  return labels;
}

/** With final dot. */
export function absolute(name: string): string {
  return name.endsWith('.') ? name : `${name}.`;
}

/** On its way through the cluster a name is asked for this more than once; so is its length. */
export const lower = madeLast((name: string) => name.toLowerCase());

/** Where the label that begins at `start` ends: at its dot, or at the end of the name. */
export function labelEnd(name: string, start: number): number {
  let end = start;
  while (end < name.length && name[end] !== '.') end += name[end] === '\\' ? 2 : 1;
  return Math.min(end, name.length);
}

/** How many octets a label takes, without its length octet. */
export function labelLength(label: string): number {
  return label.includes('\\') ? label.replace(/\\\d{3}|\\./gs, 'x').length : label.length;
}

/** Octets of an uncompressed name on the wire, with the closing zero. */
export const nameLength = madeLast((name: string): number => {
  if (name === '.') return 1;
  if (!name.includes('\\')) return name.length + (name.endsWith('.') ? 1 : 2);
  return labelsOf(name).reduce((sum, label) => sum + 1 + labelLength(label), 1);
});

/** Can the absolute name stand in a message: labels of 1 to 63 octets, 255 together (RFC 1035 §2.3.4)? */
export const isSendable = madeLast((name: string): boolean => {
  if (name === '.') return true;
  if (nameLength(name) > 255) return false;
  for (let start = 0; start < name.length; ) {
    const end = labelEnd(name, start);
    const length = labelLength(name.slice(start, end));
    if (length < 1 || length > 63) return false;
    start = end + 1;
  }
  return true;
});

/** Are they the same name? Letters' case does not count. */
export function sameName(a: string, b: string): boolean {
  return a === b || lower(a) === lower(b);
}

/** Is `name` the zone's apex or below it? */
export function isWithin(name: string, zone: string): boolean {
  if (zone === '.') return true;
  const a = lower(absolute(name));
  const b = lower(absolute(zone));
  return a === b || a.endsWith(`.${b}`);
}

/** The name without its first label; the root's parent is the root. */
export function parentOf(name: string): string {
  const rest = labelsOf(name).slice(1);
  return rest.length === 0 ? '.' : `${rest.join('.')}.`;
}
