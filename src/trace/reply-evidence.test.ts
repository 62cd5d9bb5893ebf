import { expect, test } from 'vitest';
import { whyFailed, worldWith } from '../../test/support/failure.ts';
import type { Trouble } from '../../test/support/trouble.ts';
import { coreDnsRequest } from '../coredns/records.ts';
import type { Files } from '../scenario/files.ts';
import { loadScenario } from '../scenario/load.ts';
import { run } from '../study/run.ts';

const kubernetes = 'kubernetes cluster.local';

/** `cause: sentence` of each lookup, without its result, with these plugins in CoreDNS and a pod of that resolver; `more`: of the scenario. */
function whyWith(...given: Parameters<typeof analysisWith>): string[] {
  const { workloads, why } = analysisWith(...given);
  return workloads.flatMap(({ lookups }) => {
    return lookups.map((one) => `${why(one).cause}: ${why(one).sentence.replace(/^.*? after [^:]*: /, '')}`);
  });
}

function analysisWith(plugins: string, client: string, lookup: string, more = '') {
  const scenario = `title: Denied
duration: 30s
cluster:
  nodes: { node-1: { address: 192.168.1.200 } }
  coredns: { release: 1.11.1, replicas: 1, corefile: ./Corefile }
  services: [{ name: default/shop, address: None, ports: [{ name: http, port: 80, protocol: tcp }], endpoints: [10.9.0.1] }]
servers:
  dns-1: { role: authoritative, address: 192.168.1.100, zones: { example.com: ./zone } }
pods:
  app: { node: node-1, ${client} }
workloads:
  app: { pod: app, lookup: ${lookup}, family: ipv4, at: 8s, every: 2s }
${more}`;
  const texts: Readonly<Record<string, string>> = {
    's/scenario.yaml': scenario,
    's/Corefile': `.:53 {\n    cache 30\n    ${plugins}\n    forward . 192.168.1.100\n}\n`,
    's/zone':
      '@ 60 IN SOA ns host 1 7200 900 1209600 60\n@ 60 IN NS ns\nns 60 IN A 192.168.1.100\napi 60 IN A 10.0.0.1\n',
  };
  const files: Files = { read: (path) => texts[path], isDirectory: (path) => path === 's' };
  return run(loadScenario('s', files)).analysis;
}

const glibc = 'resolver: glibc 2.36';

test('a name that was rewritten to one that is not there fails because of the line that did so', () => {
  const line = 'rewrite name exact api.example.com api.gone.cluster.local';
  const told = `CoreDNS coredns-1 answered NXDOMAIN: api.example.com had been rewritten to api.gone.cluster.local because of \`${line}\` (Corefile:3).`;
  const [first, ...later] = whyWith(`${line}\n    ${kubernetes}`, glibc, 'api.example.com.');
  expect(first).toBe(`rewritten-nxdomain: ${told}`);
  expect(new Set(later.map((text) => text.replace(/^(\S+) .*; kept because /, '$1 ')))).toEqual(
    new Set([`rewritten-nxdomain: ${told}`]),
  );
  // A failure that would come again is not kept for too long.
  for (const text of whyWith(`${line}\n    ${kubernetes}`, `${glibc}, jvm: { release: "17" }`, 'api.example.com.'))
    expect(text).toMatch(/^rewritten-nxdomain: /);
});

// Its name goes with its last end point, and the search list ends with a denial of somebody else's.
test.each([
  [
    'changeEndpoints: { service: default/shop, endpoints: [] }',
    'empty-service-nxdomain: CoreDNS coredns-1 answered NXDOMAIN for shop.default.svc.cluster.local: default/shop, a headless Service, has had no ready end point since 5 s.',
  ],
  [
    'deleteService: { service: default/shop }',
    'deleted-service-nxdomain: CoreDNS coredns-1 answered NXDOMAIN for shop.default.svc.cluster.local: default/shop was deleted at 5 s.',
  ],
])('the name of a Service is denied after { %s }', (event, told) => {
  expect(new Set(whyWith(kubernetes, glibc, 'shop', `events: [{ at: 5s, ${event} }]\n`))).toEqual(new Set([told]));
});

test.each([
  ['block', 'acl', 'refused to serve that client'],
  ['drop', 'acl', 'did not answer that client'],
  ['filter', 'acl-nodata', 'gave that client an empty answer'],
])('acl with %s keeps a client out', (action, cause, did) => {
  const acl = `acl {\n        ${action} net 10.0.0.0/8\n    }`;
  const [first] = whyWith(acl, glibc, 'api.example.com.');
  expect(first).toMatch(`${cause}: CoreDNS coredns-1 ${did} because of \`acl\` (Corefile:3)`);
});

test.each([
  [
    'template IN A {\n        rcode REFUSED\n    }',
    'refused: CoreDNS coredns-1 answered REFUSED for api.example.com, as `template IN A` (Corefile:3) says.',
  ],
  [
    'hosts {\n        10.0.0.5 www.example.com\n    }',
    'servfail: CoreDNS coredns-1 answered SERVFAIL, as `hosts` (Corefile:3) has nothing and passes nothing on.',
  ],
])('what the Corefile itself says is told with its line: %s', (plugin, told) => {
  const [first = ''] = whyWith(plugin, glibc, 'api.example.com.');
  expect(first.replace(/ \(the last of.*\)/, '')).toBe(told);
});

test.each([
  ['', 'refused: dns-1 answered REFUSED for www.example.org, as it has no zone for it.'],
  [
    'events: [{ at: 1s, setServer: { server: dns-1, answers: refused } }]\n',
    'refused: dns-1 answered REFUSED for www.example.org.',
  ],
])('a server that refuses a name is told with it (%s)', (events, told) => {
  const [first] = whyWith('forward . 192.168.1.100', 'resolver: c-ares 1.34', 'www.example.org.', events);
  expect(first).toBe(told);
});

test('that no server block is for a name is told with the name', () => {
  const happens = (one: Trouble) => {
    const request = { name: 'db.example.com.', type: 'A', protocol: 'udp', client: '', zone: '', place: '' };
    one.trace.recorder.write(coreDnsRequest, 'coredns-1', one.query, 'no-zone', request);
    one.reply('REFUSED');
  };
  const reader = { kind: 'c-ares', release: '1.34' } as const;
  expect(whyFailed(worldWith('', reader), () => undefined, happens)?.sentence).toContain(
    'CoreDNS coredns-1 answered REFUSED for db.example.com, as no server block of its Corefile is for it',
  );
});

// `plugin.NextOrFailure`: SERVFAIL, "no next plugin found".
test('a name that no plugin takes is told with the last that passed it on', () => {
  const only = `${kubernetes}\n    forward example.com 192.168.1.100\n}\nexample.org:53 {`;
  const [first] = whyWith(only, 'resolver: c-ares 1.34', 'www.example.net.');
  expect(first).toBe(
    'servfail: CoreDNS coredns-1 answered SERVFAIL, as no plugin of its server block takes www.example.net: `forward example.com 192.168.1.100` (Corefile:4) is the last, and passes it on.',
  );
  const [refused] = whyWith(
    kubernetes,
    'resolver: c-ares 1.34',
    'api.example.com.',
    'events: [{ at: 1s, setServer: { server: dns-1, answers: servfail } }]\n',
  );
  expect(refused).toBe('servfail: dns-1 answered SERVFAIL.');
});

// `erratic` drops every second query unless told otherwise.
test('what the plugin erratic drops is told by it', () => {
  const only = 'erratic\n}\nexample.org:53 {';
  const [first] = whyWith(only, `${glibc}, dnsConfig: { options: [{ name: attempts, value: "1" }] }`, 'x.');
  expect(first).toMatch('erratic: CoreDNS coredns-1 did not answer, as `erratic` (Corefile:3) drops some queries');
});

test.each([
  ['acl {\n        block net 10.0.0.0/8\n    }', 'Plugin acl refuses to serve that client.'],
  ['erratic\n}\nexample.org:53 {', 'Plugin erratic drops the query on purpose.'],
])('what %s decides is told in words', (plugins, text) => {
  const { workloads, account } = analysisWith(plugins, glibc, 'x.');
  const [first] = workloads[0]?.lookups ?? [];
  expect(first && account(first).steps.map((step) => step.text)).toContain(text);
});
