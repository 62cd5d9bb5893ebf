import { describe, expect, test } from 'vitest';
import { SmallTrace } from '../../test/support/small-trace.ts';
import { coreDnsLog } from '../coredns/records.ts';
import { second } from '../engine/time.ts';
import { packetCaptured } from '../kernel/records.ts';
import { loadScenario } from '../scenario/load.ts';
import { coreDnsLogText, coreDnsMetricsText, tcpdumpText } from './captures.ts';

const definition = `
title: Captures
duration: 3m
cluster: { nodes: { node-1: { address: 192.168.1.200 } }, coredns: { corefile: ./Corefile } }
pods: { app: { node: node-1 } }
workloads: { app: { pod: app, lookup: db.example.com, every: 1s } }
`;

function scenario(start = '') {
  const texts: Record<string, string> = { 's/scenario.yaml': `${definition}${start}`, 's/Corefile': '.:53 {\n}\n' };
  return loadScenario('s', { read: (path) => texts[path], isDirectory: (path) => path === 's' });
}

/** A query and its reply on an uplink of each node, and a packet that is no DNS. */
function captured(...nodes: string[]): SmallTrace {
  const trace = new SmallTrace();
  const packet = (at: string, t: number, from: string, to: string, text: string) => {
    trace.now = t * second;
    const [source = '', sourcePort = ''] = from.split(' ');
    const [destination = '', destinationPort = ''] = to.split(' ');
    const ports = { sourcePort: Number(sourcePort), destinationPort: Number(destinationPort) };
    const rest = { device: 'uplink', text, protocol: 'udp', size: 38, detail: '' };
    trace.recorder.write(packetCaptured, at, 1, '', { source, destination, ...ports, ...rest });
  };
  for (const node of nodes) {
    const [client, server] = ['192.168.1.200 53062', '192.168.1.100 53'];
    packet(node, 1.111282, client, server, '30973+ A? api-push.vivo.com.cn. (38)');
    packet(node, 1.113128, server, client, '30973 1/0/0 A 182.92.255.169 (54)');
    packet(node, 1.2, '192.168.1.200 4789', '192.168.1.201 4789', '');
  }
  return trace;
}

function logged(...processes: string[]): SmallTrace {
  const trace = new SmallTrace();
  for (const at of processes) {
    trace.now = 6.000001 * second;
    trace.recorder.write(coreDnsLog, at, 0, '', { line: '[ERROR] plugin/errors: 2 a. A: i/o timeout' });
  }
  return trace;
}

describe('tcpdump.txt', () => {
  test('reads as tcpdump -n prints DNS, counted from the start of the run', () => {
    const run = { store: captured('node-1').store, scenario: scenario() };
    expect(tcpdumpText(run).split('\n')).toEqual([
      '00:00:01.111282 IP 192.168.1.200.53062 > 192.168.1.100.53: 30973+ A? api-push.vivo.com.cn. (38)',
      '00:00:01.113128 IP 192.168.1.100.53 > 192.168.1.200.53062: 30973 1/0/0 A 182.92.255.169 (54)',
      '',
    ]);
  });

  test("shows the incident's own clock", () => {
    const run = { store: captured('node-1').store, scenario: scenario('start: 2020-03-02T11:16:22+08:00') };
    expect(tcpdumpText(run)).toMatch(/^11:16:23\.111282 IP /);
  });

  test('names the node where there are several', () => {
    const run = { store: captured('node-1', 'node-2').store, scenario: scenario() };
    const headings = tcpdumpText(run)
      .split('\n')
      .filter((line) => line.includes('#'));
    expect(headings).toEqual(['node-1# tcpdump -n -i uplink udp port 53', 'node-2# tcpdump -n -i uplink udp port 53']);
  });
});

describe('coredns.log', () => {
  test('is what the process prints', () => {
    const run = { store: logged('coredns-1').store, scenario: scenario() };
    expect(coreDnsLogText(run)).toBe('[ERROR] plugin/errors: 2 a. A: i/o timeout\n');
  });

  test('has the time as kubectl logs --timestamps has it, where there is a clock', () => {
    const run = { store: logged('coredns-1').store, scenario: scenario('start: 2024-05-01T02:00:00Z') };
    expect(coreDnsLogText(run)).toBe('2024-05-01T02:00:06.000001000Z [ERROR] plugin/errors: 2 a. A: i/o timeout\n');
  });

  test('is one block for each process', () => {
    const run = { store: logged('coredns-1', 'coredns-2').store, scenario: scenario() };
    expect(coreDnsLogText(run).match(/^coredns-\d# log$/gm)).toEqual(['coredns-1# log', 'coredns-2# log']);
  });
});

test('coredns-metrics.txt has a block for each process, where there are several', () => {
  const one = { process: 'coredns-1', text: 'a 1\n' };
  expect(coreDnsMetricsText({ metrics: [one] })).toBe('a 1\n');
  expect(coreDnsMetricsText({ metrics: [one, { process: 'coredns-2', text: 'a 2\n' }] })).toBe(
    'coredns-1# curl -s :9153/metrics\na 1\n\ncoredns-2# curl -s :9153/metrics\na 2\n',
  );
});
