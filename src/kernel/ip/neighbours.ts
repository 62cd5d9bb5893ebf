import type { RandomStream } from '../../engine/random.ts';
import type { Simulation } from '../../engine/simulation.ts';
import { second } from '../../engine/time.ts';
import { keyOf } from '../../network/address.ts';
import type { Address } from '../../network/packet.ts';
import type { Port } from '../../network/segment.ts';
import { timerExpiry } from '../jiffies.ts';
import type { Device } from './device.ts';
import { Neighbour } from './neighbour.ts';
import type { SocketBuffer } from './socket-buffer.ts';

/** Three requests (mcast_solicit), each given a second (retrans_time_ms): recording l gives up after 3.05 s. */
const requests = 3;
const requestInterval = second;

interface Outlet {
  transmit(device: Device, to: Port, buffer: SocketBuffer): void;
  /** It goes to who is there no more. */
  vanish(device: Device, buffer: SocketBuffer): void;
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
  readonly #draws: RandomStream;
  readonly #outlet: Outlet;
  #questions: readonly Question[] = [];

  constructor(simulation: Simulation, draws: RandomStream, outlet: Outlet) {
    this.#simulation = simulation;
    this.#draws = draws;
    this.#outlet = outlet;
  }

  send(device: Device, nextHop: Address, buffer: SocketBuffer): void {
    if (this.#questions.length > 0 && this.#waitsFor(device, nextHop, buffer)) return;
    const neighbour = this.#find(device, nextHop);
    if (neighbour !== undefined) this.#outlet.transmit(device, neighbour, buffer);
    else if (this.#believes(device, nextHop)) this.#outlet.vanish(device, buffer);
    else if (device.port !== undefined) this.#ask({ device, address: nextHop, waiting: [buffer] });
  }

  /** `bridge`: the device was a port of it, so that who was behind it is believed to be there for a while yet. */
  forget(device: Device, bridge?: Device): void {
    for (const [address, neighbour] of bridge === undefined ? [] : device.neighbours) {
      neighbour.leave(this.#simulation.now);
      bridge?.neighbours.set(address, neighbour);
    }
    device.neighbours.clear();
    this.#questions = this.#questions.filter((q) => q.device !== device);
  }

  /** Joins those that wait for an answer already; false: nobody has asked. */
  #waitsFor(device: Device, nextHop: Address, buffer: SocketBuffer): boolean {
    const asked = this.#questions.find((q) => q.device === device && q.address === nextHop);
    if (asked === undefined) return false;
    if (!asked.waiting.some((waiting) => isRepeated(waiting, buffer))) asked.waiting.push(buffer);
    return true;
  }

  /** The station that answered before, as long as it is there and still answers. */
  #find({ segment, port, neighbours }: Device, address: Address): Port | undefined {
    if (segment === undefined || port === undefined) return undefined;
    const key = keyOf(address);
    const known = neighbours.get(key);
    const { now } = this.#simulation;
    if (known?.port.plugged === true && known.port.station.answersFor(address)) {
      if (now >= known.staleAt) known.useStale(now, this.#draws);
      return known.port;
    }
    const found = segment.find(address, port);
    if (found !== undefined) neighbours.set(key, new Neighbour(found, now, this.#draws));
    return found;
  }

  /** Nobody answers, but somebody did, and has not been missed yet. */
  #believes({ neighbours }: Device, address: Address): boolean {
    const key = keyOf(address);
    const known = neighbours.get(key);
    if (known === undefined) return false;
    if (known.port.station.isUp() && known.believed(this.#simulation.now)) return true;
    neighbours.delete(key);
    return false;
  }

  #ask(question: Question): void {
    this.#questions = [...this.#questions, question];
    this.#wait(question, 1);
  }

  /** Asks again when a second has passed without an answer, or gives up. */
  #wait(question: Question, asked: number): void {
    this.#simulation.at(timerExpiry(this.#simulation.now, requestInterval), () => {
      const neighbour = this.#find(question.device, question.address);
      if (neighbour === undefined && asked < requests) {
        this.#wait(question, asked + 1);
        return;
      }
      if (!this.#settle(question)) return;
      for (const buffer of question.waiting) {
        if (neighbour === undefined) this.#outlet.failed(buffer);
        else this.#outlet.transmit(question.device, neighbour, buffer);
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
