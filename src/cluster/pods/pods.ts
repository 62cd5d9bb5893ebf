import type { Micros } from '../../engine/time.ts';

/** A pod as the API server has it. */
export interface Pod {
  readonly name: string;
  readonly namespace: string;
  /** The Deployment that made it; empty: none did, and none will make another. */
  readonly deployment: string;
  /** Empty until it is scheduled. */
  readonly node: string;
  /** Empty until its network stands. */
  readonly address: string;
  /** That of the other family, in a dual-stack cluster. */
  readonly otherAddress?: string;
  /** Which version of its Deployment's template it was made of. */
  readonly revision: number;
  readonly ready: boolean;
  /** deletionTimestamp: absent, unless it is being deleted. */
  readonly deletedAt?: Micros;
  /** Times that somebody has laid down, in place of drawn delays. */
  readonly fixed?: FixedTimes;
}

/** Instants of a pod's life that are laid down. */
export interface FixedTimes {
  /** Its container starts. */
  readonly startsAt?: Micros;
  /** It is ready, and its Service knows. */
  readonly readyAt?: Micros;
  /** Its Service knows that it is being deleted. */
  readonly leavesAt?: Micros;
}

/** `before`: undefined for a pod that is new; `after`: undefined for one that is gone. */
export type PodWatch = (before: Pod | undefined, after: Pod | undefined) => void;

/** Pods by the address that the API shows of them: of two families the first. */
export interface PodIndex {
  at(address: string): readonly Pod[];
}

/** The pods as the API server has them. Those who watch are told of each change at once; they add their own delays. */
export class Pods implements PodIndex {
  readonly #pods = new Map<string, Pod>();
  readonly #byAddress = new Map<string, readonly Pod[]>();
  readonly #watches: PodWatch[] = [];

  get all(): readonly Pod[] {
    return [...this.#pods.values()];
  }

  of(deployment: string): readonly Pod[] {
    return this.all.filter((pod) => pod.deployment === deployment);
  }

  get(name: string): Pod | undefined {
    return this.#pods.get(name);
  }

  at(address: string): readonly Pod[] {
    return this.#byAddress.get(address) ?? [];
  }

  /** As they are now, whatever becomes of them. */
  snapshot(): PodIndex {
    const now = new Map(this.#byAddress);
    return { at: (address) => now.get(address) ?? [] };
  }

  watch(watch: PodWatch): void {
    this.#watches.push(watch);
  }

  add(pod: Pod): void {
    this.#pods.set(pod.name, pod);
    this.#tell(undefined, pod);
  }

  /** Nothing happens to a pod that is gone. */
  change(name: string, change: Partial<Pod>): void {
    const before = this.#pods.get(name);
    if (before === undefined) return;
    const after = { ...before, ...change };
    this.#pods.set(name, after);
    this.#tell(before, after);
  }

  remove(name: string): void {
    const before = this.#pods.get(name);
    if (!this.#pods.delete(name)) return;
    this.#tell(before, undefined);
  }

  #tell(before: Pod | undefined, after: Pod | undefined): void {
    this.#index(before, after);
    for (const watch of this.#watches) watch(before, after);
  }

  #index(before: Pod | undefined, after: Pod | undefined): void {
    for (const { name, address } of [before ?? [], after ?? []].flat()) {
      if (address === '') continue;
      const others = this.at(address).filter((pod) => pod.name !== name);
      const own = after?.address === address ? [after] : [];
      if (others.length + own.length === 0) this.#byAddress.delete(address);
      else this.#byAddress.set(address, [...others, ...own]);
    }
  }
}

/** Is it meant to stay? */
export function isActive({ deletedAt }: Pod): boolean {
  return deletedAt === undefined;
}
