import { civilOf, day, daysBefore, digits } from '../engine/calendar.ts';
import { type Micros, minute, second } from '../engine/time.ts';

/** An instant as a clock on a wall shows it. */
export interface WallTime {
  /** Microseconds from 1970-01-01T00:00:00Z. */
  readonly epoch: Micros;
  /** What the clock is ahead of UTC. */
  readonly ahead: Micros;
}

const hour = 60 * minute;
const written = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(Z|[+-]\d\d:\d\d)$/;

/** `2024-05-01T02:00:00Z`, `2024-05-01T11:16:22.5+08:00`; undefined for anything else, such as a day that there is not. */
export function parseWallTime(text: string): WallTime | undefined {
  const match = written.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, date = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1, 7).map(Number);
  const days = daysBefore(year, month, date);
  const civil = civilOf(days);
  const ahead = aheadOf(match[8] ?? 'Z');
  if (civil.month !== month || civil.date !== date || hours > 23 || minutes > 59 || seconds > 59) return undefined;
  if (ahead === undefined) return undefined;
  const micros = Number((match[7] ?? '').padEnd(6, '0'));
  return { epoch: days * day + hours * hour + minutes * minute + seconds * second + micros - ahead, ahead };
}

function aheadOf(zone: string): Micros | undefined {
  if (zone === 'Z') return 0;
  const [hours = 0, minutes = 0] = zone.slice(1).split(':').map(Number);
  if (hours > 14 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * hour + minutes * minute);
}

/** Times of a run as the tools on its machines print them: on the incident's own clock, or from 0 where none is given. */
export class WallClock {
  readonly #start: WallTime | undefined;

  constructor(start: WallTime | undefined) {
    this.#start = start;
  }

  /** Is there a clock of the incident's own? */
  get isSet(): boolean {
    return this.#start !== undefined;
  }

  /** The time of the run at which this clock shows `11:16:23.5`, or a whole date; undefined: no such text, or no clock. */
  timeOf(text: string): Micros | undefined {
    if (this.#start === undefined) return undefined;
    const whole = parseWallTime(text);
    if (whole !== undefined) return whole.epoch - this.#start.epoch;
    const [, hours, minutes, seconds, fraction = ''] = /^(\d\d?):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?$/.exec(text) ?? [];
    if (hours === undefined) return undefined;
    const ofDay = Number(hours) * hour + Number(minutes) * minute + Number(seconds ?? 0) * second;
    const since = ofDay + Number(fraction.padEnd(6, '0')) - (this.#local(0) % day);
    return since < 0 ? since + day : since;
  }

  /** Seconds from 1970, as `conntrack -o timestamp` prints them: `1714528800.000025`. */
  epoch(t: Micros): string {
    const micros = (this.#start?.epoch ?? 0) + t;
    return `${Math.floor(micros / second)}.${digits(micros % second, 6)}`;
  }

  /** As tcpdump prints it: `11:16:23.111282`. Without a clock hours go on counting. */
  timeOfDay(t: Micros): string {
    const micros = this.#start === undefined ? t : this.#local(t) % day;
    const whole = Math.floor(micros / second);
    const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60].map((part) => digits(part, 2));
    return `${parts.join(':')}.${digits(micros % second, 6)}`;
  }

  /** As `kubectl logs --timestamps` prints it: `2024-05-01T02:00:00.000025000Z`. */
  stamp(t: Micros): string {
    const { ahead } = this.#start ?? { ahead: 0 };
    const { year, month, date } = civilOf(Math.floor(this.#local(t) / day));
    const minutes = Math.abs(ahead) / minute;
    const zone = `${ahead < 0 ? '-' : '+'}${digits(Math.floor(minutes / 60), 2)}:${digits(minutes % 60, 2)}`;
    const named = `${digits(year, 4)}-${digits(month, 2)}-${digits(date, 2)}T${this.timeOfDay(t)}000`;
    return `${named}${ahead === 0 ? 'Z' : zone}`;
  }

  /** For a reader: `2024-05-01T02:00:00Z`, `2020-03-02T11:16:22.111207Z`. */
  words(t: Micros): string {
    return this.stamp(t).replace(/\.?0+(?=Z|[+-]\d\d:)/, '');
  }

  #local(t: Micros): Micros {
    const { epoch, ahead } = this.#start ?? { epoch: 0, ahead: 0 };
    return epoch + ahead + t;
  }
}
