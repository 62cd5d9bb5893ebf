import { display, NotUnderstood, represent, Tuple, type Value } from './values.ts';

/** `value` as `format(value, spec)` gives it: fill, width, digits and type. */
export function formatted(value: Value, spec: string): string {
  const match = /^(?:(.)?([<>^]))?([+ ]?)(0?)(\d*)(,?)(?:\.(\d+))?([a-zA-Z%]?)$/.exec(spec);
  if (match === null) throw new NotUnderstood(`the format ${spec}`);
  const [, fill = ' ', side, sign, zero, width, , digits, type = ''] = match;
  const text = typeof value === 'number' ? numberText(value, type, digits) : display(value).slice(0, cut(digits));
  const signed = sign !== '' && typeof value === 'number' && value >= 0 ? `${sign}${text}` : text;
  const missing = Math.max(0, Number(width) - signed.length);
  if (zero === '0')
    return `${signed.slice(0, /^[-+]/.test(signed) ? 1 : 0)}${'0'.repeat(missing)}${signed.replace(/^[-+]/, '')}`;
  const align = side ?? (typeof value === 'number' ? '>' : '<');
  if (align === '<') return signed + fill.repeat(missing);
  if (align === '>') return fill.repeat(missing) + signed;
  return fill.repeat(Math.floor(missing / 2)) + signed + fill.repeat(Math.ceil(missing / 2));
}

const cut = (digits: string | undefined) => (digits === undefined ? undefined : Number(digits));

function numberText(value: number, type: string, digits: string | undefined): string {
  switch (type) {
    case 'f':
      return value.toFixed(Number(digits ?? 6));
    case 'd':
      return `${Math.trunc(value)}`;
    case 'x':
      return Math.trunc(value).toString(16);
    case 'X':
      return Math.trunc(value).toString(16).toUpperCase();
    case '%':
      return `${(value * 100).toFixed(Number(digits ?? 6))}%`;
    case 'g':
      return `${Number(value.toPrecision(Number(digits ?? 6)))}`;
    default:
      return `${digits === undefined ? value : Number(value.toPrecision(Number(digits)))}`;
  }
}

/** `text % values`. */
export function percent(text: string, values: Value): string {
  const given = values instanceof Tuple ? [...values.items] : [values];
  return text.replace(
    /%([-0+ ]*)(\d*)(?:\.(\d+))?([sdifrxXg%])/g,
    (all, flags: string, width, digits, type: string) => {
      if (type === '%') return '%';
      const value = given.shift() ?? null;
      if (type === 'r') return represent(value);
      const align = flags.includes('-') ? '<' : '>';
      const spec = `${align}${flags.includes('+') ? '+' : ''}${flags.includes('0') && align === '>' ? '0' : ''}${width}`;
      if (type === 's') return formatted(display(value), `${spec.replace('0', '')}`);
      if (typeof value !== 'number') throw new NotUnderstood(`${all} of ${represent(value)}`);
      return formatted(type === 'd' || type === 'i' ? Math.trunc(value) : value, numberSpec(spec, digits, type));
    },
  );
}

function numberSpec(spec: string, digits: string | undefined, type: string): string {
  const plain = spec.startsWith('>0') || /^>\+?0/.test(spec) ? spec.slice(1) : spec;
  return `${plain}${digits === undefined ? '' : `.${digits}`}${type === 'i' ? 'd' : type}`;
}
