import type { RunningWorld } from '../../../src/cluster/build.ts';
import { type Process, timedOut } from '../../../src/engine/process.ts';
import type { Simulation } from '../../../src/engine/simulation.ts';
import { isSocketError, type UdpSocket } from '../../../src/kernel/socket/socket.ts';
import { formatAddress } from '../../../src/network/address.ts';
import { TextPayload } from '../../../src/workload/text-payload.ts';
import { onClock } from './observe.ts';
import type { PathRecording } from './recording.ts';
import { instant } from './world.ts';

type Received = [t: number, text: string, from: string][];

/** Receivers of one-way datagrams, which the recorder opens in pods; what they get is added as it comes. */
export function receive(
  recording: PathRecording,
  running: RunningWorld,
  simulation: Simulation,
): Map<string, Received> {
  const received = new Map<string, Received>();
  for (const [name, { pod, port }] of Object.entries(recording.receivers)) {
    const log: Received = [];
    received.set(name, log);
    const open = (): UdpSocket | undefined => {
      const socket = running.hosts.get(pod)?.udp({ owner: name, bind: { address: 0, port } });
      if (socket === undefined || isSocketError(socket)) return undefined;
      simulation.spawn(collect(socket, log, simulation));
      return socket;
    };
    let socket = open();
    for (const step of recording.steps) {
      if (step.pod_gone === pod) simulation.at(instant(step.at), () => socket?.close());
      if (step.pod_back === pod) simulation.at(instant(step.at), () => (socket = open()));
    }
  }
  return received;
}

function* collect(socket: UdpSocket, log: Received, simulation: Simulation): Process {
  for (;;) {
    const got = yield* socket.receive(Number.POSITIVE_INFINITY);
    if (got === timedOut || isSocketError(got) || !(got.payload instanceof TextPayload)) continue;
    log.push([onClock(simulation.now), got.payload.text, formatAddress(got.from.address)]);
  }
}
