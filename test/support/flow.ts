import { second } from '../../src/engine/time.ts';
import type { Flow, FlowStep } from '../../src/trace/flows.ts';

/** A packet of a flow at a time in seconds, after which its entry has so many left. */
export function step(t: number, kind: FlowStep['kind'], seconds = 30, state: Partial<FlowStep> = {}): FlowStep {
  const plain = { seq: t, trace: t, reply: false, seenReply: false, assured: false };
  return { ...plain, t: t * second, kind, expires: (t + seconds) * second, ...state };
}

/** An entry without DNAT, of a client that keeps its port. */
export function flow(born: number, steps: readonly FlowStep[], more: Partial<Flow> = {}): Flow {
  return {
    host: 'node-1',
    protocol: 'udp',
    source: '10.42.0.33:52421',
    destination: '10.43.0.10:53',
    replySource: '10.43.0.10:53',
    replyDestination: '172.20.112.199:42285',
    born: born * second,
    trace: born,
    steps,
    ended: undefined,
    endedBy: '',
    service: '10.43.0.10',
    astray: true,
    leftAt: undefined,
    ...more,
  };
}
