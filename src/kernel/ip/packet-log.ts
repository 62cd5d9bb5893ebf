import type { Recorder } from '../../engine/recorder.ts';
import type { Fragment, Packet } from '../../network/packet.ts';
import type { Station } from '../../network/segment.ts';
import { packetCaptured, packetDropped, packetSent } from '../records.ts';
import { capturedFields, packetFields, sentFields } from './describe.ts';
import type { Device } from './device.ts';

/** Writes down what a host does with packets. */
export class PacketLog {
  readonly #recorder: Recorder;
  readonly #host: string;

  constructor(recorder: Recorder, host: string) {
    this.#recorder = recorder;
    this.#host = host;
  }

  /** A packet goes out by a device to a neighbour's. */
  sent(device: Device, to: Pick<Station, 'host' | 'name'>, packet: Packet, fragment?: Fragment): void {
    if (!this.#recorder.counted(packetSent, ''))
      this.#recorder.write(packetSent, this.#host, packet.trace, '', sentFields(device.name, to, packet, fragment));
    this.seen(device, packet, fragment);
  }

  /** A packet passes a device: what tcpdump there shows. */
  seen(device: Device, packet: Packet, fragment?: Fragment): void {
    if (!device.captured) return;
    const carried = packet.protocol === 'udp' ? packet.payload : undefined;
    const text = carried?.describe?.() ?? '';
    const fields = capturedFields(device.name, text, packet, fragment);
    this.#recorder.write(packetCaptured, this.#host, packet.trace, '', fields);
  }

  /** A packet goes out by a device to a neighbour that is there no more. */
  vanished(device: Device, packet: Packet): void {
    this.seen(device, packet);
    this.dropped(packet, 'neighbour', 'neighbour-gone', '');
  }

  /** A packet ends at `where`, by a rule where one did it. */
  dropped(packet: Packet, where: string, cause: string, rule: string): void {
    this.#recorder.write(packetDropped, this.#host, packet.trace, cause, { where, rule, ...packetFields(packet) });
  }
}
