import { expect, test } from 'vitest';
import { ProblemsFound } from '../../problem/problem.ts';
import type { Files } from '../files.ts';
import { loadScenario } from '../load.ts';

const api = (keys: string) =>
  `{ name: default/api, address: None, ports: [{ name: http, protocol: tcp, port: 80 }], ${keys} }`;

interface Parts {
  readonly web?: string;
  readonly workload?: string;
  readonly events?: string;
  readonly service?: string;
}

/** What is said of a scenario with a Deployment `web`: where, which code. */
function mistakes({ web = '', workload = 'every: 1s', events = '', service = '' }: Parts): string[] {
  const text = `title: t
duration: 1m
cluster:
  nodes: { node-1: { address: 192.168.1.1 } }
  coredns: { release: 1.11.1, corefile: ./Corefile, replicas: 1 }
  services: [${service}]
pods:
  app: { node: node-1 }
  web: { deployment: { replicas: 2 ${web} }
workloads: { web: { pod: web, lookup: a.test, ${workload} } }
events: [ ${events} ]
`;
  const files: Files = {
    read: (path) => ({ 's/scenario.yaml': text, 's/Corefile': '. {\n}\n' })[path],
    isDirectory: (path) => path === 's',
  };
  try {
    loadScenario('s', files);
    return [];
  } catch (error) {
    if (!(error instanceof ProblemsFound)) throw error;
    return error.problems.map(({ line, code }) => `${line} ${code}`);
  }
}

test.each<[Parts, string[]]>([
  [{ web: '}' }, []],
  [{ web: ', nodes: [node-2] }' }, ['9 unknown-node']],
  [{ web: '}, node: node-1' }, ['9 conflict']],
  [{ web: '}, address: 10.244.0.9' }, ['9 conflict']],
  [{ web: ', maxSurge: 0, maxUnavailable: 0 }' }, ['9 out-of-range']],
  [{ web: ', preStop: 30s, terminationGracePeriod: 20s }' }, ['9 out-of-range']],
  [{ web: '}, hostNetwork: true', workload: 'every: 1s, family: ipv4, port: 4000' }, ['10 conflict']],
  [{ web: '}', events: '{ at: 1s, scale: { web: 4 } }, { at: 2s, scale: { coredns: 2, web: 1 } }' }, []],
  [{ web: '}', events: '{ at: 1s, scale: { wed: 4 } }' }, ['11 unknown-Deployment']],
  [{ web: '}', events: '{ at: 1s, scale: {} }' }, ['11 nothing-scaled']],
  [{ web: '}', events: '{ at: 1s, scale: { app: 4 } }' }, ['11 unknown-Deployment']],
  [{ web: '}', events: '{ at: 1s, rolloutRestart: web }, { at: 2s, rolloutRestart: coredns }' }, []],
  [{ web: '}', events: '{ at: 1s, rolloutRestart: wed }' }, ['11 unknown-Deployment']],
  [{ web: '}', events: '{ at: 1s, deletePod: { pod: web-2 } }, { at: 2s, crash: { pod: web-7 } }' }, []],
  [{ web: '}', events: '{ at: 1s, deletePod: { pod: app } }' }, ['11 no-deployment']],
  [{ web: '}', events: '{ at: 1s, deletePod: { pod: web-1, coredns: coredns-1 } }' }, ['11 not-one-pod']],
  [{ web: '}', events: '{ at: 1s, crash: {} }' }, ['11 not-one-pod']],
  [{ web: '}', workload: 'every: 1s, rate: [{ at: 0s, perSecond: 1 }]' }, ['10 conflict']],
  [{ web: '}', workload: 'rate: [{ at: 5s, perSecond: 1 }, { at: 5s, perSecond: 2 }]' }, ['10 out-of-order']],
  [{ web: '}', workload: 'rate: [{ at: 61s, perSecond: 1 }]' }, ['10 after-the-end']],
  [{ web: '}', workload: 'at: 1s, rate: [{ at: 5s, perSecond: 1 }]' }, ['10 conflict']],
  [{ web: '}', workload: 'rate: ./day.csv' }, ['10 missing-file']],
  [{ web: '}', workload: 'every: 1s, retries: { times: 2 }, connects: { port: 80 }' }, ['10 conflict']],
  [{ web: '}', service: api('deployment: web') }, []],
  [{ web: '}', service: api('deployment: wed') }, ['6 unknown-Deployment']],
  [{ web: '}', service: api('deployment: web, endpoints: [10.9.0.1]') }, ['6 conflict']],
  [{ web: '}', events: `{ at: 1s, createService: ${api('deployment: web')} }` }, ['11 conflict']],
])('%j: %j', (parts, expected) => {
  expect(mistakes(parts)).toEqual(expected);
});

test('what is done at the start of a program asks for pods that start', () => {
  expect(mistakes({ web: '}', workload: 'every: 1s, onStart: true' })).toEqual([]);
  expect(
    mistakes({ web: '}', workload: 'every: 1s }, app: { pod: app, lookup: a.test, every: 1s, onStart: true' }),
  ).toEqual(['10 conflict']);
});

test('pods of a Deployment have names that nobody else has', () => {
  expect(mistakes({ web: '} }\n  web-1: { node: node-1' })).toEqual(['9 name-taken']);
});
