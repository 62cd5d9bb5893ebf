import { describe, expect, test } from 'vitest';
import { ProblemsFound } from '../../problem/problem.ts';
import type { Files } from '../files.ts';
import { loadScenario } from '../load.ts';

/** What is remarked on, or else the problems with their remedies. */
function saidOf({ kernel = '6.1', pod = 'resolver: glibc 2.36', release = '1.11.1', kubernetes = '1.29' }): string[] {
  const text = `title: Releases
duration: 10s
cluster:
  kubernetes: "${kubernetes}"
  nodes: { node-1: { address: 192.168.1.200, kernel: "${kernel}" }, node-2: { address: 192.168.1.201, kernel: "${kernel}" } }
  coredns: { release: ${release}, corefile: ./Corefile }
pods: { app: { node: node-1, ${pod} }, other: { node: node-1, ${pod} } }
workloads: { app: { pod: app, lookup: example.com, every: 1s } }
`;
  const files: Files = {
    read: (path) => (path === 's/scenario.yaml' ? text : path === 's/Corefile' ? '.:53 {\n}\n' : undefined),
    isDirectory: (path) => path === 's',
  };
  try {
    return loadScenario('s', files).remarks.map(({ code, message }) => `${code}: ${message}`);
  } catch (error) {
    if (!(error instanceof ProblemsFound)) throw error;
    return [...new Set(error.problems.map(({ message, hint }) => `${message} (${hint})`))];
  }
}

test.each([
  [{}],
  [{ kernel: '4.4.302' }],
  [{ kernel: '7.0.9' }],
  [{ pod: 'resolver: glibc 2.41.1' }],
  [{ pod: 'resolver: musl 1.2.6' }],
  [{ pod: 'resolver: go 1.26.8, cgo: glibc 2.36' }],
  [{ pod: 'resolver: c-ares 1.34.6' }],
  [{ pod: 'resolver: netty 4.1.115' }],
  [{ pod: 'resolver: dig 9.18.24' }],
  [{ pod: 'jvm: { release: "1.8" }' }],
  [{ pod: 'jvm: { release: "17.0.15" }' }],
])('%j is known', (given) => {
  expect(saidOf(given)).toEqual([]);
});

describe('a release that came later, or earlier, is taken as the last, or first, that is known: once', () => {
  test.each([
    [{ kernel: '7.2' }, 'Linux 7.2 is newer than any that is modelled: taken as 7.0'],
    [{ kernel: '3.10' }, 'Linux 3.10 is older than any that is modelled: taken as 4.4'],
    [{ pod: 'resolver: glibc 2.44' }, 'glibc 2.44 is newer than any that is modelled: taken as 2.41'],
    [{ pod: 'resolver: glibc 2.12' }, 'glibc 2.12 is older than any that is modelled: taken as 2.14'],
    [{ pod: 'resolver: musl 1.2.7' }, 'musl 1.2.7 is newer than any that is modelled: taken as 1.2.6'],
    [{ pod: 'resolver: go 1.22, cgo: musl 1.3.0' }, 'musl 1.3.0 is newer than any that is modelled: taken as 1.2.6'],
    [{ pod: 'resolver: go 1.99' }, 'go 1.99 is newer than any that is modelled: taken as 1.27'],
    [{ pod: 'resolver: netty 4.2.1' }, 'netty 4.2.1 is not the one that is modelled: taken as 4.1'],
    [{ pod: 'resolver: dig 9.20' }, 'dig 9.20 is not the one that is modelled: taken as 9.18'],
    [{ pod: 'jvm: { release: "99" }' }, 'Java 99 is newer than any that is modelled: taken as 25'],
  ])('%j', (given, remark) => {
    expect(saidOf(given)).toEqual([`other-release: ${remark}`]);
  });
});

describe('a release that there is not is refused', () => {
  test.each([
    [{ kernel: '9.9' }, 'there is no Linux 9.9 (those from 4.4 to 7.0 are known)'],
    [{ kernel: '5.25' }, 'there is no Linux 5.25 (the last of 5 is 5.19)'],
    [{ pod: 'resolver: glibc 9.9' }, 'there is no glibc 9.9 (those from 2.14 to 2.41 are known)'],
    [
      { pod: 'resolver: glibc banana' },
      '"glibc banana" is not a resolver that is modelled (add a release, such as glibc 2.36)',
    ],
    [
      { pod: 'resolver: foo' },
      '"foo" is not a resolver that is modelled (write one of these and a release: glibc, musl, go, c-ares, netty, dig, nslookup, host, busybox-nslookup)',
    ],
    [{ pod: 'resolver: mussl 1.2' }, '"mussl 1.2" is not a resolver that is modelled (did you mean musl 1.2.5?)'],
    [{ pod: 'resolver: glibc 2' }, '"glibc 2" is not a resolver that is modelled (add a release, such as glibc 2.36)'],
    [
      { pod: 'jvm: { release: banana }' },
      'pods.app.jvm.release "banana" does not look right (Java release, such as "17".)',
    ],
    [{ release: '1.99.0' }, 'CoreDNS 1.99.0 is not modelled (those from 1.6.7 to 1.15.0 are)'],
    [
      { release: '1.14.9' },
      'CoreDNS 1.14.9 is not modelled (there is 1.14.0, 1.14.1, 1.14.2, 1.14.3, 1.14.4, 1.14.5, 1.14.6, 1.14.7)',
    ],
    [{ kubernetes: '1.99' }, 'Kubernetes 1.99 is not known (those from 1.18 to 1.37 are)'],
  ])('%j', (given, problem) => {
    expect(saidOf(given)).toContain(problem);
  });
});
