import { type Micros, minute, second } from '../../engine/time.ts';

/** CrashLoopBackOff (pkg/kubelet/kubelet.go backOffPeriod, MaxContainerBackOff). */
const first = 10 * second;
const most = 5 * minute;

/** How long the kubelet waits before it starts a container again: not at all, then 10 s, doubled each time up to 300 s. */
export class BackOff {
  #pause: Micros = 0;
  #endedAt: Micros | undefined;

  /** The pause after an end; one that comes a long time after the last is a first one. */
  after(end: Micros): Micros {
    if (this.#endedAt !== undefined && end - this.#endedAt > 2 * most) this.#pause = 0;
    const pause = this.#pause;
    this.#pause = Math.min(most, Math.max(first, 2 * pause));
    this.#endedAt = end;
    return pause;
  }
}
