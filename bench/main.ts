// npm run bench: the figures that DESIGN promises, all in one run. `--smoke`: few rounds, and no figure is held to its limit.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { table } from '../src/report/terminal.ts';
import { CachedNames, longCorefile, parse } from './cache-model.ts';
import { comparison, singleRun } from './compare-model.ts';
import { FilledTable } from './conntrack-model.ts';
import { type Figure, holds, node, shortest, usedMemory } from './measure.ts';
import { BusyNode } from './node-model.ts';
import { standardPath } from './path-model.ts';
import { bareLoop, engineLoop } from './queue-model.ts';
import type { ScaleRun } from './scale.ts';
import { storm } from './storm-model.ts';

const smoke = process.argv.includes('--smoke');
const rounds = smoke ? 2 : 12;

function engine(): Figure[] {
  const customers = 100_000;
  let events = 0;
  const [bare = 0, traced = 0] = shortest(rounds, [
    () => {
      events = bareLoop(customers);
    },
    () => {
      engineLoop(customers);
    },
  ]);
  const perSecond = (milliseconds: number): number => events / milliseconds / 1000;
  return [
    { name: 'M/M/1, bare loop of heap and generators', value: perSecond(bare), unit: 'M events/s' },
    { name: 'M/M/1, engine with full trace', value: perSecond(traced), unit: 'M events/s' },
    { name: 'engine : bare loop', value: bare / traced, unit: '', limit: { least: 1 / 3 } },
  ];
}

function path(): Figure[] {
  let done = { lookups: 0, packets: 0 };
  const [best = 0] = shortest(smoke ? 1 : 5, [
    () => {
      done = standardPath();
    },
  ]);
  return [
    { name: 'lookups on the standard path', value: (done.lookups / best) * 1000, unit: '1/s' },
    { name: 'packets sent between hosts meanwhile', value: (done.packets / best) * 1000, unit: '1/s' },
  ];
}

function rules(): Figure[] {
  const packets = smoke ? 2000 : 20_000;
  const counts = [100, 1000, 10_000];
  const nodes = counts.map((count) => new BusyNode(smoke ? count / 10 : count));
  const known = shortest(
    smoke ? 1 : 6,
    nodes.map((busy) => () => busy.known(packets)),
  );
  const fresh = shortest(
    smoke ? 1 : 6,
    nodes.map((busy) => () => busy.fresh(packets)),
  );
  const syncs = shortest(
    smoke ? 1 : 3,
    nodes.map((busy) => () => busy.sync()),
  );
  const perSecond = (what: string, times: readonly number[]): Figure[] =>
    times.map((time, i) => ({
      name: `packets of ${what} flows, ${counts[i]?.toLocaleString('en')} Services`,
      value: (packets / time) * 1000,
      unit: '1/s',
    }));
  const growth = ([few = 0, , many = 0]: readonly number[]): number => many / few;
  return [
    ...perSecond('known', known),
    { name: 'known flows, time with 10,000 : with 100', value: growth(known), unit: '', limit: { most: 1.5 } },
    ...perSecond('new', fresh),
    { name: 'new flows, time with 10,000 : with 100', value: growth(fresh), unit: '', limit: { most: 3 } },
    { name: 'kube-proxy writes 10,000 Services anew', value: syncs[2] ?? 0, unit: 'ms' },
  ];
}

/** Entries of conntrack's table: what one takes, and how long a packet looks for its own. */
function tracking(): Figure[] {
  const lookups = smoke ? 20_000 : 400_000;
  const sizes = smoke ? [1000, 10_000] : [1000, 100_000, 1_000_000];
  const tables = sizes.map((entries) => new FilledTable(entries, lookups));
  const times = shortest(
    smoke ? 1 : 5,
    tables.map((table) => () => table.lookUp()),
  );
  const largest = tables.at(-1)?.octetsPerEntry ?? 0;
  const name = (size: number | undefined) => `${size?.toLocaleString('en')} conntrack entries`;
  return [
    { name: `memory per entry of ${name(sizes.at(-1))}`, value: largest, unit: 'octets', limit: { most: 250 } },
    ...times.map((time, i) => ({
      name: `a lookup among ${name(sizes[i])}`,
      value: (time / lookups) * 1e6,
      unit: 'ns',
    })),
  ];
}

function retries(): Figure[] {
  let queries = 0;
  const [best = 0] = shortest(smoke ? 1 : 5, [
    () => {
      queries = storm();
    },
  ]);
  return [{ name: 'storm: 100,000 upstream queries, counted only', value: (best / queries) * 100, unit: 's' }];
}

function caching(): Figure[] {
  const many = smoke ? 20_000 : 1_000_000;
  const [few, lots] = [new CachedNames(1000), new CachedNames(many)];
  few.ask(1000);
  const before = usedMemory();
  lots.ask(many);
  const octets = (usedMemory() - before) / many;
  const queries = smoke ? 20_000 : 200_000;
  const times = shortest(smoke ? 1 : 3, [() => few.ask(queries), () => lots.ask(queries)]);
  const [small = 0, large = 0] = times.map((time) => (queries / time) * 1000);
  const text = longCorefile(5000);
  const [parsing = 0] = shortest(rounds, [() => parse(text)]);
  return [
    { name: 'queries through cache and forward, 1,000 names', value: small, unit: '1/s' },
    { name: `the same, ${many.toLocaleString('en')} names`, value: large, unit: '1/s' },
    { name: 'memory per cached name', value: octets, unit: 'octets' },
    { name: 'a Corefile of 5,000 lines parsed', value: parsing, unit: 'ms', limit: { most: 100 } },
  ];
}

function comparing(): Figure[] {
  const [single = 0, both = 0] = shortest(rounds, [singleRun, comparison]);
  return [{ name: 'a comparison : a single run', value: both / single, unit: '', limit: { most: 2.2 } }];
}

function memory(): Figure[] {
  // Left to itself V8 takes more room for what is new the longer it runs.
  const room = '--max-semi-space-size=8';
  const few = smoke ? 20_000 : 400_000;
  const [less = 0, more = 0] = [few, 4 * few].map((customers) =>
    Number(node(room, fileURLToPath(new URL('./streaming.js', import.meta.url)), String(customers))),
  );
  return [
    { name: `memory when ${(8 * few) / 1000}k records are streamed`, value: more / 1024, unit: 'MiB' },
    { name: 'of that for a quarter of them', value: less / 1024, unit: 'MiB' },
    { name: 'growth', value: more / less, unit: '', limit: { most: 1.2 } },
  ];
}

/** Most of what a lookup makes is gone before the next: with room for more of it fewer objects are moved; what was moved all the same goes before the heap has doubled. */
const heap = ['--min-semi-space-size=256', '--max-semi-space-size=256', '--max-old-space-size=1200'];

/** Ten thousand pods for a minute; a hundred for as many lookups as a tenth of that. */
function scale(): Figure[] {
  const run = (pods: number, seconds: number): ScaleRun =>
    JSON.parse(node(...heap, fileURLToPath(new URL('./scale.js', import.meta.url)), String(pods), String(seconds)));
  const pods = smoke ? 1000 : 10_000;
  const [few, many] = [run(100, pods / 20), run(pods, 60)];
  const each = ({ running, lookups }: ScaleRun): number => (running / lookups) * 1e6;
  const limit = smoke ? {} : { limit: { most: 60 } };
  let events = 0;
  const [bare = 0] = shortest(3, [
    () => {
      events = bareLoop(100_000);
    },
  ]);
  const bareEvent = (bare / events) * 1000;
  const name = `${pods.toLocaleString('en')} pods for 60 s`;
  return [
    {
      name: `${name}, ${Math.round(many.hits * 1000) / 10} % hits`,
      value: many.building + many.running,
      unit: 's',
      ...limit,
    },
    { name: 'of that to build them', value: many.building, unit: 's' },
    { name: 'memory', value: many.memory / 2 ** 20, unit: 'MiB', limit: { most: 2048 } },
    { name: 'a lookup of A and AAAA : an event of the bare loop', value: each(many) / bareEvent, unit: '' },
    {
      name: `a lookup among ${pods.toLocaleString('en')} pods : among 100`,
      value: each(many) / each(few),
      unit: '',
      limit: { most: 1.5 },
    },
  ];
}

/** A run of 512 lookups and a storm of 4300 queries are beyond the limit: they are told, and not held to it. */
const bundled = [
  { scenario: 'a-record-failover-direct', limit: { most: 8 } },
  { scenario: 'pod-restart-fixed-port', limit: { most: 8 } },
  { scenario: 'a-record-failover' },
  { scenario: 'udp-truncation' },
] as const;

function commandLine(): Figure[] {
  const place = mkdtempSync(join(tmpdir(), 'dnspath-bench-'));
  const cli = 'dist/cli/main.js';
  const run = (scenario: string): string[] => [
    cli,
    'run',
    `scenarios/${scenario}`,
    '--quiet',
    '--out',
    join(place, 'out'),
  ];
  const drawn = 'a-record-failover';
  try {
    const [bare = 0, help = 0, charts = 0, ...plain] = shortest(rounds, [
      () => node('-e', '0'),
      () => node(cli, '--help'),
      () => node(...run(drawn)),
      ...bundled.map(
        ({ scenario }) =>
          () =>
            node(...run(scenario), '--no-charts'),
      ),
    ]);
    const withoutCharts = (name: string): number => plain[bundled.findIndex(({ scenario }) => scenario === name)] ?? 0;
    return [
      { name: 'node -e 0', value: bare, unit: 'ms' },
      { name: 'dnspath --help : node -e 0', value: help / bare, unit: '', limit: { most: 3.5 } },
      ...bundled.map(({ scenario, ...limit }) => {
        return {
          name: `${scenario} without charts : node -e 0`,
          value: withoutCharts(scenario) / bare,
          unit: '',
          ...limit,
        };
      }),
      { name: `charts of ${drawn}`, value: charts - withoutCharts(drawn), unit: 'ms', limit: { most: 1000 } },
    ];
  } finally {
    rmSync(place, { recursive: true });
  }
}

function limitOf({ limit }: Figure): string {
  if (limit?.least !== undefined) return `at least ${limit.least.toPrecision(2)}`;
  return limit?.most === undefined ? '' : `at most ${limit.most}`;
}

const figures = [engine, path, rules, tracking, retries, caching, comparing, memory, scale, commandLine].flatMap(
  (part) => part(),
);
const rows = figures.map((figure) => {
  const verdict = figure.limit === undefined ? '' : holds(figure) ? 'ok' : 'MISSED';
  return [figure.name, figure.value.toPrecision(3), figure.unit, limitOf(figure), verdict];
});
console.log(table([['figure', 'value', 'unit', 'limit', ''], ...rows]).join('\n'));
writeFileSync('bench/latest.json', `${JSON.stringify({ node: process.version, figures }, null, 2)}\n`);
console.log('written to bench/latest.json');
if (!smoke && !figures.every(holds)) process.exitCode = 1;
