/** Label values in the order of the family's label names. */
type Values = readonly string[];
type Kind = 'counter' | 'gauge' | 'histogram';

/** One combination of label values, and what is counted of it. */
export class Series {
  readonly values: Values;
  value = 0;
  /** Observations. */
  count = 0;
  readonly #buckets: readonly number[];
  /** Observations that no lower bucket took. */
  readonly #inBucket: number[];

  constructor(values: Values, buckets: readonly number[]) {
    this.values = values;
    this.#buckets = buckets;
    this.#inBucket = buckets.map(() => 0);
  }

  /** Adds to a counter. */
  add(by = 1): void {
    this.value += by;
  }

  /** Adds an observation to a histogram. */
  observe(value: number): void {
    this.value += value;
    this.count++;
    for (let i = 0; i < this.#buckets.length; i++)
      if (value <= (this.#buckets[i] ?? 0)) {
        this.#inBucket[i] = (this.#inBucket[i] ?? 0) + 1;
        return;
      }
  }

  /** Observations up to each upper bound. */
  upToBounds(): number[] {
    let sum = 0;
    return this.#inBucket.map((count) => {
      sum += count;
      return sum;
    });
  }
}

/** Up to so many series are compared one by one, which is faster than to look a text up that has to be joined first. */
const few = 16;

/** All series of one metric; one appears at its first use (add 0 to make it appear). */
export class Family {
  readonly name: string;
  readonly kind: Kind;
  readonly labels: readonly string[];
  readonly buckets: readonly number[];
  readonly series: Series[] = [];
  readonly #others = new Map<string, Series>();

  constructor(name: string, kind: Kind, labels: readonly string[], buckets: readonly number[]) {
    this.name = name;
    this.kind = kind;
    this.labels = labels;
    this.buckets = buckets;
  }

  /** Adds to a counter. */
  add(values: Values, by = 1): void {
    this.at(values).add(by);
  }

  /** Sets a gauge. */
  set(values: Values, value: number): void {
    this.at(values).value = value;
  }

  /** Adds an observation to a histogram. */
  observe(values: Values, value: number): void {
    this.at(values).observe(value);
  }

  /** The series of these values; who counts often keeps it. */
  at(values: Values): Series {
    const compared = Math.min(this.series.length, few);
    for (let i = 0; i < compared; i++) {
      const series = this.series[i];
      if (series !== undefined && same(series.values, values)) return series;
    }
    const other = this.series.length > few ? this.#others.get(values.join('\n')) : undefined;
    return other ?? this.#appear(values);
  }

  #appear(values: Values): Series {
    const series = new Series(values, this.buckets);
    this.series.push(series);
    if (this.series.length > few) this.#others.set(values.join('\n'), series);
    return series;
  }
}

function same(a: Values, b: Values): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
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
