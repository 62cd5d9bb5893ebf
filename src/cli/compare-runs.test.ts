import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { rememberRuns } from '../../test/support/remembered-runs.ts';
import { executeLine } from './execute-line.ts';
import { CaughtTerminal } from './testing/caught-terminal.ts';

rememberRuns();

let place: string;
const terminal = new CaughtTerminal();
const at = (name: string) => join(place, name);
const stock = readFileSync('starter/Corefile', 'utf8');

beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'dnspath-compare-'));
  writeFileSync(at('stock.Corefile'), stock);
  writeFileSync(at('typo.Corefile'), stock.replace('cache 30', 'cahce 30'));
  writeFileSync(at('bad.Corefile'), stock.replace('cache 30', 'cache 30 {\n serve_stale 1x\n}'));
  writeFileSync(at('zone.db'), '$ORIGIN x.\n@ SOA a b 1 2 3 4 5\n');
  cpSync('scenarios/a-record-failover', at('mine'), { recursive: true });
  const text = readFileSync(at('mine/scenario.yaml'), 'utf8');
  writeFileSync(
    at('mine/scenario.yaml'),
    text
      .replace('duration: 3m', 'duration: 100s')
      .replace(/, every: 1s }/g, ', every: 2s }')
      .replace(/^(expect|lesson|remedy):\n( .*\n|#.*\n|\n)*/gm, ''),
  );
});
afterAll(() => rmSync(place, { recursive: true }));
beforeEach(() => terminal.clear());

const dnspath = (...words: string[]) => executeLine(words, terminal);

/** By one seed, which is quicker. */
const compare = (...words: string[]) => dnspath('compare', '--seeds', '1', ...words, '--no-charts', '--out', at('out'));
const cache5 = ['--corefile', 'scenarios/a-record-failover-cache-5/Corefile'];

describe('bad input ends with 2, says what is wrong and leaves nothing behind', () => {
  test.each([
    [[], 'compare needs a scenario or a Corefile, and what to hold against it'],
    [['a'], 'what to compare a with? Name a second one, or give --corefile, --release or --set'],
    [['a', 'b', 'c'], 'compare takes two, not 3: a b c'],
    [['a', 'b', '--fail-on', 'better'], '--fail-on takes worse, not better'],
    [['a', 'b', '--seeds', '0'], '--seeds takes a number from 1 to 99, not 0'],
  ])('%j', async (words, mistake) => {
    expect(await dnspath('compare', ...words, '--out', at('out'))).toBe(2);
    expect(terminal.complaints).toBe(`dnspath: ${mistake}\nTry 'dnspath compare --help'.\n`);
  });

  test('files that are not there, and what is neither scenario nor Corefile', async () => {
    expect(await compare(at('absent'), at('zone.db'))).toBe(2);
    expect(terminal.complaints).toContain(`${at('absent')}:1:1: there is no such file`);
    expect(terminal.complaints).toContain(`${at('zone.db')}:1:1: a zone file alone cannot be compared`);
    expect(terminal.complaints).toContain('2 problems; nothing was compared, nothing was written.');
  });

  test('options with mistakes, each in its place, once', async () => {
    const words = ['--release', '1.99.0', '--set', 'workloads.app-redis.evry=1s', '--both', 'duration=5'];
    expect(await compare(at('mine'), '--corefile', at('absent'), ...words)).toBe(2);
    expect(terminal.complaints).toContain('--release:1:1: CoreDNS 1.99.0 is not modelled');
    expect(terminal.complaints).toContain(`--corefile:1:1: ${at('absent')} does not exist`);
    expect(terminal.complaints).toContain('--set:1:21: unknown key "evry"');
    expect(terminal.complaints.match(/--both:1:10: duration 5 has no unit/g)).toHaveLength(1);
  });

  test('a Corefile that CoreDNS refuses: its error, and what becomes of the pods', async () => {
    expect(await compare(at('stock.Corefile'), at('typo.Corefile'))).toBe(2);
    expect(terminal.complaints).toContain("typo.Corefile:16:5: Unknown directive 'cahce'\n");
    expect(terminal.complaints).toContain('did you mean `cache`?');
    expect(terminal.complaints).toContain(`B does not start, A does. B: ${at('typo.Corefile')}\n`);
    expect(terminal.complaints).toContain('CrashLoopBackOff');
  });

  test('one that only this release refuses', async () => {
    expect(await compare(at('stock.Corefile'), '--both', 'cluster.kubernetes=1.18', '--release', '1.12.1')).toBe(2);
    expect(terminal.complaints).toContain("unknown property 'max_concurrent'");
    expect(terminal.complaints).toContain('A does not start, B does.');
  });

  test('both refused', async () => {
    expect(await compare(at('bad.Corefile'), at('typo.Corefile'))).toBe(2);
    expect(terminal.complaints).toContain('Neither A nor B starts.');
  });

  test('no workload in common', async () => {
    const other = 'workloads={ other: { pod: app, lookup: x, every: 9s } }';
    expect(await compare(at('mine'), '--set', other)).toBe(2);
    expect(terminal.shown).toContain('Nothing to compare: the two have no workload of one name.');
    expect(terminal.shown).toContain('Only A has app-redis, batch-redis, orders-redis: left out.');
    rmSync(at('out'), { recursive: true });
  });

  test('a place that is taken by a file', async () => {
    const words = ['compare', at('mine'), ...cache5, '--out', at('stock.Corefile')];
    expect(await dnspath(...words)).toBe(2);
    expect(terminal.complaints).toContain('a file is in the way');
  });

  test('nothing was written by any of them', () => {
    expect(readdirSync(place).sort()).toEqual(['bad.Corefile', 'mine', 'stock.Corefile', 'typo.Corefile', 'zone.db']);
  });
});

describe('a comparison', () => {
  test('prints in 80 columns what changes, why and for whom, and writes its report', async () => {
    expect(await dnspath('compare', at('mine'), ...cache5, '--out', at('report'))).toBe(0);
    expect(terminal.shown.split('\n').filter((line) => line.length > 80 && !line.includes(place))).toEqual([]);
    expect(terminal.shown).toContain('Corefile:14: cache 30 → cache 5');
    expect(terminal.shown).toMatch(/^Better for (all|app-redis)/m);
    expect(terminal.shown).toMatch(/app-redis +old answers for +[\d.]+ s +[\d.]+ s +better/);
    expect(terminal.shown).toMatch(/^As seed 1 drew it\. Judged with seeds 1, 2 and 3[.:]/m);
    expect(terminal.shown).toMatch(/They part at 0\.5\d* s, on the way of app-redis's lookup/);
    expect(terminal.shown).toContain('because of `cache 5`');
    expect(readdirSync(at('report')).sort()).toEqual(['compare.json', 'compare.svg', 'compare.vl.json', 'report.html']);
    const { title, description } = JSON.parse(readFileSync(at('report/compare.vl.json'), 'utf8'));
    expect(title.text.join(' ')).toMatch(/^cache 5 instead of cache 30: better for/);
    expect(readFileSync(at('report/compare.svg'), 'utf8')).toContain('role="img" aria-label="cache 5 instead of');
    expect(description).toContain('cache 5 instead of cache 30: better for');
  });

  test('the other way about is worse, and ends with 1 where that is asked for', async () => {
    const cured = ['--both', 'cluster.coredns.corefile=scenarios/a-record-failover-cache-5/Corefile'];
    const words = [...cured, '--set', 'cluster.coredns.corefile=scenarios/a-record-failover/Corefile'];
    expect(await compare(at('mine'), ...words, '--fail-on', 'worse')).toBe(1);
    expect(terminal.shown).toMatch(/^Worse for/m);
    expect(await compare(at('mine'), ...cache5, '--fail-on', 'worse')).toBe(0);
  });

  test('of a thing with itself finds nothing', async () => {
    expect(await compare(at('mine'), at('mine'), '--fail-on', 'worse')).toBe(0);
    expect(terminal.shown).toContain('Both say the same.');
    expect(terminal.shown).toContain('The same for all.');
    expect(terminal.shown).toContain('The two runs are the same, step by step.');
  });

  test('as JSON is what is written', async () => {
    expect(await compare(at('mine'), ...cache5, '--json')).toBe(0);
    const printed = JSON.parse(terminal.shown);
    expect(printed).toEqual(JSON.parse(readFileSync(at('out/compare.json'), 'utf8')));
    expect(printed.verdict.word).toBe('better');
    expect(printed.workloads[0]).toMatchObject({ workload: 'app-redis', verdict: 'better', worse: [] });
  });

  test('a Corefile beside a scenario is run in that one', async () => {
    expect(await compare(at('mine'), 'scenarios/a-record-failover-cache-5/Corefile', '--json')).toBe(0);
    expect(JSON.parse(terminal.shown)).toMatchObject({ a: { scenario: at('mine/scenario.yaml') }, surroundings: [] });
  });

  test('Corefiles alone are run in the everyday cluster, and it says so', async () => {
    const cache = 'cache 3600 {\n denial 9984 300\n servfail 30s\n serve_stale 1h verify\n}';
    writeFileSync(at('new.Corefile'), stock.replace('/etc/resolv.conf', '8.8.8.8').replace('cache 30', cache));
    expect(await compare(at('stock.Corefile'), at('new.Corefile'), '--both', 'duration=185s')).toBe(0);
    expect(terminal.shown).toContain('in an everyday cluster; an upstream is silent for a minute');
    expect(terminal.shown).toContain('A resolver answers at each upstream of the Corefile: 8.8.8.8.');
    // What is too long to stand beside each other stands below each other, in the shape that it has in the file.
    expect(terminal.shown).toContain(
      [
        '   stock.Corefile:16 → new.Corefile:16:',
        '     - cache 30',
        '     + cache 3600 {',
        '     +     denial 9984 300',
        '     +     servfail 30s',
        '     +     serve_stale 1h verify',
        '     + }',
      ].join('\n'),
    );
  });
});

describe('init and schema', () => {
  test('write what runs, once, and what an editor checks it with', async () => {
    expect(await dnspath('init', at('started'))).toBe(0);
    expect(readdirSync(at('started')).sort()).toEqual([
      'Corefile',
      'internet.zone',
      'node-resolv.conf',
      'scenario.schema.json',
      'scenario.yaml',
    ]);
    expect(readFileSync(at('started/scenario.yaml'), 'utf8')).toMatch(
      /^# yaml-language-server: \$schema=\.\/scenario\.schema\.json\n/,
    );
    expect(await dnspath('run', at('started'), '--no-charts', '--out', at('out'), '--quiet')).toBe(0);
    expect(await dnspath('init', at('started'))).toBe(2);
    expect(terminal.complaints).toContain('already: nothing was written');
    expect(await dnspath('init', at('stock.Corefile'))).toBe(2);
    expect(terminal.complaints).toContain('a file is in the way; name another directory');
  });

  test('around a Corefile: what it names is there, and it runs', async () => {
    const text = stock.replace('cluster.local', 'k8s.corp').replace('/etc/resolv.conf', '10.9.0.1');
    writeFileSync(at('own.Corefile'), `${text}corp.example:53 {\n    forward . 10.9.0.2\n}\n`);
    expect(await dnspath('init', at('own'), '--corefile', at('own.Corefile'))).toBe(0);
    expect(terminal.shown).toContain('A resolver answers at each upstream of the Corefile: 10.9.0.1, 10.9.0.2.');
    expect(readFileSync(at('own/Corefile'), 'utf8')).toBe(readFileSync(at('own.Corefile'), 'utf8'));
    expect(readFileSync(at('own/internet.zone'), 'utf8')).toContain('\nhost.corp.example. 300 IN A 10.2.0.1\n');
    const scenario = readFileSync(at('own/scenario.yaml'), 'utf8');
    expect(scenario).toContain('domain: k8s.corp');
    expect(scenario).toContain('  - { at: 60s, label: dns-10-9-0-1 silent, ');
    // The comments that tell where to change something are still there.
    expect(scenario).toContain('# Who looks what up, and how often.');
    expect(await dnspath('run', at('own'), '--no-charts', '--out', at('out'), '--quiet')).toBe(0);
    expect(await dnspath('init', at('other'), '--corefile', at('zone.db'))).toBe(2);
    expect(terminal.complaints).toContain('this is a zone file');
    expect(await dnspath('init', at('other'), '--corefile', at('absent'))).toBe(2);
    expect(terminal.complaints).toContain('there is no such file, or it cannot be read');
    expect(existsSync(at('other'))).toBe(false);
  });

  const nodeLocal =
    '.:53 {\n    bind 169.254.25.10\n    cache 30\n    forward . 10.233.0.3\n}\nin-addr.arpa:53 {\n    bind 169.254.25.10\n    forward . 10.233.0.3 {\n        force_tcp\n    }\n}\n';

  test('with NodeLocal DNSCache: kube-dns has the address that it forwards to', async () => {
    writeFileSync(at('node-local'), nodeLocal);
    expect(await dnspath('init', at('nodes'), '--corefile', at('node-local'))).toBe(2);
    expect(terminal.complaints).toContain('this is a Corefile of NodeLocal DNSCache; give it as --node-local');
    expect(await dnspath('init', at('nodes'), '--node-local', at('node-local'))).toBe(0);
    expect(readFileSync(at('nodes/node-local.Corefile'), 'utf8')).toBe(nodeLocal);
    const scenario = readFileSync(at('nodes/scenario.yaml'), 'utf8');
    expect(scenario).toContain('serviceIP: 10.233.0.3');
    expect(scenario).toContain('nodeLocalDNS: { corefile: ./node-local.Corefile }');
    expect(await dnspath('check', at('nodes'))).toBe(0);
  });

  test('two Corefiles of NodeLocal DNSCache are compared as such', async () => {
    writeFileSync(at('node-local'), nodeLocal);
    writeFileSync(at('node-local-5'), nodeLocal.replace('cache 30', 'cache 5'));
    expect(await compare(at('node-local'), at('node-local-5'), '--both', 'duration=20s', '--both', 'events=[]')).toBe(
      0,
    );
    expect(terminal.shown).toContain('node-local:3 → node-local-5:3: cache 30 → cache 5');
    expect(terminal.shown).toMatch(/node-local-dns-node-\d/);
    expect(await dnspath('init', at('both-nodes'), '--node-local', at('node-local'))).toBe(0);
    const short = ['--both', 'duration=20s', '--both', 'events=[]', '--both', 'expect=[]'];
    expect(await compare(at('both-nodes'), '--corefile', at('node-local-5'), ...short)).toBe(0);
    expect(terminal.shown).toContain('node-local.Corefile:3 → node-local-5:3: cache 30 → cache 5');
  });

  test('the schema is printed, or written', async () => {
    expect(await dnspath('schema')).toBe(0);
    expect(await dnspath('schema', at('s.json'))).toBe(0);
    expect(JSON.parse(terminal.shown)).toEqual(JSON.parse(readFileSync(at('s.json'), 'utf8')));
    expect(await dnspath('schema', at('absent/s.json'))).toBe(2);
    expect(terminal.complaints).toContain('there is no such directory');
    expect(existsSync(at('absent'))).toBe(false);
  });
});
