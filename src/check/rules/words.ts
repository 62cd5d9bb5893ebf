/** `30 s`, `5 min`, `2 h`: whole units only. */
export function seconds(span: number): string {
  if (span >= 3600 && span % 3600 === 0) return `${span / 3600} h`;
  return span >= 120 && span % 60 === 0 ? `${span / 60} min` : `${span} s`;
}
