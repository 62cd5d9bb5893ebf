import type { Family, Metrics } from '../../metrics.ts';

/** All metrics as Prometheus' text format has them: families and series in order of name, labels in order of name. */
export function exposition(metrics: Metrics): string {
  const families = metrics.families.filter(({ series }) => series.length > 0).sort((a, b) => compare(a.name, b.name));
  return families.map(family).join('');
}

function family({ name, kind, labels, buckets, series }: Family): string {
  const lines = [`# TYPE ${name} ${kind}`];
  for (const one of [...series].sort((a, b) => compare(a.values.join('\n'), b.values.join('\n')))) {
    const pairs = labels.map((label, i) => [label, one.values[i] ?? ''] as const);
    if (kind !== 'histogram') {
      lines.push(`${name}${labelled(pairs)} ${one.value}`);
      continue;
    }
    for (const [i, count] of one.upToBounds().entries())
      lines.push(`${name}_bucket${labelled([...pairs, ['le', String(buckets[i])]])} ${count}`);
    lines.push(`${name}_bucket${labelled([...pairs, ['le', '+Inf']])} ${one.count}`);
    lines.push(`${name}_sum${labelled(pairs)} ${one.value}`, `${name}_count${labelled(pairs)} ${one.count}`);
  }
  return `${lines.join('\n')}\n`;
}

function labelled(pairs: readonly (readonly [string, string])[]): string {
  if (pairs.length === 0) return '';
  const sorted = [...pairs].sort(([a], [b]) => compare(a, b));
  return `{${sorted.map(([label, value]) => `${label}=${JSON.stringify(value)}`).join(',')}}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
