/** Label values in the order of the family's label names. */
type Values = readonly string[];
type Kind = 'counter' | 'gauge' | 'histogram';

/** The numbers of all series of a process side by side, as a query that counts in ten of them then meets little memory. */
class Cells {
  numbers = new Float64Array(64);
  #taken = 0;

  /** Where so many cells begin that are nobody's yet. */
  take(count: number): number {
    const at = this.#taken;
    this.#taken += count;
    if (this.#taken > this.numbers.length) {
      const larger = new Float64Array(Math.max(this.#taken, 2 * this.numbers.length));
      larger.set(this.numbers);
      this.numbers = larger;
    }
    return at;
  }
}

/** One combination of label values, and what is counted of it. */
export class Series {
  readonly values: Values;
  readonly #cells: Cells;
  /** Its cells: the value, the observations, and for each bucket those that no lower one took. */
  readonly #at: number;
  readonly #buckets: readonly number[];

  constructor(values: Values, buckets: readonly number[], cells: Cells) {
    this.values = values;
    this.#cells = cells;
    this.#at = cells.take(2 + buckets.length);
    this.#buckets = buckets;
  }

  get value(): number {
    return this.#cells.numbers[this.#at] ?? 0;
  }

  /** Sets a gauge. */
  set value(value: number) {
    this.#cells.numbers[this.#at] = value;
  }

  /** Observations. */
  get count(): number {
    return this.#cells.numbers[this.#at + 1] ?? 0;
  }

  /** Adds to a counter. */
  add(by = 1): void {
    addTo(this.#cells.numbers, this.#at, by);
  }

  /** Adds an observation to a histogram. */
  observe(value: number): void {
    const { numbers } = this.#cells;
    addTo(numbers, this.#at, value);
    addTo(numbers, this.#at + 1, 1);
    for (let i = 0; i < this.#buckets.length; i++)
      if (value <= (this.#buckets[i] ?? 0)) {
        addTo(numbers, this.#at + 2 + i, 1);
        return;
      }
  }

  /** Observations up to each upper bound. */
  upToBounds(): number[] {
    let sum = 0;
    return this.#buckets.map((_, i) => {
      sum += this.#cells.numbers[this.#at + 2 + i] ?? 0;
      return sum;
    });
  }
}

function addTo(numbers: Float64Array, at: number, by: number): void {
  numbers[at] = (numbers[at] ?? 0) + by;
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
  readonly #cells: Cells;
  readonly #others = new Map<string, Series>();

  constructor(name: string, kind: Kind, labels: readonly string[], buckets: readonly number[], cells: Cells) {
    this.name = name;
    this.kind = kind;
    this.labels = labels;
    this.buckets = buckets;
    this.#cells = cells;
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

  /** Forgets all series. */
  clear(): void {
    this.series.length = 0;
    this.#others.clear();
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
    const series = new Series(values, this.buckets, this.#cells);
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
  readonly #cells = new Cells();

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
      family = new Family(name, kind, labels, buckets, this.#cells);
      this.#families.set(name, family);
    }
    return family;
  }
}
