import { startCoreDns } from '../../coredns/process.ts';
import type { Task } from '../../engine/process.ts';
import type { Simulation } from '../../engine/simulation.ts';
import type { Micros } from '../../engine/time.ts';
import type { Host } from '../../kernel/host.ts';
import { ownName, type WorkloadDescription } from '../../workload/description.ts';
import { periodOf, workloadAt, workloadLeft } from '../../workload/instance.ts';
import { startWorkload } from '../../workload/start.ts';
import type { ClientTemplate } from '../pods/description.ts';
import { processOf } from '../pods/process.ts';
import type { KubeletSite } from './site.ts';

/** A pod's container, as its kubelet deals with it; how it ends is told to whoever started it. */
export interface Container {
  signal(signal: 'SIGTERM' | 'SIGKILL'): void;
  /** Starts it again, after its end. */
  restart(): void;
}

/** `since-long`: it runs when the run begins, and what it does at its start is behind it. */
export type Age = 'new' | 'since-long';

/** A workload that is under way. */
export interface RunningWorkload {
  readonly workload: WorkloadDescription;
  readonly task: Task;
}

interface Place {
  readonly pod: string;
  readonly host: Host;
  readonly age: Age;
  readonly ended: () => void;
  /** What of it has been started with the run. */
  readonly running?: readonly RunningWorkload[];
}

/** Starts what a pod is made of. */
export function startContainer(
  site: KubeletSite,
  runs: ReturnType<KubeletSite['template']>['runs'],
  place: Place,
): Container {
  const { simulation, node, viewOf, lived } = site;
  const { pod: name, host, ended } = place;
  if (runs.kind === 'client') return new ClientProgram(site, runs, place);
  const description = processOf(runs, { name, node: node.host.host, host: host.host, startAt: simulation.now });
  const view = viewOf(name, description.release);
  const process = startCoreDns(simulation, host, description, view, ended);
  lived.process(process, description);
  return process;
}

/** A program that looks names up, as its workloads say. Any signal ends it, and closes its sockets. */
class ClientProgram implements Container {
  readonly #site: KubeletSite;
  readonly #template: ClientTemplate;
  readonly #place: Place;
  readonly #running: RunningWorkload[];
  #runs: boolean;
  /** Do those who explain the run know of it? */
  #told: boolean;

  constructor(site: KubeletSite, template: ClientTemplate, place: Place) {
    this.#site = site;
    this.#template = template;
    this.#place = place;
    this.#running = [...(place.running ?? [])];
    this.#runs = place.running !== undefined;
    this.#told = template.clock === 'run';
    if (!this.#runs) this.#start(place.age);
  }

  signal(): void {
    if (!this.#runs) return;
    this.#runs = false;
    for (const { workload, task } of this.#running.splice(0)) {
      task.group?.kill();
      this.#place.host.closeSockets(ownName(workload));
    }
    this.#place.ended();
  }

  restart(): void {
    this.#start('new');
  }

  #start(age: Age): void {
    const { simulation, node, lived } = this.#site;
    const { host } = this.#place;
    this.#runs = true;
    for (const { workload, onStart } of this.#template.workloads[node.host.host] ?? []) {
      if (onStart && age === 'since-long') continue;
      const own = this.#template.clock === 'run' ? workloadLeft(workload, simulation.now) : this.#own(workload, age);
      if (!this.#told) lived.workload(own);
      // It ends when the step that gave up has come to its end.
      const givesUp = () => simulation.after(0, () => this.signal());
      this.#running.push({ workload: own, task: startWorkload(simulation, host, own, givesUp) });
    }
    this.#told = true;
  }

  /** One of several that are alike, from now on. */
  #own(workload: WorkloadDescription, age: Age): WorkloadDescription {
    const { simulation } = this.#site;
    const { pod, host } = this.#place;
    const startAt = simulation.now + (age === 'new' ? 0 : phaseOf(simulation, workload, pod));
    return workloadAt(workload, { host: host.host, instance: pod, startAt });
  }
}

/** Pods that have run for long do not all call at the same instants. */
function phaseOf(simulation: Simulation, workload: WorkloadDescription, pod: string): Micros {
  return simulation.stream(`life/phase/${pod}/${workload.name}`).span(0, Math.max(0, periodOf(workload) - 1));
}
