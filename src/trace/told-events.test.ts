import { expect, test } from 'vitest';
import type { WorldEvent } from '../cluster/world.ts';
import { onlyHarms, onlyShows, toldEvents } from './told-events.ts';

const setEndpoints = (label: string, outcome?: 'moved' | 'ended'): WorldEvent => ({
  at: 0,
  label,
  kind: 'set-endpoints',
  service: '',
  endpoints: [],
  whenEmpty: 'reject',
  ...(outcome !== undefined && { outcome }),
});

const command = (text: string): WorldEvent => ({
  at: 0,
  label: text,
  kind: 'command',
  host: 'node-1',
  command: text,
});

test.each([
  ['ipvsadm -Ln', true],
  ['conntrack -C; conntrack -S', true],
  ['conntrack -L -p udp', true],
  ['iptables -t nat -L -n -v', true],
  ['nft list table ip kube-proxy', true],
  ['ip route show', true],
  ['sysctl net.netfilter.nf_conntrack_max', true],
  ['conntrack -D -p udp --orig-dst 10.43.0.10', false],
  ['iptables -A KUBE-SERVICES -d 10.43.0.10/32 -j REJECT', false],
  ['conntrack -S; iptables -F', false],
  ['sysctl -w net.netfilter.nf_conntrack_max=1', false],
  ['ip link set eth0 down', false],
])('does %s only print? %s', (text, prints) => {
  expect(onlyShows(command(text))).toBe(prints);
});

const link = (loss: number): WorldEvent => ({
  ...{ at: 0, label: '', kind: 'set-link', segment: 'outside' },
  ...{ ends: { from: 'node-1', to: 'dns-1', oneWay: false }, quality: { latency: 200, jitter: 0, loss } },
});

test.each<[boolean, string, WorldEvent]>([
  [true, 'drops', command('iptables -t raw -I PREROUTING -p udp --dport 53 -j DROP')],
  [false, 'drops no more', command('iptables -t raw -D PREROUTING -p udp --dport 53 -j DROP')],
  [false, 'lets through', command('iptables -I FORWARD -p udp --dport 53 -j ACCEPT')],
  [true, 'silences', { at: 0, label: '', kind: 'set-server', server: 'dns-1', set: { mode: 'drop' } }],
  [false, 'brings back', { at: 0, label: '', kind: 'set-server', server: 'dns-1', set: { mode: 'answer' } }],
  [true, 'cuts a link', link(1)],
  [false, 'lets some of it through', link(0.5)],
  [true, 'hangs', { at: 0, label: '', kind: 'kube-proxy', host: 'node-1', does: 'hang' }],
  [false, 'goes on', { at: 0, label: '', kind: 'kube-proxy', host: 'node-1', does: 'go on' }],
  [true, 'is an end point that ended', setEndpoints('coredns-1 ended', 'ended')],
  [false, 'brings an end point, too', setEndpoints('coredns-2 ready, in the end points; coredns-1 ended', 'moved')],
  [false, 'an operator calls an end', setEndpoints('maintenance has ended')],
  [false, 'kills', { at: 0, label: '', kind: 'crash', process: 'coredns-1' }],
])('%s: an event that %s mends no lookup', (harms, _, event) => {
  expect(onlyHarms(event)).toBe(harms);
});

test('of many events those that came of others are left out, and those of one instant are one', () => {
  const happened = (at: number): WorldEvent => ({ at, label: 'coredns-1 ended', kind: 'happened' });
  const crash = (at: number, process: string): WorldEvent => ({
    at,
    label: `${process} crashes`,
    kind: 'crash',
    process,
  });
  const few = [crash(1, 'coredns-1'), happened(2), command('conntrack -S')];
  expect(toldEvents(few)).toEqual([
    { at: 1, label: 'coredns-1 crashes' },
    { at: 2, label: 'coredns-1 ended' },
  ]);
  const many = [1, 2, 3, 4, 5, 6].flatMap((at) => [crash(at, 'coredns-1'), crash(at, 'coredns-2'), happened(at + 0.5)]);
  expect(toldEvents(many)).toEqual(
    [1, 2, 3, 4, 5, 6].map((at) => ({ at, label: 'coredns-1 crashes, coredns-2 crashes' })),
  );
});

test('end points that an operator sets are told among many, whatever the label; those that pods bring about are not', () => {
  const label = 'old pods out of the end points';
  const events = [...Array.from({ length: 11 }, () => setEndpoints(label)), setEndpoints('coredns-1 ended', 'ended')];
  expect(toldEvents(events)).toEqual([{ at: 0, label }]);
});
