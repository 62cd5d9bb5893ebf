import type { Simulation } from '../../engine/simulation.ts';
import { second } from '../../engine/time.ts';
import { keyOf } from '../../network/address.ts';
import type { Address } from '../../network/packet.ts';
import type { Station } from '../../network/segment.ts';
import { timerExpiry } from '../jiffies.ts';
import type { Device } from './device.ts';
import type { SocketBuffer } from './socket-buffer.ts';

/** Three requests (mcast_solicit), each given a second (retrans_time_ms): recording l gives up after 3.05 s. */
const requests = 3;
const requestInterval = second;

interface Outlet {
  transmit(device: Device, station: Station, buffer: SocketBuffer): void;
  failed(buffer: SocketBuffer): void;
}

/** Packets that wait for an answer to "who has". */
interface Question {
  readonly device: Device;
  readonly address: Address;
  readonly waiting: SocketBuffer[];
}

/** Finds who answers for a next hop on a device's segment (ARP); answers take no time. */
export class Neighbours {
  readonly #simulation: Simulation;
  readonly #outlet: Outlet;
  readonly #known = new Map<Device, Map<number | bigint, Station>>();
  #questions: readonly Question[] = [];

  constructor(simulation: Simulation, outlet: Outlet) {
    this.#simulation = simulation;
    this.#outlet = outlet;
  }

  send(device: Device, nextHop: Address, buffer: SocketBuffer): void {
    const asked = this.#questions.find((q) => q.device === device && q.address === nextHop);
    if (asked !== undefined) {
      if (!asked.waiting.some((waiting) => isRepeated(waiting, buffer))) asked.waiting.push(buffer);
      return;
    }
    const station = this.#find(device, nextHop);
    if (station !== undefined) this.#outlet.transmit(device, station, buffer);
    else if (device.station !== undefined) this.#ask({ device, address: nextHop, waiting: [buffer] });
  }

  forget(device: Device): void {
    this.#known.delete(device);
    this.#questions = this.#questions.filter((q) => q.device !== device);
  }

  /** The station that answered before, as long as it is there and still answers. */
  #find(device: Device, address: Address): Station | undefined {
    const { segment, station: own } = device;
    if (segment === undefined || own === undefined) return undefined;
    const known = this.#known.get(device)?.get(keyOf(address));
    if (known !== undefined && segment.has(known) && known.answersFor(address)) return known;
    const found = segment.find(address, own);
    if (found !== undefined) {
      const stations = this.#known.get(device) ?? new Map<number | bigint, Station>();
      stations.set(keyOf(address), found);
      this.#known.set(device, stations);
    }
    return found;
  }

  #ask(question: Question): void {
    this.#questions = [...this.#questions, question];
    this.#wait(question, 1);
  }

  /** Asks again when a second has passed without an answer, or gives up. */
  #wait(question: Question, asked: number): void {
    this.#simulation.at(timerExpiry(this.#simulation.now, requestInterval), () => {
      const station = this.#find(question.device, question.address);
      if (station === undefined && asked < requests) {
        this.#wait(question, asked + 1);
        return;
      }
      if (!this.#settle(question)) return;
      for (const buffer of question.waiting) {
        if (station === undefined) this.#outlet.failed(buffer);
        else this.#outlet.transmit(question.device, station, buffer);
      }
    });
  }

  /** Ends a question; false when it had ended. */
  #settle(question: Question): boolean {
    if (!this.#questions.includes(question)) return false;
    this.#questions = this.#questions.filter((q) => q !== question);
    return true;
  }
}

/** TCP of this host does not send again what has not left it yet (skb_still_in_host_queue). */
function isRepeated({ packet: waiting, input }: SocketBuffer, { packet, input: from }: SocketBuffer): boolean {
  return (
    input === undefined &&
    from === undefined &&
    waiting.protocol === 'tcp' &&
    packet.protocol === 'tcp' &&
    waiting.sequence === packet.sequence &&
    waiting.sourcePort === packet.sourcePort &&
    waiting.destinationPort === packet.destinationPort &&
    waiting.source === packet.source &&
    waiting.destination === packet.destination
  );
}
