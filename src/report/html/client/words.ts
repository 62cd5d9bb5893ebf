const second = 1_000_000;

/** `60 s`, `88.1 s`, `0.004 s`; `digits`: after the point, at most. */
export function seconds(micros: number, digits = Math.abs(micros) < second / 20 && micros !== 0 ? 3 : 1): string {
  return `${trimmed((micros / second).toFixed(digits))} s`;
}

/** The time of day that long after another: `11:16:23.111`. */
export function timeOfDay(ofDay: number, micros: number): string {
  const whole = Math.floor((ofDay + micros) / 1000) % 86_400_000;
  const part = (value: number, digits = 2) => String(Math.floor(value)).padStart(digits, '0');
  const [hours, minutes] = [part(whole / 3_600_000), part((whole / 60_000) % 60)];
  return `${hours}:${minutes}:${part((whole / 1000) % 60)}.${part(whole % 1000, 3)}`;
}

/** A latency: `0.4 ms`, `12 ms`, `5.01 s`. */
export function latency(micros: number): string {
  if (micros >= second) return `${trimmed((micros / second).toFixed(2))} s`;
  const ms = micros / 1000;
  return `${trimmed(ms.toFixed(ms >= 10 ? 0 : ms >= 1 ? 1 : 2))} ms`;
}

/** From the start of a lookup: `+0.4 ms`, `+5.01 s`; before it: `75 s before`. */
export function sinceStart(micros: number): string {
  return micros < 0
    ? `${seconds(-micros)} before`
    : `+${micros >= second ? latency(micros) : `${(micros / 1000).toFixed(2)} ms`}`;
}

function trimmed(fixed: string): string {
  return fixed.includes('.') ? fixed.replace(/\.?0+$/, '') : fixed;
}

export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${count === 1 ? noun : `${noun}s`}`;
}

/** `100 000` with narrow blanks; four digits stay together. */
export function grouped(count: number): string {
  return count < 10_000 ? String(count) : String(count).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}
