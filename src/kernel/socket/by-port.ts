import type { Endpoint } from '../../network/packet.ts';

/** Up to so many are looked through one by one: a pod has no more. */
const few = 8;

const none: readonly never[] = [];

/** The sockets of a host by their local ports. */
export class ByPort<T extends { readonly local: Endpoint }> {
  #few: T[] = [];
  #many: Map<number, T[]> | undefined;

  /** A socket that has its port. */
  add(socket: T): void {
    if (this.#many !== undefined) this.#put(this.#many, socket);
    else if (this.#few.push(socket) > few) {
      this.#many = new Map();
      for (const one of this.#few) this.#put(this.#many, one);
      this.#few = [];
    }
  }

  remove(socket: T): void {
    const group = this.#many === undefined ? this.#few : this.#many.get(socket.local.port);
    const place = group?.indexOf(socket) ?? -1;
    if (place < 0) return;
    group?.splice(place, 1);
    if (group?.length === 0) this.#many?.delete(socket.local.port);
    if (this.#many?.size === 0) this.#many = undefined;
  }

  /** All of a port, in the order in which they came; others may be among them. */
  around(port: number): readonly T[] {
    return this.#many === undefined ? this.#few : (this.#many.get(port) ?? none);
  }

  all(): T[] {
    return this.#many === undefined ? [...this.#few] : [...this.#many.values()].flat();
  }

  #put(many: Map<number, T[]>, socket: T): void {
    const group = many.get(socket.local.port);
    if (group === undefined) many.set(socket.local.port, [socket]);
    else group.push(socket);
  }
}
