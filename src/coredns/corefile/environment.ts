const forms = [
  { open: '{%', close: '%}' },
  { open: '{$', close: '}' },
] as const;

/** `{%NAME%}` and `{$NAME}` replaced by the environment's values, unset ones by nothing; never split into words again. */
export function fillEnvironment(text: string, environment: Readonly<Record<string, string>>): string {
  let filled = text;
  for (const { open, close } of forms) {
    let from = 0;
    for (;;) {
      const start = filled.indexOf(open, from);
      const end = start < 0 ? -1 : filled.indexOf(close, start + open.length);
      if (end < 0) break;
      const value = environment[filled.slice(start + open.length, end)] ?? '';
      filled = filled.slice(0, start) + value + filled.slice(end + close.length);
      from = start + value.length;
    }
  }
  return filled;
}
