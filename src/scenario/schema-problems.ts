import type * as z from 'zod';
import type { Problem, Problems } from '../problem/problem.ts';
import { didYouMean, nearestWord } from '../problem/suggestion.ts';
import { type Path, plainAt, type YamlDocument } from './document.ts';
import type { IssueNotes } from './schema/values.ts';
import { eventWith, formatHint, knownKeys, optionsAt, takesText, typesAt } from './schema-paths.ts';

/** Turns what the schema found into problems with a place in the file and a remedy. */
export function addSchemaProblems(
  issues: readonly z.core.$ZodIssue[],
  document: YamlDocument,
  problems: Problems,
): void {
  for (const issue of issues) addIssue(issue, toPath(issue.path), document, problems);
}

function toPath(path: readonly PropertyKey[]): Path {
  return path.map((step) => (typeof step === 'symbol' ? step.toString() : step));
}

function addIssue(issue: z.core.$ZodIssue, path: Path, document: YamlDocument, problems: Problems): void {
  switch (issue.code) {
    case 'unrecognized_keys':
      for (const key of issue.keys) {
        const position = document.keyAt([...path, key]);
        const hint = unknownKeyHint(key, path);
        problems.push({ code: 'unknown-key', ...position, message: `unknown key "${key}"`, hint });
      }
      return;
    case 'invalid_key':
      for (const inner of issue.issues) addKeyIssue(inner, path, document, problems);
      return;
    case 'invalid_union':
      addUnionIssue(issue, path, document, problems);
      return;
    default: {
      const { code, message, hint } = explained(issue, path, plainAt(document.value, path), document.writtenAt(path));
      const position = code === 'missing-key' ? parentPosition(document, path) : document.valueAt(path);
      problems.push({ code, ...position, message: `${describe(path)}${message}`, hint });
    }
  }
}

/** The near key, or those that there are and the event that sets such a thing. */
function unknownKeyHint(key: string, path: Path): string {
  if (key === '<<') return 'merge keys are not read: write the keys out';
  const hint = didYouMean(key, knownKeys(path), 'known keys here');
  const [things, name] = path.slice(-2);
  if (nearestWord(key, knownKeys(path)) !== undefined || typeof things !== 'string') return hint;
  const thing = things.replace(/s$/, '');
  const event = eventWith(thing, key);
  return event === undefined
    ? hint
    : `${hint}; an event sets it: { at: 0s, ${event}: { ${thing}: ${name}, ${key}: … } }`;
}

type Finding = Pick<Problem, 'code' | 'message' | 'hint'>;

/** What is wrong with a value, and a remedy. */
function explained(issue: z.core.$ZodIssue, path: Path, value: unknown, written: string): Finding {
  switch (issue.code) {
    case 'invalid_type':
      if (value === undefined) return { code: 'missing-key', message: 'is required', hint: formatHint(path) };
      return {
        code: 'wrong-type',
        message: `must be ${article(issue.expected)}, not ${kindOf(value)}`,
        hint: typeHint(issue.expected, value, path, written),
      };
    case 'invalid_value':
      return noneOf(issue.values.map(String), value);
    case 'custom':
      return { message: issue.message, ...notesOf(issue.params) };
    case 'too_small': {
      const isNumber = issue.origin === 'number' || issue.origin === 'int';
      return {
        code: 'out-of-range',
        message: isNumber ? `must be at least ${issue.minimum}` : 'must not be empty',
        hint: formatHint(path),
      };
    }
    case 'too_big':
      return { code: 'out-of-range', message: `must be at most ${issue.maximum}`, hint: formatHint(path) };
    case 'invalid_format':
      return { code: 'bad-format', message: `${JSON.stringify(value)} does not look right`, hint: formatHint(path) };
    default:
      return { code: 'wrong-value', message: issue.message, hint: '' };
  }
}

function noneOf(allowed: readonly string[], value: unknown): Finding {
  const choice = allowed.length === 1 ? `only ${allowed[0]}` : `one of ${allowed.join(', ')}`;
  if (value === undefined) return { code: 'missing-key', message: 'is required', hint: choice };
  const near = nearestWord(String(value), allowed);
  return {
    code: 'wrong-value',
    message: `cannot be ${JSON.stringify(value)}`,
    hint: near === undefined ? choice : `did you mean ${near}?`,
  };
}

function addKeyIssue(issue: z.core.$ZodIssue, path: Path, document: YamlDocument, problems: Problems): void {
  const { code, hint } = issue.code === 'custom' ? notesOf(issue.params) : { code: 'bad-name', hint: '' };
  problems.push({ code, ...document.keyAt(path), message: issue.message, hint });
}

/** Of the shapes that a value may have, the one it comes nearest to is explained. */
function addUnionIssue(
  issue: z.core.$ZodIssueInvalidUnion,
  path: Path,
  document: YamlDocument,
  problems: Problems,
): void {
  if (issue.errors.length === 0) {
    const { code, message, hint } = noneOf(optionsAt(path), plainAt(document.value, path));
    const position = code === 'missing-key' ? parentPosition(document, path) : document.valueAt(path);
    problems.push({ code, ...position, message: `${describe(path)}${message}`, hint });
    return;
  }
  const value = plainAt(document.value, path);
  if (value !== undefined && issue.errors.flat().every(isOfValue)) {
    problems.push({ ...document.valueAt(path), ...noneOfTypes(path, value, document.writtenAt(path)) });
    return;
  }
  const isMisplaced = (inner: z.core.$ZodIssue) =>
    inner.path.length === 0 && ['invalid_type', 'invalid_value', 'custom'].includes(inner.code);
  const fitting = issue.errors.filter((branch) => !branch.some(isMisplaced));
  // A word that would have been allowed says less than what is wrong with anything else.
  const isWord = (branch: readonly z.core.$ZodIssue[]) => Number(branch.some(({ code }) => code === 'invalid_value'));
  const [nearest] = [...(fitting.length > 0 ? fitting : issue.errors)].sort(
    (a, b) => a.length - b.length || isWord(a) - isWord(b),
  );
  for (const inner of nearest ?? []) addIssue(inner, [...path, ...toPath(inner.path)], document, problems);
}

/** Is it the type of the value itself that is wrong? */
function isOfValue({ code, path }: z.core.$ZodIssue): boolean {
  return code === 'invalid_type' && path.length === 0;
}

function noneOfTypes(path: Path, value: unknown, written: string): Finding {
  const types = typesAt(path);
  const hint = types.map((type) => typeHint(type, value, path, written)).find((one) => one !== '') ?? '';
  return {
    code: 'wrong-type',
    message: `${describe(path)}must be ${types.map(article).join(' or ')}, not ${kindOf(value)}`,
    hint,
  };
}

/** `workloads.app.every ` for a path; nothing at the top. */
function describe(path: Path): string {
  if (path.length === 0) return 'the scenario ';
  return `${path.map((step, i) => (typeof step === 'number' ? `[${step + 1}]` : i === 0 ? step : `.${step}`)).join('')} `;
}

/** Where a missing key would have to be added: at the key of the map that lacks it. */
function parentPosition(document: YamlDocument, path: Path) {
  const parent = path.slice(0, -1);
  return typeof parent.at(-1) === 'string' ? document.keyAt(parent) : document.valueAt(parent);
}

function notesOf(params: Record<string, unknown> | undefined): IssueNotes {
  const { code, hint } = params ?? {};
  return { code: typeof code === 'string' ? code : 'wrong-value', hint: typeof hint === 'string' ? hint : '' };
}

function kindOf(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  // JSON has no word for numbers beyond its range.
  const shown = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return `${typeof value === 'string' ? 'the text' : `the ${typeof value}`} ${shown.length > 60 ? `${shown.slice(0, 58)}…"` : shown}`;
}

function article(type: string): string {
  const names: Readonly<Record<string, string>> = {
    string: 'a text',
    int: 'a whole number',
    integer: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
    array: 'a list',
    object: 'a map',
    record: 'a map',
  };
  return names[type] ?? type;
}

/** A map as the list that belongs there: `[ { name: ndots, value: "2" } ]`, as in the manifest of a pod. */
function listOf(map: object | null, path: Path): string {
  const keys = knownKeys([...path, 0]);
  if (!keys.includes('name') || !keys.includes('value')) return '[ …, … ]';
  return `[ ${Object.entries(map ?? {})
    .map(([name, value]) => `{ name: ${name}, value: "${value}" }`)
    .join(', ')} ]`;
}

/** How to write it so that it has the type that is expected. `written`: as it stands, where 1.30 is not yet the number 1.3. */
function typeHint(expected: string, value: unknown, path: Path, written: string): string {
  const isPlain = ['string', 'number', 'boolean'].includes(typeof value);
  if (expected === 'string' && typeof value === 'number')
    return takesText(path, written || String(value)) ? `put it in quotes: "${written || value}"` : formatHint(path);
  if (expected === 'array' && isPlain) return `put it in brackets: [${value}]`;
  if (expected === 'boolean' && typeof value === 'string') {
    // YAML 1.1 took these for what they say, 1.2 does not.
    const meant = /^(yes|on)$/i.test(value) ? 'true' : /^(no|off)$/i.test(value) ? 'false' : undefined;
    const near = meant ?? nearestWord(value, ['true', 'false']);
    return near === undefined ? '' : `did you mean ${near}?`;
  }
  if (expected === 'array' && typeof value === 'object') return `write a list: ${listOf(value, path)}`;
  if ((expected === 'number' || expected === 'int') && typeof value === 'string') return numberHint(expected, value);
  const keys = expected === 'object' ? knownKeys(path) : [];
  return keys.length > 0 ? `keys: ${keys.join(', ')}` : '';
}

/** A number that was written as a text: in quotes, or as a share. */
function numberHint(expected: string, value: string): string {
  if (/^\d+$/.test(value)) return `leave the quotes out: ${value}`;
  const isShare = expected === 'number' && /^\d+(\.\d+)?%$/.test(value);
  const share = Number.parseFloat(value) / 100;
  return isShare ? `write a share of 1: ${share > 1 ? 'at most 1, such as 0.3' : share}` : '';
}
