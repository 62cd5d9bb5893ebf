import { type Path, plainAt } from '../document.ts';

/** A path as it was written, up to its `=`. */
export interface WrittenPath {
  readonly steps: Path;
  /** Where the `=` is, counted from 0. */
  readonly end: number;
  /** Column of the last step, counted from 1. */
  readonly lastColumn: number;
}

/** Why a path cannot be read, and where. */
interface Mistake {
  readonly column: number;
  readonly message: string;
  readonly hint: string;
}

/**
 * Reads `servers.vpc-dns.upstreams.example.com=…`: steps with dots between, `[n]` for the nth entry of a list. Of names
 * that have dots themselves, one that stands in the file is known for what it is; another is put in double quotes.
 */
export function readPath(text: string, root: unknown): WrittenPath | Mistake {
  const steps: (string | number)[] = [];
  let at = 0;
  let here = root;
  let lastColumn = 1;
  for (;;) {
    lastColumn = at + 1;
    const step = text[at] === '[' ? readIndex(text, at, here) : readName(text, at, here);
    if ('message' in step) return step;
    steps.push(step.step);
    here = plainAt(here, [step.step]);
    at = step.end;
    if (text[at] === '=') return { steps, end: at, lastColumn };
    if (at >= text.length)
      return { column: text.length + 1, message: `no value for ${text}`, hint: `write ${text}=value` };
    if (typeof here !== 'object' && here !== undefined && here !== null)
      return {
        column: at + 1,
        message: `${text.slice(0, at)} is ${JSON.stringify(here)}: nothing is below it`,
        hint: '',
      };
    if (text[at] === '.') at++;
  }
}

type Step = { readonly step: string | number; readonly end: number } | Mistake;

function readIndex(text: string, at: number, here: unknown): Step {
  const [whole = '', digits] = /^\[(\d+)\]/.exec(text.slice(at)) ?? [];
  const mistake = (message: string, hint: string): Mistake => ({ column: at + 1, message, hint });
  if (digits === undefined) return mistake('this is no place in a list', 'write a number, such as events[1]');
  if (!Array.isArray(here) && here !== undefined)
    return mistake('this is no list', 'write a dot and the name of the entry');
  const length = Array.isArray(here) ? here.length : 0;
  const index = Number(digits) - 1;
  if (index < 0) return mistake('entries are counted from 1', 'write [1] for the first');
  if (index > length) return mistake(`there is no entry ${digits}`, `the list has ${length}; [${length + 1}] adds one`);
  return { step: index, end: at + whole.length };
}

function readName(text: string, at: number, here: unknown): Step {
  const rest = text.slice(at);
  if (Array.isArray(here))
    return { column: at + 1, message: 'this is a list', hint: 'write the number of an entry, such as [1]' };
  const [quoted, inner = ''] = /^"([^"]*)"/.exec(rest) ?? [];
  if (quoted !== undefined && inner !== '') return { step: inner, end: at + quoted.length };
  const known = typeof here === 'object' && here !== null ? Object.keys(here) : [];
  const fits = (key: string) => rest.startsWith(key) && ['.', '[', '='].includes(rest[key.length] ?? '');
  const [longest] = known.filter((key) => key !== '' && fits(key)).sort((a, b) => b.length - a.length);
  const name = longest ?? /^[^.=[\]"]*/.exec(rest)?.[0] ?? '';
  const end = at + name.length;
  if (name === '')
    return { column: at + 1, message: 'a name is missing', hint: 'put a name that has dots in it in double quotes' };
  if (text[end] !== undefined && !['.', '[', '='].includes(text[end] ?? ''))
    return {
      column: end + 1,
      message: `${JSON.stringify(text[end])} is not expected here`,
      hint: 'put the name in double quotes',
    };
  return { step: name, end };
}
