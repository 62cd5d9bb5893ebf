import { lower } from '../../dns/name.ts';
import { type Micros, second } from '../../engine/time.ts';
import type { PassingOver } from './profile.ts';

interface Subject {
  readonly name: string;
  readonly type: string;
}

/** Questions that a server is not asked for a while, because it failed them (`Throttle` of PowerDNS's syncres.cc). */
export class PassedOver {
  readonly #questions = new Map<string, { until: number; left: number }>();

  /** Is it not to be asked this now? Asked so, it has one time less to be passed over. */
  has(question: Subject, now: Micros): boolean {
    const key = keyOf(question);
    const entry = this.#questions.get(key);
    if (entry === undefined) return false;
    if (Math.floor(now / second) > entry.until || entry.left === 0) {
      this.#questions.delete(key);
      return false;
    }
    entry.left--;
    return true;
  }

  add(question: Subject, { seconds, questions }: PassingOver, now: Micros): void {
    const before = this.#questions.get(keyOf(question)) ?? { until: 0, left: 0 };
    this.#questions.set(keyOf(question), {
      until: Math.max(before.until, Math.floor(now / second) + seconds),
      left: Math.max(before.left, questions),
    });
  }
}

const keyOf = ({ name, type }: Subject): string => `${lower(name)} ${type}`;
