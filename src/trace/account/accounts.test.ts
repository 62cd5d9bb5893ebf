import { describe, expect, test } from 'vitest';
import { disk } from '../../cli/disk.ts';
import { type FinishedRun, loadScenario, run } from '../../index.ts';
import type { Account, Evidence } from './account.ts';

function accountOf({ analysis }: FinishedRun, workload: string, number: number): Account {
  const lookup = analysis.workloads.find(({ summary }) => summary.workload === workload)?.lookups[number];
  if (lookup === undefined) throw new Error(`no lookup ${workload}/${number}`);
  return analysis.account(lookup);
}

const texts = ({ steps }: Account, choose: (step: Account['steps'][number]) => boolean = () => true) =>
  steps.filter(choose).map(({ text }) => text);
const evidenceOf = <K extends Evidence['kind']>({ steps }: Account, kind: K) =>
  steps.flatMap(({ evidence }) => evidence.filter((one): one is Extract<Evidence, { kind: K }> => one.kind === kind));

/** The cache entry that answered the client itself. */
function entryOf({ steps }: Account) {
  const own = steps.filter(({ aside, earlier }) => !aside && !earlier);
  return own.flatMap(({ evidence }) => evidence.filter((one) => one.kind === 'cache-entry'))[0];
}

describe('a client that keeps to one port, and a restart', () => {
  const finished = run(loadScenario('scenarios/pod-restart-fixed-port', disk));

  test('the first packet after the restart: no entry, no rule, and an entry that keeps that', () => {
    const account = accountOf(finished, 'orders-redis', 13);
    expect(account).toMatchObject({ cause: 'no-rule-gap' });
    expect(evidenceOf(account, 'rule')).toEqual([
      {
        kind: 'rule',
        table: 'nat',
        line: '-A POSTROUTING -s 10.42.0.0/16 ! -d 10.42.0.0/16 -j MASQUERADE --random-fully',
      },
    ]);
    const [entry] = evidenceOf(account, 'conntrack');
    expect(entry?.age).toBe(0);
    expect(entry?.line).toMatch(
      /^udp {6}17 30 src=10\.42\.0\.33 dst=10\.43\.0\.10 sport=52421 dport=53 \[UNREPLIED\] src=10\.43\.0\.10 dst=172\.20\.112\.199 sport=53 dport=\d+ mark=0 use=1$/,
    );
  });

  test('every later one meets that entry, and no rule is read', () => {
    const account = accountOf(finished, 'orders-redis', 30);
    expect(account).toMatchObject({ cause: 'stuck-conntrack-entry' });
    expect(evidenceOf(account, 'rule')).toEqual([]);
    // Born at 65.003 s; this is the query of 150.003 s.
    expect(evidenceOf(account, 'conntrack').map(({ age }) => age)).toEqual([85_000_000]);
    expect(account.steps.map(({ layer, at }) => `${layer} ${at}`)).toEqual([
      'application orders',
      'kernel node-1',
      'network router',
      'application orders',
    ]);
  });

  test('a port that nobody listens on is reached by DNAT, and the client hears of it', () => {
    const account = accountOf(finished, 'shop-redis', 30);
    expect(account).toMatchObject({ cause: 'coredns-stopped' });
    expect(texts(account, ({ tone }) => tone === 'bad').slice(0, 2)).toEqual([
      'Nobody listens on UDP port 53 of node-1: ICMP "port unreachable" goes back.',
      'shop-redis learns that nobody takes its packet: ECONNREFUSED from 10.43.0.10:53.',
    ]);
    expect(evidenceOf(account, 'rule')[0]?.line).toMatch(/-j DNAT --to-destination 172\.20\.112\.199:53$/);
    expect(account.conclusion).toMatch(/Before that: CoreDNS pod deleted by the nightly job \(61 s\)\.$/);
  });

  test('while there is no end point a rule rejects', () => {
    const [rule] = evidenceOf(accountOf(finished, 'shop-redis', 31), 'rule');
    expect(rule).toMatchObject({ table: 'filter' });
    expect(rule?.line).toMatch(
      /^-A KUBE-SERVICES -d 10\.43\.0\.10\/32 -p udp .* -j REJECT --reject-with icmp-port-unreachable$/,
    );
  });
});

describe('a record that changes behind caches', () => {
  const finished = run(loadScenario('scenarios/a-record-failover', disk));
  // The first of app that gets the old address out of CoreDNS's own entry, made from the recursor's after the change.
  const [stale] = Array.from({ length: 60 }, (_, i) => accountOf(finished, 'app-redis', 60 + i)).filter(
    (account) => entryOf(account)?.clamp === 'success max 30' && (entryOf(account)?.age ?? 0) > 0,
  );
  if (stale === undefined) throw new Error('no lookup had the old address out of an entry of CoreDNS');

  test('steps come in order of time, the cause last', () => {
    const times = stale.steps.map(({ t }) => t);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(stale.steps.at(-1)).toMatchObject({ layer: 'application', tone: 'bad' });
    expect(stale.conclusion).toMatch(/The answer became an old one with this: failover \(60 s\)\.$/);
  });

  test('names of the search list are told with their reason; what was asked for them lies aside', () => {
    const tried = texts(
      stale,
      ({ layer, aside, text }) => layer === 'resolver' && !aside && text.startsWith('It tries'),
    );
    expect(tried).toEqual([
      'It tries redis.example.com.default.svc.cluster.local first: 2 dots are fewer than ndots:5 asks for, so the search list comes before the name itself.',
      'It tries redis.example.com.svc.cluster.local, the next of the search list.',
      'It tries redis.example.com.cluster.local, the next of the search list.',
      'It tries redis.example.com at last: the search list has brought nothing.',
    ]);
    const own = stale.steps.filter(({ aside, earlier, layer }) => layer === 'coredns' && !aside && !earlier);
    expect(own.every(({ text }) => !text.includes('cluster.local'))).toBe(true);
  });

  test('the entry that answered is told with its age and the line that cut its TTL', () => {
    const { age = 0, remaining = 0 } = entryOf(stale) ?? {};
    expect(age + remaining).toBe(30_000_000);
    expect(evidenceOf(stale, 'line')).toContainEqual({
      kind: 'line',
      file: 'scenarios/a-record-failover/Corefile',
      line: 14,
      text: 'cache 30',
    });
  });

  test('what had filled it is told too, down to the authority', () => {
    const earlier = stale.steps.filter((step) => step.earlier);
    expect(new Set(earlier.map(({ at }) => at))).toEqual(new Set(['vpc-dns', 'corp-dns', 'coredns-1']));
    expect(earlier.every(({ t }) => t < stale.lookup.start)).toBe(true);
  });

  test('what a server asked for a query lies deeper than the query', () => {
    const fresh = accountOf(finished, 'app-redis', 0);
    const depthOf = (layer: string) =>
      Math.max(...fresh.steps.filter((step) => step.layer === layer).map(({ depth }) => depth));
    expect([depthOf('resolver'), depthOf('coredns'), depthOf('recursor'), depthOf('authority')]).toEqual([0, 0, 2, 2]);
  });
});

test('where the name as it is comes first, the search list is not said to come before it', () => {
  const changes = [{ kind: 'settings' as const, file: '--set', lines: ['duration=3s', 'expect=[]'] }];
  const finished = run(loadScenario('scenarios/ndots-amplification', disk, { changes }));
  const account = accountOf(finished, 'typo-with-dots', 0);
  expect(texts(account, ({ text }) => text.startsWith('It tries'))).toEqual([
    'It tries a.b.c.d.e.example.com as it is, because 6 dots are enough for ndots:5.',
    'It tries a.b.c.d.e.example.com.default.svc.cluster.local, the first of the search list: the name as it is has brought nothing.',
    'It tries a.b.c.d.e.example.com.svc.cluster.local, the next of the search list.',
    'It tries a.b.c.d.e.example.com.cluster.local, the next of the search list.',
  ]);
});
