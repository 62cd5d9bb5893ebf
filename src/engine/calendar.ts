import { type Micros, minute, second } from './time.ts';

export const day: Micros = 24 * 60 * minute;

/** Days from 1970-01-01 to a date of the Gregorian calendar; years begin in March, so that leap days end them. */
export function daysBefore(year: number, month: number, date: number): number {
  const y = month <= 2 ? year - 1 : year;
  const leapDays = Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
  const daysOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + date - 1;
  return 365 * y + leapDays + daysOfYear - 719_468;
}

interface Civil {
  readonly year: number;
  readonly month: number;
  readonly date: number;
}

export function civilOf(days: number): Civil {
  let year = 1970 + Math.floor(days / 366);
  while (daysBefore(year + 1, 1, 1) <= days) year++;
  let month = 1;
  while (month < 12 && daysBefore(year, month + 1, 1) <= days) month++;
  return { year, month, date: days - daysBefore(year, month, 1) + 1 };
}

export const digits = (value: number, count: number): string => String(value).padStart(count, '0');

/** `2024-05-01T02:00:00Z`, of microseconds from 1970-01-01T00:00:00Z. */
export function formatUtc(epoch: Micros): string {
  const { year, month, date } = civilOf(Math.floor(epoch / day));
  const seconds = Math.floor((((epoch % day) + day) % day) / second);
  const time = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const named = [digits(year, 4), digits(month, 2), digits(date, 2)].join('-');
  return `${named}T${time.map((part) => digits(part, 2)).join(':')}Z`;
}
