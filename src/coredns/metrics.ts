/** Label values in the order of the family's label names. */
type Values = readonly string[];

/** All series of one metric. */
export interface Family {
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly buckets: readonly number[];
  readonly series: Map<string, { readonly values: Values; value: number; count: number; readonly inBucket: number[] }>;
}

/** The metrics of a CoreDNS process by their Prometheus names; they outlive a reload. */
export class Metrics {
  readonly families = new Map<string, Family>();

  /** Adds to a counter; a series appears at its first use (add 0 to make it appear). */
  add(name: string, labels: readonly string[], values: Values, by = 1): void {
    this.#series(this.#family(name, 'counter', labels, []), values).value += by;
  }

  set(name: string, labels: readonly string[], values: Values, value: number): void {
    this.#series(this.#family(name, 'gauge', labels, []), values).value = value;
  }

  /** Adds an observation to a histogram with the given upper bounds. */
  observe(name: string, labels: readonly string[], values: Values, buckets: readonly number[], value: number): void {
    const series = this.#series(this.#family(name, 'histogram', labels, buckets), values);
    series.value += value;
    series.count++;
    for (const [i, bound] of buckets.entries()) if (value <= bound) series.inBucket[i] = (series.inBucket[i] ?? 0) + 1;
  }

  #family(name: string, kind: Family['kind'], labels: readonly string[], buckets: readonly number[]): Family {
    let family = this.families.get(name);
    if (family === undefined) {
      family = { name, kind, labels, buckets, series: new Map() };
      this.families.set(name, family);
    }
    return family;
  }

  #series(family: Family, values: Values) {
    const key = values.join('\n');
    let series = family.series.get(key);
    if (series === undefined) {
      series = { values, value: 0, count: 0, inBucket: family.buckets.map(() => 0) };
      family.series.set(key, series);
    }
    return series;
  }
}
