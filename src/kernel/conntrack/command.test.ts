import { describe, expect, it } from 'vitest';
import {
  address,
  answer,
  type NodeLab,
  nodeLab,
  receive,
  serviceIp,
  tcp,
  udp,
} from '../../../test/support/conntrack-lab.ts';
import { second } from '../../engine/time.ts';
import { commandPrinted } from '../records.ts';

/** Flows of all kinds: a query that waits, one that was answered, a connection that opens, and a masqueraded one. */
function flows(): NodeLab {
  const lab = nodeLab();
  receive(lab, 'pods', udp('10.244.1.10', 40_001, serviceIp));
  for (const query of receive(lab, 'pods', udp('10.244.1.10', 40_002, serviceIp))) receive(lab, 'pods', answer(query));
  receive(lab, 'pods', tcp('10.244.1.10', 45_000, { syn: true }));
  receive(lab, 'pods', udp('10.244.1.11', 40_003, address('192.168.100.9')));
  lab.simulation.run(4 * second);
  return lab;
}

function printed(lab: NodeLab, command: string): string[] {
  const before = [...lab.store.rows(commandPrinted)].length;
  lab.host.command(command);
  return [...lab.store.rows(commandPrinted)].slice(before).map(({ text }) => text);
}

const waiting =
  'src=10.244.1.10 dst=10.96.0.10 sport=40001 dport=53 [UNREPLIED] src=10.244.1.20 dst=10.244.1.10 sport=53 dport=40001';
const answered =
  'src=10.244.1.10 dst=10.96.0.10 sport=40002 dport=53 src=10.244.1.21 dst=10.244.1.10 sport=53 dport=40002';
const opening =
  'src=10.244.1.10 dst=10.96.0.10 sport=45000 dport=53 [UNREPLIED] src=10.244.1.20 dst=10.244.1.10 sport=53 dport=45000';
const outside =
  'src=10.244.1.11 dst=192.168.100.9 sport=40003 dport=53 [UNREPLIED] src=192.168.100.9 dst=192.168.100.2 sport=53 dport=40003';
const shown = (count: number) => `conntrack v1.4.7 (conntrack-tools): ${count} flow entries have been shown.`;

describe('conntrack -L', () => {
  it('prints columns as conntrack 1.4.7 does', () => {
    expect(printed(flows(), 'conntrack -L')).toEqual([
      `udp      17 26 ${waiting} mark=0 use=1`,
      `udp      17 26 ${answered} mark=0 use=1`,
      `tcp      6 116 SYN_SENT ${opening} mark=0 use=1`,
      `udp      17 26 ${outside} mark=0 use=1`,
      shown(4),
    ]);
  });

  it.each([
    ['-o extended -p tcp', `ipv4     2 tcp      6 116 SYN_SENT ${opening} mark=0 use=1`],
    ['-p tcp --state SYN_SENT', `tcp      6 116 SYN_SENT ${opening} mark=0 use=1`],
    ['-u SEEN_REPLY', `udp      17 26 ${answered} mark=0 use=1`],
    ['-n', `udp      17 26 ${outside} mark=0 use=1`],
    ['-g 10.244.1.21', `udp      17 26 ${answered} mark=0 use=1`],
    ['-q 192.168.100.2', `udp      17 26 ${outside} mark=0 use=1`],
    ['-p udp --sport 40001', `udp      17 26 ${waiting} mark=0 use=1`],
    [
      '-p udp --sport 40002 -o save',
      '-A -t 26 -u SEEN_REPLY -s 10.244.1.10 -d 10.96.0.10 -r 10.244.1.21 -q 10.244.1.10 -p udp --sport 40002 --dport 53 --reply-port-src 53 --reply-port-dst 40002',
    ],
  ])('%s', (filter, line) => {
    expect(printed(flows(), `conntrack -L ${filter}`)).toEqual([line, shown(1)]);
  });

  it.each([
    ['-s 10.244.0.0/16', 4],
    ['-d 10.96.0.10', 3],
    ['-r 10.244.1.20', 2],
    ['-j', 4],
    ['-u ASSURED', 0],
    ['-u UNREPLIED', 3],
    ['-u ASSURED,UNREPLIED', 0],
    ['-p icmp', 0],
    ['-f ipv6', 0],
    ['-m 1', 0],
    ['-m 0x0/0xff', 4],
    ['-w 1', 0],
  ])('%s: %d entries', (filter, count) => {
    expect(printed(flows(), `conntrack -L ${filter}`).at(-1)).toBe(shown(count));
  });
});

describe('conntrack', () => {
  it('-D prints what it deletes, and leaves the rest', () => {
    const lab = flows();
    expect(printed(lab, 'conntrack -D -p udp -d 10.96.0.10')).toEqual([
      `udp      17 26 ${waiting} mark=0 use=1`,
      `udp      17 26 ${answered} mark=0 use=1`,
      'conntrack v1.4.7 (conntrack-tools): 2 flow entries have been deleted.',
    ]);
    expect(printed(lab, 'conntrack -C; conntrack -F; conntrack -C')).toEqual([
      '2',
      'conntrack v1.4.7 (conntrack-tools): connection tracking table has been emptied.',
      '0',
    ]);
  });

  it('-S prints the columns of the kernel', () => {
    const lab = flows();
    receive(lab, 'pods', tcp('10.244.1.12', 1, { fin: true }));
    expect(printed(lab, 'conntrack -S')).toEqual([
      'cpu=0   \tfound=0 invalid=1 insert=0 insert_failed=0 drop=0 early_drop=0 error=0 search_restart=0 clash_resolve=0 chaintoolong=0 ',
    ]);
  });

  it('-C counts what has expired and was not collected, as the knob does', () => {
    const lab = nodeLab({ collectorInterval: 1000 * second });
    receive(lab, 'pods', udp('10.244.1.10', 40_001, serviceIp));
    lab.simulation.run(100 * second);
    const counted = printed(lab, 'conntrack -C; sysctl net.netfilter.nf_conntrack_count; conntrack -L');
    expect(counted).toEqual(['1', 'net.netfilter.nf_conntrack_count = 1', shown(0)]);
  });

  it('-E prints from then on what its mask and filters let through', () => {
    const lab = nodeLab();
    lab.host.command('conntrack -E -e NEW,DESTROY -p udp --sport 40002');
    for (const port of [40_001, 40_002])
      for (const query of receive(lab, 'pods', udp('10.244.1.10', port, serviceIp)))
        receive(lab, 'pods', answer(query));
    lab.simulation.run(4 * second);
    lab.host.command('conntrack -D -p udp');
    expect(
      [...lab.store.rows(commandPrinted)].filter(({ command }) => command.includes('-E')).map(({ text }) => text),
    ).toEqual([
      `    [NEW] udp      17 30 ${answered.replace('dport=53 src', 'dport=53 [UNREPLIED] src')}`,
      `[DESTROY] udp      17 26 ${answered} [USERSPACE] portid=4200`,
    ]);
  });

  it('shows and finds the mark that CONNMARK gave', () => {
    const lab = nodeLab();
    lab.host.command('iptables -t mangle -A PREROUTING -p udp --sport 40002 -j CONNMARK --set-mark 0x5');
    for (const port of [40_001, 40_002]) receive(lab, 'pods', udp('10.244.1.10', port, serviceIp));
    expect(printed(lab, 'conntrack -L -m 5')).toEqual([
      `udp      17 30 ${answered.replace('dport=53 src', 'dport=53 [UNREPLIED] src')} mark=5 use=1`,
      shown(1),
    ]);
  });
});
