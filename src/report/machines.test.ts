import { describe, expect, test } from 'vitest';
import { SmallTrace } from '../../test/support/small-trace.ts';
import { second } from '../engine/time.ts';
import { commandPrinted, kernelLogged } from '../kernel/records.ts';
import { loadScenario } from '../scenario/load.ts';
import { commandsText, kernelLogText } from './machines.ts';

const definition = `
title: Machines
duration: 3m
start: 2024-05-01T02:00:00Z
cluster: { nodes: { node-1: { address: 192.168.1.200 } }, coredns: { corefile: ./Corefile } }
pods: { app: { node: node-1 } }
workloads: { app: { pod: app, lookup: db.example.com, every: 1s } }
`;

function scenario() {
  const texts: Record<string, string> = { 's/scenario.yaml': definition, 's/Corefile': '.:53 {\n}\n' };
  return loadScenario('s', { read: (path) => texts[path], isDirectory: (path) => path === 's' });
}

describe('commands.txt', () => {
  test('has what commands printed, each under its prompt; what is followed goes on under it', () => {
    const trace = new SmallTrace();
    const print = (t: number, command: string, text: string, stamped = false) => {
      trace.now = t * second;
      trace.recorder.write(commandPrinted, 'node-1', 0, '', { command, text, stamped });
    };
    print(1, 'conntrack -C', '3');
    print(2, 'conntrack -E -o timestamp', '    [NEW] udp      17 30 a', true);
    print(3, 'conntrack -E -o timestamp', ' [UPDATE] udp      17 30 a', true);
    print(4, 'conntrack -C', '4');
    expect(commandsText({ store: trace.store, scenario: scenario() }).split('\n')).toEqual([
      'node-1# conntrack -C    (at 1714528801.000000)',
      '3',
      '',
      'node-1# conntrack -E -o timestamp    (at 1714528802.000000)',
      '[1714528802.000000]\t    [NEW] udp      17 30 a',
      '[1714528803.000000]\t [UPDATE] udp      17 30 a',
      '',
      'node-1# conntrack -C    (at 1714528804.000000)',
      '4',
      '',
    ]);
  });
});

describe('kernel.log', () => {
  test('reads as dmesg prints it', () => {
    const trace = new SmallTrace();
    trace.now = 6.000004 * second;
    const text = 'nf_conntrack: nf_conntrack: table full, dropping packet';
    trace.recorder.write(kernelLogged, 'node-1', 0, 'conntrack-table-full', { text });
    const run = { store: trace.store, scenario: scenario() };
    expect(kernelLogText(run)).toBe(`node-1: [    6.000004] ${text}\n`);
    expect(commandsText(run)).toBe('');
  });
});
