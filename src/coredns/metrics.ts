/** Label values in the order of the family's label names. */
type Values = readonly string[];
type Kind = 'counter' | 'gauge' | 'histogram';

/** One combination of label values, and what is counted of it. */
export interface Series {
  readonly values: Values;
  value: number;
  count: number;
  /** Observations up to each upper bound. */
  readonly inBucket: number[];
}

/** By the first label value, then by the second, and so on down to the series. */
type Branch = Map<string, Branch | Series>;

/** All series of one metric; one appears at its first use (add 0 to make it appear). */
export class Family {
  readonly name: string;
  readonly kind: Kind;
  readonly labels: readonly string[];
  readonly buckets: readonly number[];
  readonly series: Series[] = [];
  #root: Branch | Series | undefined;

  constructor(name: string, kind: Kind, labels: readonly string[], buckets: readonly number[]) {
    this.name = name;
    this.kind = kind;
    this.labels = labels;
    this.buckets = buckets;
  }

  /** Adds to a counter. */
  add(values: Values, by = 1): void {
    this.#at(values).value += by;
  }

  /** Sets a gauge. */
  set(values: Values, value: number): void {
    this.#at(values).value = value;
  }

  /** Adds an observation to a histogram. */
  observe(values: Values, value: number): void {
    const series = this.#at(values);
    series.value += value;
    series.count++;
    const { inBucket } = series;
    for (let i = inBucket.length - 1; i >= 0 && value <= (this.buckets[i] ?? 0); i--)
      inBucket[i] = (inBucket[i] ?? 0) + 1;
  }

  #at(values: Values): Series {
    let node = this.#root;
    for (let depth = 0; node instanceof Map; depth++) node = node.get(values[depth] ?? '');
    return node ?? this.#grow(values);
  }

  #grow(values: Values): Series {
    const series: Series = { values, value: 0, count: 0, inBucket: this.buckets.map(() => 0) };
    this.series.push(series);
    if (values.length === 0) {
      this.#root = series;
      return series;
    }
    let branch = this.#root instanceof Map ? this.#root : new Map<string, Branch | Series>();
    this.#root = branch;
    for (const value of values.slice(0, -1)) {
      const next = branch.get(value);
      const deeper = next instanceof Map ? next : new Map<string, Branch | Series>();
      branch.set(value, deeper);
      branch = deeper;
    }
    branch.set(values.at(-1) ?? '', series);
    return series;
  }
}

/** The metrics of a CoreDNS process by their Prometheus names; they outlive a reload. */
export class Metrics {
  readonly #families = new Map<string, Family>();

  get families(): readonly Family[] {
    return [...this.#families.values()];
  }

  counter(name: string, labels: readonly string[] = []): Family {
    return this.#family(name, 'counter', labels, []);
  }

  gauge(name: string, labels: readonly string[] = []): Family {
    return this.#family(name, 'gauge', labels, []);
  }

  /** `buckets`: upper bounds, rising. */
  histogram(name: string, labels: readonly string[], buckets: readonly number[]): Family {
    return this.#family(name, 'histogram', labels, buckets);
  }

  #family(name: string, kind: Kind, labels: readonly string[], buckets: readonly number[]): Family {
    let family = this.#families.get(name);
    if (family === undefined) {
      family = new Family(name, kind, labels, buckets);
      this.#families.set(name, family);
    }
    return family;
  }
}
