import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { misplaced, validate } from '../../../test/support/drawings.ts';
import { flow, step } from '../../../test/support/flow.ts';
import { second } from '../../engine/time.ts';
import { drawFlows, type FlowsChart } from './flows-chart.ts';
import { vegaLite } from './layers.ts';

const stuck = flow(65, [step(65, 'birth'), step(70, 'refresh'), step(75, 'refresh')]);
const healthy = flow(
  0,
  [
    step(0, 'birth'),
    step(1, 'change', 30, { reply: true, seenReply: true }),
    step(5, 'change', 120, { seenReply: true, assured: true }),
  ],
  { astray: false, leftAt: undefined, replySource: '172.20.112.199:53', ended: 60 * second, endedBy: 'deleted' },
);
const chart: FlowsChart = {
  title: 'finding',
  subtitle: 'whose',
  until: 100 * second,
  flows: [healthy, stuck],
  events: [{ at: 61 * second, label: 'CoreDNS pod deleted' }],
};

const anyFlow = fc
  .tuple(fc.integer({ min: 0, max: 170 }), fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 30 }), fc.boolean())
  .map(([born, gaps, astray]) => {
    let t = born;
    const refreshes = gaps.map((gap) => {
      t += gap;
      return step(t, 'refresh');
    });
    return flow(born, [step(born, 'birth'), ...refreshes], { astray });
  });
const anyChart: fc.Arbitrary<FlowsChart> = fc.record({
  title: fc.string({ maxLength: 120 }),
  subtitle: fc.string({ maxLength: 90 }),
  until: fc.integer({ min: 500, max: 4000 }).map((s) => s * second),
  flows: fc.array(anyFlow, { minLength: 1, maxLength: 4 }),
  events: fc.array(
    fc.record({ at: fc.integer({ min: 0, max: 400 }).map((s) => s * second), label: fc.string({ maxLength: 80 }) }),
    { maxLength: 5 },
  ),
});

describe('lives of conntrack entries', () => {
  it('is a valid Vega-Lite spec', () => {
    fc.assert(
      fc.property(anyChart, (any) => {
        expect(validate(vegaLite(drawFlows(any))) || validate.errors).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it('places no label of a plain case over another or outside the picture', () => {
    expect(misplaced(drawFlows(chart))).toEqual([]);
  });

  it('says what each entry is, how often its timer was set again and what ended it', () => {
    const words = drawFlows(chart).labels.map(({ text }) => text);
    expect(words).toContain('reply 172.20.112.199:53 → 172.20.112.199:42285 [ASSURED]');
    expect(words).toContain('stuck: reply 10.43.0.10:53 → 172.20.112.199:42285 [UNREPLIED]');
    expect(words).toContain('born at 65 s, timer set again by 2 packets, alive at the end');
    expect(words).toContain('born at 0 s, timer set again by 1 packet, deleted at 60 s');
  });

  it('is as high as the time that is left: 30 s at first, 120 s once assured', () => {
    const teeth = (drawFlows(chart).bars ?? []).filter(({ x }) => x < 60);
    const heights = (from: number, to: number) =>
      teeth.filter(({ x }) => x >= from && x < to).map(({ y, y2 }) => Math.round(y2 - y));
    expect(Math.max(...heights(0, 5))).toBe(12);
    expect(Math.max(...heights(5, 60))).toBe(48);
  });

  it('has a tick for each packet of the client, none for those that came back', () => {
    const ticks = drawFlows(chart).lines.filter(({ dash }) => dash.length === 0);
    expect(ticks.map(({ x }) => x)).toEqual([0, 5, 65, 70, 75]);
  });
});
