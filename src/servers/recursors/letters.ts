import { labelsOf, lower } from '../../dns/name.ts';

/** The letters in which each label of a name was first written: a cache that is a tree of labels keeps those (BIND; recording `recursor-m-letter-case`). */
export class Letters {
  /** The first label of a name, by the name in small letters. */
  readonly #labels = new Map<string, string>();

  learn(name: string): void {
    const labels = labelsOf(name);
    for (let from = labels.length - 1; from >= 0; from--) {
      const ending = lower(labels.slice(from).join('.'));
      if (!this.#labels.has(ending)) this.#labels.set(ending, labels[from] ?? '');
    }
  }

  of(name: string): string {
    const labels = labelsOf(name);
    if (labels.length === 0) return name;
    return `${labels.map((label, i) => this.#labels.get(lower(labels.slice(i).join('.'))) ?? label).join('.')}.`;
  }

  clear(): void {
    this.#labels.clear();
  }
}
