import type { GoValue } from '../../corefile/go-values.ts';

/** What a template is filled with. */
export interface TemplateData {
  readonly fields: Readonly<Record<string, string>>;
  /** The match of the whole expression at 0, its groups behind. */
  readonly match: readonly string[];
  /** Groups by name and by number. */
  readonly group: Readonly<Record<string, string>>;
}

export type GoTemplate = (data: TemplateData) => string;

const fieldNames: readonly string[] = ['Name', 'Zone', 'Class', 'Type', 'Remote'];

/**
 * The part of Go's text/template that Corefiles use: `{{ .Name }}`, `{{ .Group.x }}`, `{{ index .Match 1 }}`,
 * `{{ index .Group "x" }}`, quoted text, comments and trimming. `unsupported` names what else there is.
 */
export function parseTemplate(name: string, text: string): GoValue<GoTemplate> | { readonly unsupported: string } {
  const parts: GoTemplate[] = [];
  let rest = text;
  let trimNext = false;
  for (;;) {
    const open = rest.indexOf('{{');
    const literal = open < 0 ? rest : rest.slice(0, open);
    const trimmed = trimNext ? literal.trimStart() : literal;
    if (open < 0) {
      parts.push(() => trimmed);
      return { value: (data) => parts.map((part) => part(data)).join('') };
    }
    const close = rest.indexOf('}}', open);
    if (close < 0) {
      const line = text.slice(0, text.length - rest.length + open).split('\n').length;
      return { error: `template: ${name}:${line}: unclosed action` };
    }
    const action = rest.slice(open + 2, close);
    const trimBefore = /^-\s/.test(action);
    trimNext = /\s-$/.test(action);
    parts.push(() => (trimBefore ? trimmed.trimEnd() : trimmed));
    const value = parseAction(action.replace(/^-\s/, '').replace(/\s-$/, '').trim());
    if (value === undefined) return { unsupported: action.trim() };
    parts.push(value);
    rest = rest.slice(close + 2);
  }
}

function parseAction(action: string): GoTemplate | undefined {
  if (action.startsWith('/*')) return () => '';
  const quoted = /^"([^"\\]*)"$/.exec(action) ?? /^`([^`]*)`$/.exec(action);
  if (quoted !== null) return () => quoted[1] ?? '';
  const [, field] = /^\.(\w+)$/.exec(action) ?? [];
  if (field !== undefined && fieldNames.includes(field)) return ({ fields }) => fields[field] ?? '';
  const [, group] = /^\.Group\.(\w+)$/.exec(action) ?? /^index\s+\.Group\s+"([^"]*)"$/.exec(action) ?? [];
  if (group !== undefined) return (data) => data.group[group] ?? '<no value>';
  const [, number] = /^index\s+\.Match\s+(\d+)$/.exec(action) ?? [];
  if (number !== undefined) return ({ match }) => match[Number(number)] ?? '';
  return undefined;
}
