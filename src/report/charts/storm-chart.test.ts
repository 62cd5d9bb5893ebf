import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { misplaced, validate } from '../../../test/support/drawings.ts';
import { millisecond, second } from '../../engine/time.ts';
import { vegaLite } from './layers.ts';
import { drawStorm, type Sent, type StormChart } from './storm-chart.ts';
import { renderSvg } from './svg.ts';

const sent: fc.Arbitrary<Sent> = fc.record({
  at: fc.integer({ min: 0, max: 10 * second }),
  outcome: fc.constantFrom('answered', 'cut', 'failed'),
});
const chart: fc.Arbitrary<StormChart> = fc.record({
  title: fc.string({ maxLength: 120 }),
  subtitle: fc.string({ maxLength: 90 }),
  until: fc.integer({ min: 10 * second, max: 1200 * second }),
  upstreams: fc.array(
    fc.record({
      name: fc.string({ maxLength: 40 }),
      to: fc.constantFrom('192.168.1.100:53', '10.0.0.1:5353'),
      attempts: fc.array(sent, { maxLength: 40 }),
      probes: fc.array(sent, { maxLength: 40 }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  probed: fc.array(fc.constantFrom('.', 'example.org.'), { maxLength: 2 }),
  events: fc.array(fc.record({ at: fc.integer({ min: 0, max: 10 * second }), label: fc.string({ maxLength: 80 }) }), {
    maxLength: 6,
  }),
});

const every = (outcome: Sent['outcome'], from: number, to: number, step: number): Sent[] =>
  Array.from({ length: (to - from) / step }, (_, n) => ({ at: from + n * step, outcome }));

/** 100 attempts a second fail for 5 s, 50 a second for 5 s more; the probes are answered. */
const storm: StormChart = {
  title: 'finding',
  subtitle: 'where',
  until: 10 * second,
  upstreams: [
    {
      name: 'dns-1',
      to: '192.168.1.100:53',
      attempts: [
        ...every('failed', 0, 5 * second, 10 * millisecond),
        ...every('failed', 5 * second, 10 * second, 20 * millisecond),
      ],
      probes: every('answered', 0, 10 * second, 10 * millisecond),
    },
  ],
  probed: ['example.org.'],
  events: [
    { at: 5 * second, label: 'earlier' },
    { at: 5 * second + 10, label: 'later' },
  ],
};

describe('attempts at upstreams', () => {
  it('places no label over another or outside the picture, and is a valid Vega-Lite spec', () => {
    fc.assert(
      fc.property(chart, (any) => {
        expect(misplaced(drawStorm(any))).toEqual([]);
      }),
    );
    fc.assert(
      fc.property(chart, (any) => {
        expect(validate(vegaLite(drawStorm(any))) || validate.errors).toBe(true);
      }),
      { numRuns: 10 },
    );
  });

  it('draws neighbours of one height as one bar', () => {
    expect(drawStorm(storm).bars?.map(({ about }) => about)).toEqual([
      '0 s to 5 s: 500 failed',
      '5 s to 10 s: 250 failed',
      '0 s to 10 s: 1000 answered',
    ]);
  });

  it('stacks what was cut and what failed on what was answered', () => {
    const attempts: Sent[] = [
      ...every('failed', 0, second, 20 * millisecond),
      ...every('answered', 0, second, 20 * millisecond),
      ...every('cut', 0, second, 500 * millisecond),
    ];
    const upstreams = [{ name: 'dns-1', to: '', attempts, probes: [] }];
    const bars = drawStorm({ ...storm, until: second, upstreams }).bars ?? [];
    const [answered, cut, failed] = bars;
    expect(bars.slice(0, 3).map(({ about }) => about.replace(/.*: /, ''))).toEqual(['2 answered', '1 cut', '2 failed']);
    expect([cut?.y2, failed?.y2]).toEqual([answered?.y, cut?.y]);
  });

  it('says in each row how many there were, of what and how they ended', () => {
    const words = drawStorm(storm).labels.map(({ text }) => text);
    expect(words).toContain('dns-1 192.168.1.100:53');
    expect(words).toContain('750 attempts, all failed');
    expect(words).toContain('1000 probes (NS? example.org.), all answered');
  });

  it('shows the earlier of two marks on one pixel above the later, with one rule for both in front of the bars', () => {
    const { labels, lines } = drawStorm(storm);
    const y = (text: string) => labels.find((label) => label.text.endsWith(text))?.y ?? Number.NaN;
    expect(y('earlier')).toBeLessThan(y('later'));
    expect(lines.filter(({ dash }) => dash.length > 0)).toHaveLength(1);
    const names = JSON.stringify(vegaLite(drawStorm(storm)));
    expect(names.indexOf('"rect"')).toBeLessThan(names.indexOf('"rule"'));
  });

  it('stays small, and tells those who do not see it what it shows', async () => {
    const svg = await renderSvg(vegaLite(drawStorm(storm)));
    expect(svg.length).toBeLessThan(60_000);
    expect(svg).toContain(
      'aria-label="finding. where. dns-1 192.168.1.100:53: 750 attempts, all failed; 1000 probes (NS? example.org.), all answered."',
    );
  });
});
