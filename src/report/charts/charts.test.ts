import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { misplaced, validate } from '../../../test/support/drawings.ts';
import { type Micros, second } from '../../engine/time.ts';
import type { Journey, Step } from '../../trace/journey.ts';
import type { JudgedLookup } from '../../trace/lookup.ts';
import { drawJourney } from './journey-chart.ts';
import { vegaLite } from './layers.ts';
import { drawLookups, type LookupsChart } from './lookups-chart.ts';
import { renderSvg } from './svg.ts';

function lookup(start: Micros, verdict: JudgedLookup['verdict'], address: string, took = 1000): JudgedLookup {
  const failed = verdict === 'failed';
  return {
    workload: 'app',
    host: 'app',
    trace: 1,
    name: 'db.example.com',
    answeredName: 'db.example.com',
    start,
    end: start + took,
    result: failed ? 'EAI_AGAIN' : 'OK',
    addresses: failed ? [] : [address],
    verdict,
    staleSince: verdict === 'stale' ? 0 : undefined,
  };
}

const lookups = fc
  .array(
    fc.tuple(
      fc.constantFrom('right', 'stale', 'failed'),
      fc.constantFrom('10.0.0.1', '10.0.0.2', '192.168.100.200'),
      fc.constantFrom(1000, second, 5 * second),
    ),
    { maxLength: 60 },
  )
  .map((outcomes) => outcomes.map(([verdict, address, took], i) => lookup(i * second, verdict, address, took)));

const lookupsChart: fc.Arbitrary<LookupsChart> = fc.record({
  title: fc.string({ maxLength: 120 }),
  subtitle: fc.string({ maxLength: 90 }),
  until: fc.integer({ min: 61, max: 3600 }).map((s) => s * second),
  lanes: fc.array(
    fc
      .record({
        workload: fc.string({ minLength: 1, maxLength: 30 }),
        lookups,
        finding: fc.string({ maxLength: 150 }),
        findingAt: fc.integer({ min: 0, max: 60 }).map((s) => s * second),
      })
      .chain((lane) => fc.constantFrom(lane, { ...lane, finding: '', close: true })),
    { minLength: 1, maxLength: 5 },
  ),
  events: fc.array(
    fc.record({ at: fc.integer({ min: 0, max: 60 }).map((s) => s * second), label: fc.string({ maxLength: 80 }) }),
    { maxLength: 6 },
  ),
});

const lane = fc.integer({ min: 0, max: 4 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('message' as const),
    t: fc.integer({ min: 0, max: 10 * second }),
    from: fc.constantFrom(0, 1, 2),
    to: fc.constantFrom(3, 4),
    label: fc.string({ maxLength: 60 }),
    tone: fc.constantFrom('query', 'reply', 'lost'),
  }),
  fc.record({
    kind: fc.constant('note' as const),
    t: fc.integer({ min: 0, max: 10 * second }),
    lane,
    label: fc.string({ maxLength: 90 }),
    tone: fc.constantFrom('rewrite', 'hit', 'miss', 'source', 'trouble'),
  }),
);
const journey: fc.Arbitrary<Journey> = fc.record({
  lanes: fc.array(fc.string({ minLength: 1, maxLength: 40 }), { minLength: 5, maxLength: 5 }),
  sections: fc.array(
    fc.record({
      heading: fc.string({ maxLength: 150 }),
      start: fc.constant(0),
      steps: fc.array(step, { maxLength: 10 }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

describe('lookups over time', () => {
  it('places no label over another or outside the picture', () => {
    fc.assert(
      fc.property(lookupsChart, (chart) => {
        expect(misplaced(drawLookups(chart))).toEqual([]);
      }),
    );
  });

  it('is a valid Vega-Lite spec', () => {
    fc.assert(
      fc.property(lookupsChart, (chart) => {
        expect(validate(vegaLite(drawLookups(chart))) || validate.errors).toBe(true);
      }),
      { numRuns: 10 },
    );
  });

  it('draws one bar for lookups in a row with one outcome', () => {
    const bars = drawLookups(chartOf(['right', 'right', 'stale', 'stale', 'failed', 'right'])).boxes.filter((b) =>
      b.about.includes('lookup'),
    );
    expect(bars.map((b) => b.about)).toEqual([
      '0 s to 2 s: 10.0.0.1, right, 2 lookups',
      '2 s to 4 s: 10.0.0.1, stale, 2 lookups',
      '4 s to 5 s: EAI_AGAIN, failed, 1 lookup',
      '5 s to 6 s: 10.0.0.1, right, 1 lookup',
    ]);
  });

  it('has one unit, seconds, however long the run', () => {
    const { xAxis, xDomain } = drawLookups({ ...chartOf(['right']), until: 7200 * second });
    expect(xAxis?.title).toBe('time since the start of the run (seconds)');
    expect(xAxis?.values).toEqual([0, 600, 1200, 1800, 2400, 3000, 3600, 4200, 4800, 5400, 6000, 6600, 7200]);
    expect(xDomain).toEqual([0, 7200]);
  });

  it('has a colour for each of six answers, and one for all others', () => {
    const lookups = Array.from({ length: 9 }, (_, i) => lookup(i * second, 'right', `10.0.0.${i}`));
    const chart = chartOf(Array.from({ length: 9 }, () => 'right' as const));
    const { boxes, labels } = drawLookups({
      ...chart,
      lanes: [{ workload: 'app', lookups, finding: '', findingAt: 0 }],
    });
    const fills = boxes.filter(({ about }) => about.includes(': 10.0.0.')).map(({ fill }) => fill);
    expect(new Set(fills.slice(0, 6)).size).toBe(6);
    expect(fills.slice(6)).toEqual(['#a6adb5', '#a6adb5', '#a6adb5']);
    const shown = labels.map(({ text }) => text).filter((text) => text.includes('answer'));
    expect(shown).toEqual([0, 1, 2, 3, 4, 5].map((n) => `answer 10.0.0.${n}`).concat('3 other answers'));
  });

  it('has a line below the bar for those who waited a second or longer, one for waits that overlap', () => {
    const took = [0.9, 1, 5, 5, 0.5, 0.5, 0.5, 0.5, 0.5, 5];
    const lookups = took.map((seconds, i) => lookup(i * second, 'right', '10.0.0.1', seconds * second));
    const chart = chartOf(took.map(() => 'right' as const));
    const { lines } = drawLookups({
      ...chart,
      until: 15 * second,
      lanes: [{ workload: 'app', lookups, finding: '', findingAt: 0 }],
    });
    const [first, last] = lines.filter(({ width }) => width === 4);
    expect([first?.x, first?.x2, last?.x, last?.x2]).toEqual([1, 8, 9, 14]);
  });

  it('stays small with many lookups that alternate', async () => {
    const many = Array.from({ length: 10_000 }, (_, i) => (i % 2 === 0 ? ('right' as const) : ('stale' as const)));
    const svg = await renderSvg(vegaLite(drawLookups(chartOf(many))));
    expect(svg.length).toBeLessThan(200_000);
  });

  it('is the picture that vega-lite makes of its spec', async () => {
    const { compile } = await import('vega-lite');
    const vega = await import('vega');
    for (const outcomes of [['right'], ['right', 'stale', 'failed'], []] as const) {
      const chart = vegaLite({ ...drawLookups(chartOf(outcomes)), title: `${outcomes.length} lookups` });
      vega.resetSVGDefIds();
      const svg = await new vega.View(vega.parse(compile(chart).spec), { renderer: 'none' }).toSVG();
      expect((await renderSvg(chart)).replace(/ role="img" aria-label="[^"]*"/, '')).toBe(`${svg}\n`);
    }
  });

  it('comes out as the same bytes each time', async () => {
    const spec = () => vegaLite(drawLookups(chartOf(['right', 'stale', 'failed'])));
    expect(await renderSvg(spec())).toBe(await renderSvg(spec()));
  });
});

function chartOf(verdicts: readonly JudgedLookup['verdict'][]): LookupsChart {
  const lookups = verdicts.map((verdict, i) => lookup(i * second, verdict, '10.0.0.1'));
  return {
    title: 't',
    subtitle: 's',
    until: lookups.length * second,
    lanes: [{ workload: 'app', lookups, finding: '', findingAt: 0 }],
    events: [],
  };
}

describe('journey of one lookup', () => {
  it('places no label over another or outside the picture', () => {
    fc.assert(
      fc.property(journey, (way) => {
        expect(misplaced(drawJourney(way, 'title', 'subtitle'))).toEqual([]);
      }),
    );
  });

  it('is a valid Vega-Lite spec', () => {
    fc.assert(
      fc.property(journey, (way) => {
        expect(validate(vegaLite(drawJourney(way, 'title', 'subtitle'))) || validate.errors).toBe(true);
      }),
      { numRuns: 10 },
    );
  });
});
