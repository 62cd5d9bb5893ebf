import { noTrace } from '../../engine/recorder.ts';
import type { Simulation } from '../../engine/simulation.ts';
import { nodeLife } from '../records.ts';

/** A node as the API server has it. */
export interface NodeState {
  readonly name: string;
  /** Ready=True; otherwise Unknown, and tainted as unreachable. */
  readonly ready: boolean;
  readonly cordoned: boolean;
}

/** The nodes as the API server has them. */
export class Nodes {
  readonly #simulation: Simulation;
  readonly #nodes: Map<string, NodeState>;
  readonly #watches: (() => void)[] = [];

  constructor(simulation: Simulation, names: readonly string[]) {
    this.#simulation = simulation;
    this.#nodes = new Map(names.map((name) => [name, { name, ready: true, cordoned: false }]));
  }

  get all(): readonly NodeState[] {
    return [...this.#nodes.values()];
  }

  get(name: string): NodeState | undefined {
    return this.#nodes.get(name);
  }

  watch(watch: () => void): void {
    this.#watches.push(watch);
  }

  /** Writes `cause` into the trace when that is a change. */
  change(name: string, change: Partial<NodeState>, cause: string, text: string): void {
    const node = this.#nodes.get(name);
    if (node === undefined) return;
    const after = { ...node, ...change };
    if (after.ready === node.ready && after.cordoned === node.cordoned) return;
    this.#nodes.set(name, after);
    this.#simulation.recorder.write(nodeLife, name, noTrace, cause, { text });
    for (const watch of this.#watches) watch();
  }
}
