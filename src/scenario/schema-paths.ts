import type { Path } from './document.ts';
import { scenarioJsonSchema } from './schema/scenario.ts';

/** As far as the published schema uses JSON Schema. */
interface JsonSchema {
  readonly type?: string;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly const?: unknown;
  readonly description?: string;
}

/** Every schema that may apply at a path. */
function schemasAt(path: Path): readonly JsonSchema[] {
  const branches = (schema: JsonSchema): JsonSchema[] => [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  let here = branches(scenarioJsonSchema());
  for (const step of path) {
    here = here.flatMap((schema) => {
      const next =
        typeof step === 'number'
          ? schema.items
          : (schema.properties?.[step] ??
            (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined));
      return next === undefined ? [] : branches(next);
    });
  }
  return here;
}

/** May it be this text that stands at a path? */
export function takesText(path: Path, text: string): boolean {
  return schemasAt(path).some((schema) => fits(schema, text));
}

/** Is it a text that belongs at a path, nothing else, and may it be this one? */
export function takesOnlyText(path: Path, text: string): boolean {
  const here = schemasAt(path).filter(({ type }) => type !== undefined);
  return here.length > 0 && here.every((schema) => fits(schema, text));
}

function fits({ type, pattern }: JsonSchema, text: string): boolean {
  return type === 'string' && (pattern === undefined || new RegExp(pattern).test(text));
}

/** Types that a value may have there, in JSON Schema's words. */
export function typesAt(path: Path): string[] {
  return [...new Set(schemasAt(path).flatMap(({ type }) => type ?? []))];
}

/** Keys that a map may have there. */
export function knownKeys(path: Path): string[] {
  return [...new Set(schemasAt(path).flatMap((schema) => Object.keys(schema.properties ?? {})))];
}

/** Words that a value may be there. */
export function optionsAt(path: Path): string[] {
  return schemasAt(path).flatMap((schema) => (typeof schema.const === 'string' ? [schema.const] : []));
}

/** What the schema says of a value there; empty where it says nothing. */
export function formatHint(path: Path): string {
  return schemasAt(path).find((schema) => schema.description !== undefined)?.description ?? '';
}

/** The event that sets a key of a thing, such as `setServer` for `answers` of a `server`. */
export function eventWith(thing: string, key: string): string | undefined {
  return knownKeys(['events', 0]).find((event) => {
    const keys = knownKeys(['events', 0, event]);
    return keys.includes(thing) && keys.includes(key);
  });
}
