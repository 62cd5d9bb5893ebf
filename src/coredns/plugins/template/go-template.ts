import { type GoValue, goUnsigned } from '../../corefile/go-values.ts';

/** What a template is filled with. */
export interface TemplateData {
  readonly fields: Readonly<Record<string, string>>;
  /** The match of the whole expression at 0, its groups behind. */
  readonly match: readonly string[];
  /** Groups by name and by number. */
  readonly group: Readonly<Record<string, string>>;
}

/** The text, or the error that executing the template gives. */
export type GoTemplate = (data: TemplateData) => string | { readonly error: string };

const fieldNames: readonly string[] = ['Name', 'Zone', 'Class', 'Type', 'Regex'];
/** Fields of the template's data that are not simulated. */
const otherFields: readonly string[] = ['Match', 'Group', 'Message', 'Question', 'Var', 'Meta'];
const keywords: readonly string[] = [
  'if',
  'range',
  'with',
  'else',
  'end',
  'define',
  'block',
  'template',
  'break',
  'continue',
];
const opening: readonly string[] = ['if', 'range', 'with', 'define', 'block'];
const functions: readonly string[] = [
  ...['and', 'call', 'eq', 'ge', 'gt', 'html', 'index', 'js', 'le', 'len', 'lt', 'ne', 'not', 'or', 'print', 'printf'],
  ...['println', 'slice', 'urlquery'],
];

/**
 * The part of Go's text/template that Corefiles use: `{{ .Name }}`, `{{ .Question.Name }}`, `{{ .Group.x }}`, `{{ index .Match 1 }}`,
 * `{{ index .Group "x" }}`, `{{ parseInt .Group.x 16 64 }}`, quoted text, comments and trimming. `unsupported` names
 * what else there is; the error of a template that does not parse is Go's. `newer`: what the release knows of `Remote` and `parseInt`.
 */
export function parseTemplate(
  name: string,
  text: string,
  newer: readonly string[],
): GoValue<GoTemplate> | { readonly unsupported: string } {
  const parts: GoTemplate[] = [];
  let unsupported: string | undefined;
  let open = 0;
  for (const piece of piecesOf(text)) {
    if ('literal' in piece) {
      parts.push(() => piece.literal);
      continue;
    }
    const place = `template: ${name}:${text.slice(0, piece.at).split('\n').length}`;
    const wrong = refusal(piece.action, newer) ?? (piece.closed ? undefined : 'unclosed action');
    if (wrong !== undefined) return { error: `${place}: ${wrong}` };
    const [first = ''] = piece.action.split(/\s/);
    if (opening.includes(first)) open++;
    if (first === 'end') open--;
    const value = parseAction(
      piece.action,
      [...fieldNames, ...newer],
      `${place}:${piece.column}: executing ${JSON.stringify(name)}`,
    );
    if (value === undefined) unsupported ??= piece.action;
    else parts.push(value);
  }
  if (open > 0) return { error: `template: ${name}:${text.split('\n').length}: unexpected EOF` };
  if (unsupported !== undefined) return { unsupported };
  return { value: (data) => joined(parts.map((part) => part(data))) };
}

type Piece =
  | { readonly literal: string }
  | { readonly action: string; readonly at: number; readonly column: number; readonly closed: boolean };

/** Text and actions in turn, white space trimmed where `{{-` and `-}}` ask for it. */
function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  let trimNext = false;
  for (;;) {
    const at = text.indexOf('{{', from);
    const plain = text.slice(from, at < 0 ? undefined : at);
    const literal = trimNext ? plain.trimStart() : plain;
    if (at < 0) return [...pieces, { literal }];
    const close = text.indexOf('}}', at);
    const inside = text.slice(at + 2, close < 0 ? undefined : close);
    const trimBefore = /^-\s/.test(inside);
    trimNext = /\s-$/.test(inside);
    const action = inside.replace(/^-(?=\s)/, ' ').replace(/\s-$/, '');
    const column = at - (text.lastIndexOf('\n', at) + 1) + 2 + action.length - action.trimStart().length;
    pieces.push({ literal: trimBefore ? literal.trimEnd() : literal });
    pieces.push({ action: action.trim(), at, column, closed: close >= 0 });
    if (close < 0) return pieces;
    from = close + 2;
  }
}

function joined(parts: readonly ReturnType<GoTemplate>[]): ReturnType<GoTemplate> {
  const failed = parts.find((part) => typeof part !== 'string');
  return failed ?? parts.join('');
}

/** Why Go does not parse an action, as far as that shows in its words. */
function refusal(action: string, newer: readonly string[]): string | undefined {
  if (action === '') return 'missing value for command';
  if (/^(if|range|with)$/.test(action)) return `missing value for ${action}`;
  const words = action.replace(/"[^"]*"|`[^`]*`|\/\*.*\*\//gs, '').split(/\s+/);
  const known = [...keywords, ...functions, ...newer, 'true', 'false', 'nil'];
  const unknown = words.find((word) => /^[A-Za-z_]\w*$/.test(word) && !known.includes(word));
  return unknown && `function ${JSON.stringify(unknown)} not defined`;
}

/** Undefined: an action of a kind that is not simulated. */
function parseAction(action: string, known: readonly string[], executing: string): GoTemplate | undefined {
  if (action.startsWith('/*')) return () => '';
  const quoted = /^"([^"\\]*)"$/.exec(action) ?? /^`([^`]*)`$/.exec(action);
  if (quoted !== null) return () => quoted[1] ?? '';
  if (action === '.Question.Name') return ({ fields }) => fields['Question.Name'] ?? '';
  const [, field] = /^\.(\w+)$/.exec(action) ?? [];
  if (field !== undefined && known.includes(field)) return ({ fields }) => fields[field] ?? '';
  if (field !== undefined && !otherFields.includes(field)) {
    const error = `${executing} at <${action}>: can't evaluate field ${field} in type *template.templateData`;
    return () => ({ error });
  }
  const [, group] = /^\.Group\.(\w+)$/.exec(action) ?? /^index\s+\.Group\s+"([^"]*)"$/.exec(action) ?? [];
  if (group !== undefined) return (data) => data.group[group] ?? (action.startsWith('.') ? '<no value>' : '');
  const [, number] = /^index\s+\.Match\s+(\d+)$/.exec(action) ?? [];
  if (number !== undefined) {
    const index = Number(number);
    const fails = (why: string) => ({ error: `${executing} at <${action}>: error calling index: ${why}` });
    return ({ match }) =>
      match[index] ??
      fails(index > match.length ? `index out of range: ${index}` : 'reflect: slice index out of range');
  }
  const [, operand, base, bits] = /^parseInt\s+(\S+|\(.*\))\s+(\d+)\s+(\d+)$/.exec(action) ?? [];
  const inner =
    operand === undefined ? undefined : parseAction(operand.replace(/^\((.*)\)$/, '$1').trim(), known, executing);
  if (inner === undefined) return undefined;
  return (data) => {
    const text = inner(data);
    if (typeof text !== 'string') return text;
    const parsed = unsigned(text, Number(base), Number(bits));
    return 'value' in parsed
      ? parsed.value
      : { error: `${executing} at <${action}>: error calling parseInt: ${parsed.error}` };
  };
}

/** `strconv.ParseUint` of a base. */
function unsigned(text: string, base: number, bits: number): GoValue<string> {
  if (base === 10) {
    const decimal = goUnsigned(text, bits);
    return 'value' in decimal ? { value: String(decimal.value) } : decimal;
  }
  const digits = '0123456789abcdefghijklmnopqrstuvwxyz'.slice(0, base);
  const isNumber = text !== '' && [...text.toLowerCase()].every((digit) => digits.includes(digit));
  if (!isNumber) return { error: `strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax` };
  const value = Number.parseInt(text, base);
  if (value >= 2 ** bits) return { error: `strconv.ParseUint: parsing ${JSON.stringify(text)}: value out of range` };
  return { value: String(value) };
}
