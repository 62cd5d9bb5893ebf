import type { Paint } from './paints.ts';
import { type Lane, placeOf } from './run.ts';

/** What a lane looks like, as SVG paths by look. */
export interface LanePaths {
  readonly fills: ReadonlyMap<string, string>;
  readonly hatch: string;
  readonly crosses: string;
  readonly latency: string;
}

export interface Strip {
  readonly from: number;
  readonly to: number;
  readonly width: number;
  /** Upper edge and height of the outcomes, and of the latencies below them. */
  readonly top: number;
  readonly height: number;
  readonly latencyTop: number;
  readonly latencyHeight: number;
}

/** Narrower lookups are drawn together, a column of pixels at a time. */
const narrow = 3;
/** Latencies are drawn from a tenth of a millisecond on, up to ten seconds. */
const decades = 5;

/** Draws the lookups of a stretch of time: a box each, or where there is no room for that the shares of each outcome. */
export function lanePaths(lane: Lane, shown: Uint8Array, paints: readonly Paint[], strip: Strip): LanePaths {
  const drawing = new Drawing(strip);
  const { from, to, width } = strip;
  const x = (t: number): number => ((t - from) / (to - from)) * width;
  const first = Math.max(0, placeOf(lane.start, from) - 1);
  let column = Number.NaN;
  let edge = 0;
  let shares = new Map<Paint, number>();
  const flush = (): void => {
    if (shares.size > 0) drawing.column(column, Math.max(1, Math.floor(edge) - column), shares);
    shares = new Map();
  };
  for (let i = first; i < lane.start.length; i++) {
    const start = lane.start[i] ?? 0;
    if (start > to) break;
    if (shown[i] !== 1) continue;
    const paint = paints[lane.outcome[i] ?? 0];
    if (paint === undefined) continue;
    const [left, right] = [
      Math.max(0, x(start)),
      Math.min(width, Math.max(x(endOf(lane, i)), x(start) + (isAlone(lane, i) ? 2 * narrow : 0))),
    ];
    drawing.latency(Math.max(0, x(start)), Math.min(width, x(start + (lane.latency[i] ?? 0))), lane.latency[i] ?? 0);
    if (right <= 0) continue;
    if (right - left >= narrow) drawing.box(left, right - 1, paint);
    else {
      const at = Math.floor(left);
      if (at !== column) flush();
      [column, edge] = [at, right];
      shares.set(paint, (shares.get(paint) ?? 0) + 1);
    }
  }
  flush();
  return drawing.paths();
}

/** When the next lookup began: until then this one's answer was used. The last lasts as long as the one before it did. */
function endOf({ start, latency }: Lane, index: number): number {
  const own = start[index] ?? 0;
  const next = start[index + 1];
  if (next !== undefined) return next;
  const before = start[index - 1];
  return Math.max(own + (latency[index] ?? 0), before === undefined ? 0 : own + (own - before));
}

/** The only one of its workload: seen however short it is. */
function isAlone({ start }: Lane, index: number): boolean {
  return index === 0 && start.length === 1;
}

class Drawing {
  readonly #strip: Strip;
  readonly #fills = new Map<string, string[]>();
  readonly #hatch: string[] = [];
  readonly #crosses: string[] = [];
  readonly #latency: string[] = [];
  #latencyColumn = -1;
  #latencyMost = 0;

  constructor(strip: Strip) {
    this.#strip = strip;
  }

  box(left: number, right: number, { fill, hatched }: Paint): void {
    const { top, height } = this.#strip;
    this.#add(fill, hatched, rectangle(left, top, Math.max(1, right - left), height));
    if (fill !== 'failed' || right - left < 7) return;
    const [middle, centre] = [(left + right) / 2, top + height / 2];
    const at = (dx: number, dy: number) => `${round(middle + dx)} ${round(centre + dy)}`;
    this.#crosses.push(`M${at(-3, -3)}L${at(3, 3)}M${at(-3, 3)}L${at(3, -3)}`);
  }

  /** Lookups that share a column of pixels, stacked by their number. */
  column(at: number, width: number, shares: ReadonlyMap<Paint, number>): void {
    const { top, height } = this.#strip;
    const total = [...shares.values()].reduce((sum, count) => sum + count, 0);
    let y = top;
    for (const [{ fill, hatched }, count] of shares) {
      const tall = (height * count) / total;
      this.#add(fill, hatched, rectangle(at, y, width, tall));
      y += tall;
    }
  }

  /** As wide as it took, and the higher the longer, by its order of magnitude. */
  latency(left: number, right: number, micros: number): void {
    const { latencyTop, latencyHeight } = this.#strip;
    const share = Math.max(0.05, Math.min(1, Math.round(Math.log10(Math.max(1, micros / 100)) * 100) / 100 / decades));
    const column = Math.floor(left);
    if (column === this.#latencyColumn && share <= this.#latencyMost && right - left < 1) return;
    [this.#latencyColumn, this.#latencyMost] = [column, share];
    const tall = share * latencyHeight;
    this.#latency.push(rectangle(left, latencyTop + latencyHeight - tall, Math.max(1, right - left), tall));
  }

  paths(): LanePaths {
    return {
      fills: new Map([...this.#fills].map(([fill, parts]) => [fill, parts.join('')])),
      hatch: this.#hatch.join(''),
      crosses: this.#crosses.join(''),
      latency: this.#latency.join(''),
    };
  }

  #add(fill: string, hatched: boolean, part: string): void {
    const parts = this.#fills.get(fill);
    if (parts === undefined) this.#fills.set(fill, [part]);
    else parts.push(part);
    if (hatched) this.#hatch.push(part);
  }
}

function rectangle(x: number, y: number, width: number, height: number): string {
  return `M${round(x)} ${round(y)}h${round(width)}v${round(height)}h${round(-width)}z`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
