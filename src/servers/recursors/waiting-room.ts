import type { Simulation } from '../../engine/simulation.ts';
import type { Micros } from '../../engine/time.ts';
import type { Fetch } from './fetch.ts';

/** How many clients and questions may wait for servers, and what becomes of those beyond; infinite: as many as there are. */
export interface Crowd {
  /** Questions on their way (unbound's `num-queries-per-thread`); beyond, one in the later half that has waited for `jostle` makes room, else the new one is dropped. */
  readonly questions: number;
  readonly jostle: Micros;
  /** Waiting clients of one address (unbound's `wait-limit`); beyond: dropped. */
  readonly ofOneAddress: number;
  /** Waiting clients (BIND's soft quota of `recursive-clients`); beyond: the one that has waited longest gets SERVFAIL. */
  readonly clients: number;
  /** Clients that wait for one question (BIND's `clients-per-query`); beyond: dropped; after such a question five more, up to `ofOneQuestionAtMost`. */
  readonly ofOneQuestion: number;
  readonly ofOneQuestionAtMost: number;
  /** Questions on their way to the servers of a zone (BIND's `fetches-per-server`, `fetches-per-zone`); beyond: SERVFAIL, dropped. */
  readonly toServers: number;
  readonly toZone: number;
}

const steps = 5;

export const unlimited: Crowd = {
  questions: Number.POSITIVE_INFINITY,
  jostle: 0,
  ofOneAddress: Number.POSITIVE_INFINITY,
  clients: Number.POSITIVE_INFINITY,
  ofOneQuestion: Number.POSITIVE_INFINITY,
  ofOneQuestionAtMost: Number.POSITIVE_INFINITY,
  toServers: Number.POSITIVE_INFINITY,
  toZone: Number.POSITIVE_INFINITY,
};

/** A client that waits for an answer. */
export interface Waiter {
  readonly address: string;
  /** What it waits for. */
  fetch: Fetch<unknown> | undefined;
  /** Has another taken its place? */
  isOut: boolean;
}

/** Who waits for servers; turns away those for whom there is no room. */
export class WaitingRoom {
  readonly #crowd: Crowd;
  readonly #simulation: Simulation;
  readonly #waiters = new Set<Waiter>();
  readonly #ofAddress = new Map<string, number>();
  #ofOneQuestion: number;

  constructor(crowd: Crowd, simulation: Simulation) {
    this.#crowd = crowd;
    this.#simulation = simulation;
    this.#ofOneQuestion = crowd.ofOneQuestion;
  }

  /** A client comes, for a question that is `underway` or for a new one beside those `running`. */
  enter(
    address: string,
    underway: Fetch<unknown> | undefined,
    running: ReadonlySet<Fetch<unknown>>,
  ): Waiter | 'drop' | 'fail' {
    const { ofOneAddress, clients, toServers, toZone, questions } = this.#crowd;
    if ((this.#ofAddress.get(address) ?? 0) > ofOneAddress) return 'drop';
    if (this.#waiters.size >= clients) this.#sendAway();
    if (underway !== undefined && underway.clients >= this.#ofOneQuestion) {
      underway.isCrowded = true;
      return 'drop';
    }
    if (underway === undefined && running.size >= toServers) return 'fail';
    if (underway === undefined && running.size >= toZone) return 'drop';
    if (underway === undefined && running.size >= questions && !this.#makeRoom(running)) return 'drop';
    const waiter = { address, fetch: underway, isOut: false };
    this.#waiters.add(waiter);
    this.#ofAddress.set(address, (this.#ofAddress.get(address) ?? 0) + 1);
    return waiter;
  }

  leave(waiter: Waiter): void {
    this.#waiters.delete(waiter);
    this.#ofAddress.set(waiter.address, (this.#ofAddress.get(waiter.address) ?? 1) - 1);
    if (waiter.fetch?.isCrowded === true) {
      waiter.fetch.isCrowded = false;
      this.#ofOneQuestion = Math.min(this.#crowd.ofOneQuestionAtMost, this.#ofOneQuestion + steps);
    }
  }

  #sendAway(): void {
    const [longest] = this.#waiters;
    if (longest === undefined) return;
    longest.isOut = true;
    this.leave(longest);
    if (longest.fetch === undefined) return;
    longest.fetch.clients--;
    longest.fetch.nudge();
  }

  /** The first half stays until it is answered. */
  #makeRoom(running: ReadonlySet<Fetch<unknown>>): boolean {
    const later = [...running].slice(Math.floor((this.#crowd.questions + 1) / 2));
    const slow = later.find(({ since }) => this.#simulation.now - since >= this.#crowd.jostle);
    slow?.drop();
    return slow !== undefined;
  }
}
