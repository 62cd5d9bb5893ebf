import { describe, expect, test } from 'vitest';
import { noOptions } from '../../test/support/selection.ts';
import { disk } from '../cli/disk.ts';
import { loadScenario } from '../scenario/load.ts';
import { explain, type Selection } from './explain.ts';
import { run } from './run.ts';

const finished = run(loadScenario('scenarios/pod-restart-fixed-port', disk));
const explained = (selection: Partial<Selection>) => explain(finished, { ...noOptions, ...selection });
const told = (selection: Partial<Selection>) =>
  explained(selection).stories.map(({ kind, cause, lookups }) => {
    return `${kind} ${cause}: ${lookups.length} from ${lookups[0]?.id}`;
  });
const wrong = [
  'failed coredns-stopped: 1 from shop-redis/30',
  'failed no-ready-endpoint: 1 from shop-redis/31',
  'failed no-rule-gap: 1 from orders-redis/13',
  'failed stuck-conntrack-entry: 21 from orders-redis/14',
];

describe('explain chooses', () => {
  test('what went wrong, by cause, where nothing is asked for', () => expect(told({})).toEqual(wrong));

  test('failures, and those of one workload', () => {
    expect(told({ failures: true })).toEqual(wrong);
    expect(told({ failures: true, workload: 'shop-redis' })).toEqual(wrong.slice(0, 2));
  });

  test('what is not as the scenario expects, where nothing else is wrong', () => {
    const lines = [
      'duration=9s',
      'events=[]',
      'lesson=[]',
      'expect=[{ workload: shop-redis, from: 4s, answers: [10.9.9.9] }]',
    ];
    const changes = [{ kind: 'settings' as const, file: '--set', lines }];
    const short = run(loadScenario('scenarios/pod-restart-fixed-port', disk, { changes }));
    const { stories } = explain(short, noOptions);
    expect(stories.map(({ kind, lookups }) => [kind, lookups[0]?.id])).toEqual([['unexpected', 'shop-redis/2']]);
  });

  test('nothing where there is nothing of a kind', () => expect(told({ stale: true })).toEqual([]));

  test('lookups by their names, of one workload by the number alone', () => {
    expect(told({ lookups: ['shop-redis/31', 'orders-redis/13'] })).toEqual([
      'asked no-ready-endpoint: 1 from shop-redis/31',
      'asked no-rule-gap: 1 from orders-redis/13',
    ]);
    expect(told({ lookups: ['31'], workload: 'shop-redis' })).toEqual([
      'asked no-ready-endpoint: 1 from shop-redis/31',
    ]);
  });

  test.each([
    ['67s', 'orders-redis/13'],
    ['64', 'orders-redis/12'],
    ['1m7s', 'orders-redis/13'],
    ['0', 'orders-redis/0'],
  ])('the lookup under way at %s, or the last before, or the first', (at, id) => {
    const { stories } = explained({ workload: 'orders-redis', at });
    expect(stories.map(({ lookups }) => lookups[0]?.id)).toEqual([id]);
  });

  test('one of each workload at a time', () => {
    expect(explained({ at: '67s' }).stories.map(({ lookups }) => lookups[0]?.id)).toEqual([
      'orders-redis/13',
      'shop-redis/32',
    ]);
  });

  test('the slowest', () => {
    expect(told({ slowest: 2 })).toEqual([
      'slow no-rule-gap: 1 from orders-redis/13',
      'slow stuck-conntrack-entry: 1 from orders-redis/14',
    ]);
  });
});

describe('explain refuses', () => {
  test.each<[Partial<Selection>, string[]]>([
    [{ workload: 'order-redis' }, ['--workload: there is no workload order-redis; did you mean orders-redis?']],
    [{ lookups: ['first'] }, ['--lookup: first is not a lookup; write WORKLOAD/NUMBER, as in timeline.csv']],
    [{ lookups: ['7'] }, ['--lookup: 7 may be a lookup of any workload; write WORKLOAD/7']],
    [{ lookups: ['shop-redis/90'] }, ['--lookup: shop-redis has no lookup 90; they are numbered from 0 to 89']],
    [{ at: 'noon' }, ['--at: noon is no time; give one of the run, such as 65.5s or 1m5s']],
    [{ at: '181s' }, ['--at: 181s is not in the run, which goes from 0 s to 180 s']],
    [
      { workload: 'nobody', lookups: ['shop-reds/1'], at: '4m' },
      [
        '--workload: there is no workload nobody; workloads: orders-redis, shop-redis',
        '--lookup: there is no workload shop-reds; did you mean shop-redis?',
        '--at: 4m is not in the run, which goes from 0 s to 180 s',
      ],
    ],
  ])('%j, all at once', (selection, mistakes) => {
    expect(explained(selection)).toEqual({ stories: [], mistakes });
  });
});

test('an old answer is told by a lookup behind which most caches held it', () => {
  const changes = [{ kind: 'settings' as const, file: '--set', lines: ['duration=70s', 'expect=[]', 'lesson=[]'] }];
  const pinned = run(loadScenario('scenarios/a-record-failover-pinned', disk, { changes }));
  const [story] = explain(pinned, { ...noOptions, stale: true }).stories;
  expect(story?.why.holders.map(({ layer, bound }) => `${layer} ${bound}`)).toEqual(['coredns cut', 'recursor raised']);
  expect(story?.told).not.toBe(story?.lookups[0]);
});

test('what a cache handed out after its time is told apart from what it handed out in time', () => {
  const changes = [
    {
      kind: 'settings' as const,
      file: '--set',
      lines: ['expect=[]', 'lesson=[]', 'workloads.app.at=3s', 'workloads.app.every=1s'],
    },
  ];
  const stale = run(loadScenario('scenarios/serve-stale-immediate', disk, { changes }));
  const { stories } = explain(stale, { ...noOptions, stale: true });
  const kinds = stories.map(({ cause, why }) => [cause, why.holders[0]?.expired]);
  expect(kinds).toContainEqual(['coredns-cache', true]);
  expect(kinds).toContainEqual(['coredns-cache', false]);
});
