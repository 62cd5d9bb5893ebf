import type { Micros } from '../../engine/time.ts';
import { type Flow, type FlowStep, misledBy, refreshesOf } from '../../trace/flows.ts';
import { counted, inSeconds, instant } from '../../trace/words.ts';
import { backdrop, label, placeEvents, small, type TimeChart } from './event-rules.ts';
import type { Box, Drawing, Label, Line, Mark } from './layers.ts';
import { chartWidth, cutText, textWidth } from './layout.ts';
import { ink } from './palette.ts';
import { axisRoom, overTime, type Scale, toPixels, toTime } from './scale.ts';

export interface FlowsChart extends TimeChart {
  readonly flows: readonly Flow[];
}

const left = 20;
const right = 20;
const row = 100;
const barTop = 34;
const barHeight = 48;
const answeredFill = '#bfe3f5';
const astrayFill = '#f4b08a';
/** At most, of a bar between two packets. */
const slices = 12;

type Draft = { bars: Box[]; boxes: Box[]; lines: Line[]; marks: Mark[]; labels: Label[] };

/** Lives of conntrack entries: a bar each, as high as the time it has left, a tick for each packet that renewed it. */
export function drawFlows(chart: FlowsChart): Drawing {
  const width = chartWidth - left - right;
  const scale: Scale = { until: chart.until, width };
  const events = placeEvents(chart.events, scale);
  const top = events.height + 10;
  const axisY = top + chart.flows.length * row;
  const most = Math.max(1, ...chart.flows.flatMap(({ steps }) => steps.map(({ t, expires }) => expires - t)));
  const draft: Draft = { bars: [], boxes: [], lines: [], marks: [], labels: [] };
  for (const [index, flow] of chart.flows.entries()) drawFlow(flow, top + index * row, most, scale, draft);
  const legendY = axisY + axisRoom + 12;
  drawLegend(chart.flows, scale, legendY, most, draft);
  return {
    title: chart.title,
    subtitle: chart.subtitle,
    width,
    height: legendY + 32,
    left,
    right,
    bottom: 14,
    ...overTime(
      {
        bars: draft.bars,
        boxes: [...events.boxes, ...draft.boxes],
        lines: [...events.lines(axisY), ...draft.lines],
        marks: draft.marks,
        labels: [...events.labels, ...draft.labels],
      },
      { until: chart.until, y: axisY, since: 'run' },
    ),
  };
}

/** The saw-tooth of the time that it has left; packets closer than a pixel are drawn as one. */
function drawFlow(flow: Flow, top: number, most: Micros, scale: Scale, draft: Draft): void {
  const bottom = top + barTop + barHeight;
  const end = flow.ended ?? scale.until;
  const tallOf = (span: Micros): number => (barHeight * span) / most;
  const pixel = toTime(scale, 1);
  const steps = flow.steps.filter((step, index) => {
    const next = flow.steps[index + 1];
    return step.kind === 'birth' || next === undefined || next.t - step.t >= pixel;
  });
  let shown: Micros | undefined;
  for (const [index, step] of steps.entries()) {
    drawTooth(flow, step, Math.min(steps[index + 1]?.t ?? end, end), bottom, tallOf, scale, draft);
    const full = step.expires - step.t;
    if (full !== shown) {
      const at = step.t + toTime(scale, 4);
      draft.labels.push(label(at, bottom - Math.max(7, tallOf(full) / 2), inSeconds(full), { size: 10 }));
      shown = full;
    }
  }
  drawTicks(flow, bottom, pixel, draft);
  drawWords(flow, top, scale, draft);
}

function drawTicks(flow: Flow, bottom: number, pixel: Micros, draft: Draft): void {
  let drawn = Number.NEGATIVE_INFINITY;
  for (const { t, kind, reply } of flow.steps) {
    if (reply || t - drawn < pixel) continue;
    const born = kind === 'birth';
    const y2 = bottom + (born ? 9 : 6);
    draft.lines.push({ x: t, x2: t, y: bottom, y2, stroke: ink.text, width: born ? 2 : 1, dash: [] });
    drawn = t;
  }
}

/** From one packet to the next, in slices two pixels wide. */
function drawTooth(
  flow: Flow,
  { t, expires, seenReply, assured }: FlowStep,
  next: Micros,
  bottom: number,
  tallOf: (span: Micros) => number,
  scale: Scale,
  draft: Draft,
): void {
  const count = Math.max(1, Math.min(slices, Math.ceil(toPixels(scale, next - t) / 2)));
  const about = `${instant(t)}: ${inSeconds(expires - t)}${seenReply ? '' : ' [UNREPLIED]'}${assured ? ' [ASSURED]' : ''}`;
  for (let slice = 0; slice < count; slice++) {
    const x = t + ((next - t) * slice) / count;
    const x2 = t + ((next - t) * (slice + 1)) / count;
    if (expires <= x || x2 <= x) continue;
    const fill = leadsNowhere(flow, x) ? astrayFill : seenReply ? answeredFill : ink.box;
    draft.bars.push({ x, x2, y: bottom - tallOf(expires - x), y2: bottom, fill, outline: fill, about });
  }
}

/** Does what meets the entry at an instant go where nobody is? */
function leadsNowhere({ astray, leftAt }: Flow, at: Micros): boolean {
  return astray || (leftAt !== undefined && at >= leftAt);
}

/** Above the bar: what the entry is, and what became of it. */
function drawWords(flow: Flow, top: number, scale: Scale, draft: Draft): void {
  const last = flow.steps.at(-1);
  const state = last?.assured ? '[ASSURED]' : last?.seenReply ? 'answered' : '[UNREPLIED]';
  const renewed = refreshesOf(flow).length;
  const stuck = flow.astray && renewed > 0 ? 'stuck: ' : '';
  const ending = flow.ended === undefined ? 'alive at the end' : `${flow.endedBy} at ${instant(flow.ended)}`;
  const lines = [
    { text: `${stuck}reply ${flow.replySource} → ${flow.replyDestination} ${state}`, bold: true },
    {
      text: `born at ${instant(flow.born)}, timer set again by ${counted(renewed, 'packet')}, ${ending}`,
      bold: false,
    },
  ];
  const widest = Math.max(...lines.map(({ text, bold }) => textWidth(text, small, bold)));
  const from = Math.max(0, Math.min(toPixels(scale, flow.born), scale.width - widest));
  for (const [index, { text, bold }] of lines.entries()) {
    const shown = cutText(text, scale.width, small, bold);
    const y = top + 8 + index * 15;
    const to = Math.min(scale.width, from + textWidth(shown, small, bold) + 2);
    draft.boxes.push(backdrop(toTime(scale, from - 2), toTime(scale, to), y, text));
    draft.labels.push(label(toTime(scale, from), y, shown, { bold }));
  }
}

function drawLegend(flows: readonly Flow[], scale: Scale, y: number, most: Micros, draft: Draft): void {
  const items = [
    { text: 'answers come from an end point', fill: answeredFill, shown: flows.some(({ astray }) => !astray) },
    { text: 'born without DNAT: leads nowhere', fill: astrayFill, shown: flows.some(({ astray }) => astray) },
    {
      text: 'its end point has left the Service',
      fill: astrayFill,
      shown: flows.some((flow) => misledBy(flow).length > 0),
    },
  ].filter(({ shown }) => shown);
  let x = 0;
  for (const { text, fill } of items) {
    const [from, to] = [toTime(scale, x), toTime(scale, x + 20)];
    draft.boxes.push({ x: from, x2: to, y: y - 6, y2: y + 6, fill, outline: fill, about: text });
    draft.labels.push(label(toTime(scale, x + 26), y, text));
    x += 26 + textWidth(text, small) + 16;
  }
  const text = `height of a bar: time left of ${inSeconds(most)} at most; ticks: packets of the client`;
  draft.labels.push(label(0, y + 20, text, { fill: ink.quiet }));
}
