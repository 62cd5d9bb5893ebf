import { expect, test } from 'vitest';
import type { Files } from '../scenario/files.ts';
import { loadScenario } from '../scenario/load.ts';
import { run } from './run.ts';

const texts: Readonly<Record<string, string>> = {
  's/Corefile': '.:53 {\n    errors\n    cache 30\n    forward . 192.168.1.101\n}\n',
  's/zone': '@ 60 IN SOA ns host 1 7200 900 1209600 60\n@ 60 IN NS ns\nns 60 IN A 192.168.1.100\n* 60 IN A 10.0.0.1\n',
};

/** `result cause: sentence` of the lookups of `other` behind a recursor whose authority never answers. */
function failuresBehind(software: string): string[] {
  const scenario = `title: A dead authority
duration: 70s
cluster:
  nodes: { node-1: { address: 192.168.1.200 } }
  coredns: { release: 1.11.1, replicas: 1, corefile: ./Corefile }
servers:
  corp-dns: { role: authoritative, address: 192.168.1.100, zones: { example.com: ./zone } }
  vpc-dns: { role: recursor, software: ${software}, address: 192.168.1.101, upstreams: { example.com: corp-dns } }
pods:
  app: { node: node-1 }
workloads:
  first: { pod: app, lookup: redis.example.com., family: ipv4, at: 0.5s, every: 4s }
  other: { pod: app, lookup: other.example.com., family: ipv4, at: 20.3s, every: 7s }
events:
  - { at: 0s, setServer: { server: corp-dns, answers: never } }
`;
  const files: Files = {
    read: (path) => (path === 's/scenario.yaml' ? scenario : texts[path]),
    isDirectory: (path) => path === 's',
  };
  const { analysis } = run(loadScenario('s', files));
  return analysis.workloads.flatMap(({ lookups }) => {
    return lookups.map((lookup) => {
      const { cause, sentence } = analysis.why(lookup);
      return `${cause}: ${sentence.replace(/^.*? after [^:]*: /, '')}`;
    });
  });
}

// Recordings recursor-silent-*: all three answer SERVFAIL at once, or nothing, once they have given a server up.
test.each(['unbound', 'bind', 'knot'])('what fails behind %s fails because of the server behind that', (software) => {
  const failures = failuresBehind(software);
  expect(failures.length).toBeGreaterThan(10);
  expect([...new Set(failures.map((text) => text.split(':')[0]))]).toEqual(['server-silent']);
  for (const text of failures) expect(text).toContain('corp-dns did not answer');
});

/** The first failure behind a recursor with these settings, of 40 lookups at once. */
function failureOfCrowd(software: string, settings: string, server = 'upstreams'): string | undefined {
  const scenario = `title: A crowd
duration: 20s
cluster:
  nodes: { node-1: { address: 192.168.1.200 } }
  coredns: { release: 1.11.1, replicas: 1, corefile: ./Corefile }
servers:
  corp-dns: { role: authoritative, address: 192.168.1.100, zones: { example.com: ./zone } }
  vpc-dns: { role: recursor, software: ${software}, address: 192.168.1.101, ${server}: { example.com: corp-dns }, options: { ${settings} } }
links: { vpc-dns..corp-dns: { latency: 100ms } }
pods:
  app: { node: node-1 }
workloads:
  crowd: { pod: app, lookup: a%n.example.com., family: ipv4, at: 1s, every: 1s, burst: 40, threads: 40, count: 40 }
`;
  const files: Files = {
    read: (path) => (path === 's/scenario.yaml' ? scenario : texts[path]),
    isDirectory: (path) => path === 's',
  };
  const { analysis } = run(loadScenario('s', files));
  const failed = analysis.workloads[0]?.lookups.find(({ verdict }) => verdict === 'failed');
  if (failed === undefined) return undefined;
  const { cause, sentence } = analysis.why(failed);
  return `${cause}: ${sentence}`;
}

// Recordings recursor-rate-limit, recursor-m-rrl: beyond its limits a recursor is silent, or says SERVFAIL.
test.each([
  [
    'unbound',
    'ip-ratelimit: 5, ip-ratelimit-factor: 0',
    'rate-limit',
    'vpc-dns allows 5 queries a second from an address, and did not answer this one',
    'upstreams',
  ],
  [
    'unbound',
    'ratelimit: 5, ratelimit-factor: 0',
    'rate-limit',
    'vpc-dns allows 5 queries a second to the servers of example.com, and asked nobody',
    'upstreams: {}, stubs',
  ],
  [
    'unbound',
    'num-queries-per-thread: 4',
    'recursor-crowded',
    'vpc-dns had as many clients or questions waiting as it has room for, and did not answer this one',
    'upstreams',
  ],
  [
    'bind',
    'recursive-clients: 5',
    'recursor-crowded',
    'vpc-dns had as many clients or questions waiting as it has room for, and answered SERVFAIL to this one, which had waited longest',
    'upstreams',
  ],
  [
    'bind',
    'fetches-per-server: 4',
    'recursor-crowded',
    'vpc-dns had as many clients or questions waiting as it has room for, and answered SERVFAIL at once',
    'upstreams',
  ],
])('what %s turns away by %s is told by the limit', (software, settings, cause, told, server) => {
  const failure = failureOfCrowd(software, settings, server);
  expect(failure).toMatch(new RegExp(`^${cause}: `));
  expect(failure).toContain(told);
});

test('a recursor that has given a server up is told with what led it there', () => {
  expect(failuresBehind('unbound')).toContainEqual(
    expect.stringMatching(
      /from its cache, 5 s left of 5 s; kept because vpc-dns asked nobody, as it had given up 192\.168\.1\.100:53; that because corp-dns did not answer\.$/,
    ),
  );
});

test.each([
  ['other.example.org.', 'other.example.org'],
  ['alias.example.com.', 'elsewhere.example.org'],
])('a recursor that knows nobody to ask for %s is told so', (lookup, sought) => {
  const scenario = `title: No server for a zone
duration: 5s
cluster:
  nodes: { node-1: { address: 192.168.1.200 } }
  coredns: { release: 1.11.1, replicas: 1, corefile: ./Corefile }
servers:
  corp-dns: { role: authoritative, address: 192.168.1.100, zones: { example.com: ./zone } }
  vpc-dns: { role: recursor, software: unbound, address: 192.168.1.101, upstreams: { example.com: corp-dns } }
pods:
  app: { node: node-1 }
workloads:
  app: { pod: app, lookup: ${lookup}, family: ipv4, at: 1s, every: 1s, count: 1 }
`;
  const alias = 'alias 60 IN CNAME elsewhere.example.org.\n';
  const files: Files = {
    read: (path) => (path === 's/scenario.yaml' ? scenario : `${texts[path]}${path === 's/zone' ? alias : ''}`),
    isDirectory: (path) => path === 's',
  };
  const { analysis } = run(loadScenario('s', files));
  const [failed] = analysis.workloads[0]?.lookups ?? [];
  expect(failed && analysis.why(failed).sentence).toContain(
    `vpc-dns answered SERVFAIL, as it has no server to ask for ${sought}`,
  );
});
