import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../../problem/problem.ts';
import { parseIptablesSave } from './parse-changes.ts';
import { printRule } from './print.ts';
import { changeTable, emptyTables, printTable } from './tables.ts';

/** Applies iptables-save text to empty tables and prints those it names. */
function reprint(text: string): { lines: string[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const tables = parseIptablesSave({ file: 'rules', text }, problems);
  const lines = tables.flatMap((changes) =>
    printTable(changes.table, changeTable(emptyTables()[changes.table], changes, true, problems)),
  );
  return { lines, problems };
}

const recordings = new URL('../../../test/recordings/kernel/', import.meta.url);

/** Every set of rules in the kernel recordings, as iptables-save 1.8.9 printed it. */
function* recordedRules(): Generator<{ file: string; lines: string[] }> {
  for (const file of readdirSync(recordings).filter((name) => name.endsWith('.jsonl'))) {
    for (const line of readFileSync(new URL(file, recordings), 'utf8').split('\n')) {
      if (!line.includes('"ev": "rules"')) continue;
      const lines: string[] = JSON.parse(line).iptables_save;
      yield { file, lines };
    }
  }
}

describe('iptables-save', () => {
  it('prints every recorded set of rules as it was', () => {
    const sets = [...recordedRules()];
    expect(sets.length).toBeGreaterThan(20);
    for (const { lines } of sets) expect(reprint(lines.join('\n'))).toEqual({ lines, problems: [] });
  });

  it.each([
    ['-A INPUT -p udp --dport 53 -j ACCEPT', '-A INPUT -p udp -m udp --dport 53 -j ACCEPT'],
    [
      '-A INPUT -p tcp --syn -j REJECT',
      '-A INPUT -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j REJECT --reject-with icmp-port-unreachable',
    ],
    ['-A INPUT ! -s 10.1.2.3/16 -j DROP', '-A INPUT ! -s 10.1.0.0/16 -j DROP'],
    [
      '-A INPUT -m statistic --mode random --probability 0.33333333333 -j DROP',
      '-A INPUT -m statistic --mode random --probability 0.33333333349 -j DROP',
    ],
    [
      '-A INPUT -m statistic --mode nth --every 3 -j DROP',
      '-A INPUT -m statistic --mode nth --every 3 --packet 0 -j DROP',
    ],
    ['-A INPUT -j MARK --set-mark 1', '-A INPUT -j MARK --set-xmark 0x1/0xffffffff'],
    [
      '-A INPUT -m comment --comment "a \\"b\\" c" -j LOG --log-prefix "x y"',
      '-A INPUT -m comment --comment "a \\"b\\" c" -j LOG --log-prefix "x y"',
    ],
    [
      '[12:720] -A INPUT -i veth+ -m multiport --dports 53,5300:5353 -g INPUT',
      '-A INPUT -i veth+ -m multiport --dports 53,5300:5353 -g INPUT',
    ],
  ])('%s', (given, printed) => {
    const { lines, problems } = reprint(`*filter\n${given}\nCOMMIT\n`);
    expect(problems).toEqual([]);
    expect(lines[4]).toBe(printed);
  });

  it('finds all mistakes at once, each with its place and a remedy', () => {
    const text = [
      '*filter',
      '-A INPUT -m bpf --bytecode 1 -j ACCEPT',
      '-A INPUT -s 10.0.0.300 -j ACCEPT',
      '-A INPUT --dport 53 -j ACCEPT',
      '-A INPUT -j TPROXY --on-port 53',
      '-A NOWHERE -j ACCEPT',
      '-A INPUT -j KUBE-X',
      '-A INPUT -m mark -j ACCEPT',
      '*security',
    ].join('\n');
    const problems: Problem[] = [];
    const tables = parseIptablesSave({ file: 'rules.v4', text }, problems);
    expect(problems.map(({ code, line, column }) => `${line}:${column} ${code}`)).toEqual([
      '2:13 unknown-match',
      '3:13 bad-value',
      '4:10 unknown-option',
      '5:20 unknown-target',
      '8:13 missing-option',
      '9:1 unknown-table',
      '9:1 no-commit',
    ]);
    expect(tables).toEqual([]);
    expect(problems[2]?.hint).toBe('it needs `-p udp` or `-p tcp` before it');
  });

  it('names a chain that is not there', () => {
    const { problems } = reprint('*nat\n-A KUBE-SERVICES -j ACCEPT\n-A PREROUTING -j KUBE-X\nCOMMIT\n');
    expect(problems.map(({ code, line }) => `${line} ${code}`)).toEqual(['2 no-chain', '3 unknown-target']);
  });
});

const words = fc.constantFrom(
  ...'-A -I -D -N -X -F -P INPUT KUBE-A ! -s -d -p -i -o -j -g -m udp tcp icmp comment --comment statistic --mode random nth'.split(
    ' ',
  ),
  ...'--probability 0.5 --every --packet 3 conntrack --ctstate NEW,ESTABLISHED mark --mark 0x1/0x1 --dport --sport 53 1:9'.split(
    ' ',
  ),
  ...'DNAT --to-destination 10.0.0.1:53 MASQUERADE --random-fully REJECT --reject-with constructor __proto__ "'.split(
    ' ',
  ),
  ':INPUT',
  '*nat',
  'COMMIT',
);
const anyLine = fc.oneof(
  fc.string(),
  fc.array(words, { maxLength: 12 }).map((list) => list.join(' ')),
);

describe('any text', () => {
  it('ends in rules or problems, and what is printed parses to itself', () => {
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 8 }), (lines) => {
        const first = reprint(`*filter\n${lines.join('\n')}\nCOMMIT\n`);
        for (const { line, column, message } of first.problems) {
          expect(line).toBeGreaterThan(0);
          expect(column).toBeGreaterThan(0);
          expect(message).not.toBe('');
        }
        const again = reprint(first.lines.join('\n'));
        if (first.problems.length === 0) expect(again).toEqual({ lines: first.lines, problems: [] });
      }),
      { numRuns: 400 },
    );
  });
});

describe('ip6tables', () => {
  // As ip6tables-save 1.8.9 printed them.
  const rules = [
    '-A INPUT -p ipv6-icmp -j REJECT --reject-with icmp6-port-unreachable',
    '-A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 128 -j DROP',
    '-A INPUT -d fd00::/8 -m conntrack --ctstate NEW -j REJECT --reject-with icmp6-adm-prohibited',
    '-A INPUT -p tcp -j REJECT --reject-with tcp-reset',
    '-A PREROUTING -p udp -j DNAT --to-destination fd00::9-fd00::a',
    '-A PREROUTING -p udp -j DNAT --to-destination [fd00::9-fd00::a]:53-55',
    '-A PREROUTING -p udp -j DNAT --to-destination [fd00:10:244:1::20]:53',
    '-A POSTROUTING -j SNAT --to-source fd00::5',
  ];

  const changes = (line: string, family: 'ipv4' | 'ipv6', problems: Problem[]) =>
    parseIptablesSave({ file: 'rules.v6', text: `*nat\n${line}\nCOMMIT\n` }, problems, family)[0]?.changes ?? [];

  it.each(rules)('prints %s as it reads it', (line) => {
    const problems: Problem[] = [];
    const [change] = changes(line, 'ipv6', problems);
    expect(problems).toEqual([]);
    expect(change !== undefined && 'rule' in change && `-A ${change.chain} ${printRule(change.rule)}`).toBe(line);
  });

  it.each([
    ['-A INPUT -j REJECT', 'icmp6-port-unreachable'],
    ['-A INPUT -j REJECT --reject-with adm-prohibited', 'icmp6-adm-prohibited'],
    ['-A INPUT -p icmpv6 -j ACCEPT', '-p ipv6-icmp'],
    ['-A INPUT -s fd00::1 -j ACCEPT', '-s fd00::1/128'],
  ])('%s is %s', (line, printed) => {
    const [change] = changes(line, 'ipv6', []);
    expect(change !== undefined && 'rule' in change ? printRule(change.rule) : '').toContain(printed);
  });

  it.each<['ipv4' | 'ipv6', string, string]>([
    ['ipv6', '-A INPUT -s 10.0.0.1/32 -j DROP', 'rules.v6:2:13 bad-value'],
    ['ipv4', '-A INPUT -s fd00::1 -j DROP', 'rules.v6:2:13 bad-value'],
    ['ipv6', '-A INPUT -j REJECT --reject-with icmp-port-unreachable', 'rules.v6:2:34 bad-value'],
    ['ipv4', '-A INPUT -j REJECT --reject-with icmp6-no-route', 'rules.v6:2:34 bad-value'],
    ['ipv6', '-A INPUT -p icmp -j DROP', 'rules.v6:2:13 bad-value'],
    ['ipv6', '-A PREROUTING -j DNAT --to-destination 10.0.0.1:53', 'rules.v6:2:40 bad-value'],
    ['ipv4', '-A PREROUTING -j DNAT --to-destination [fd00::1]:53', 'rules.v6:2:40 bad-value'],
  ])('of %s: %s is refused', (family, line, expected) => {
    const problems: Problem[] = [];
    changes(line, family, problems);
    expect(problems.map((p) => `${p.file}:${p.line}:${p.column} ${p.code}`)[0]).toBe(expected);
  });
});
