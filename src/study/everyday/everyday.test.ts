import { describe, expect, test } from 'vitest';
import { disk } from '../../cli/disk.ts';
import { loadScenario } from '../../scenario/load.ts';
import { everydayAround } from './everyday.ts';
import { wantsOf } from './upstreams.ts';

const everyday = loadScenario('starter', disk);
const source = (text: string) => ({ file: 'Corefile', text });
const wants = (text: string) => wantsOf(source(text), 'nameserver 192.168.1.2\nnameserver 192.168.1.3\n');

describe('what a Corefile needs around it', () => {
  test.each([
    ['.:53 {\n forward . /etc/resolv.conf\n}', ['192.168.1.2', '192.168.1.3'], '192.168.1.2', [], undefined],
    ['.:53 {\n forward . 8.8.8.8 1.1.1.1:5353\n}', ['8.8.8.8', '1.1.1.1'], '8.8.8.8', [], undefined],
    [
      '.:53 {\n forward . 8.8.8.8\n}\ncorp.example:53 {\n forward . 10.1.1.1\n}',
      ['8.8.8.8', '10.1.1.1'],
      '8.8.8.8',
      ['corp.example'],
      undefined,
    ],
    [
      '.:53 {\n forward corp.example 10.1.1.1\n forward . 8.8.8.8\n}',
      ['10.1.1.1', '8.8.8.8'],
      '8.8.8.8',
      ['corp.example'],
      undefined,
    ],
    ['.:53 {\n forward 10.in-addr.arpa 10.1.1.1\n}', ['10.1.1.1'], undefined, [], undefined],
    [
      '.:53 {\n kubernetes k8s.corp in-addr.arpa\n forward sub.k8s.corp 10.1.1.1\n}',
      ['10.1.1.1'],
      undefined,
      [],
      'k8s.corp',
    ],
    ['.:53 {\n whoami\n}', [], undefined, [], undefined],
    ['.:53 {\n forward', [], undefined, [], undefined],
    [
      'apiVersion: v1\nkind: ConfigMap\ndata:\n  Corefile: |\n    . {\n      forward . 9.9.9.9\n    }\n',
      ['9.9.9.9'],
      '9.9.9.9',
      [],
      undefined,
    ],
  ])('%j', (text, upstreams, first, stubs, domain) => {
    expect(wants(text)).toEqual({ upstreams, secure: new Map(), first, stubs, domain });
  });

  test('upstreams over TLS have certificates: of those that are known their own, of others for what they are called', () => {
    const text = '. {\n forward . tls://1.1.1.1 tls://10.1.1.1:8853 {\n tls_servername dns.corp\n }\n}';
    expect([...wants(text).secure.values()]).toEqual([
      { port: 853, names: ['cloudflare-dns.com'], addresses: ['1.1.1.1'], issuer: 'public' },
      { port: 8853, names: ['dns.corp'], addresses: ['10.1.1.1'], issuer: 'public' },
    ]);
    const { tls } = { tls: undefined, ...fitted(text).scenario.definition.servers['dns-10-1-1-1'] };
    expect(tls).toMatchObject({ port: 8853, names: ['dns.corp'] });
  });
});

/** The everyday cluster, fitted to Corefiles and loaded with the last of them. */
function fitted(...texts: string[]) {
  const { changes, said } = everydayAround(texts.map(source), everyday);
  const corefile = {
    kind: 'value' as const,
    file: 'test',
    path: ['cluster', 'coredns', 'corefile'],
    value: texts.at(-1),
  };
  return { said, scenario: loadScenario('starter', disk, { changes: [...changes, corefile] }) };
}

describe('the everyday cluster', () => {
  test('has a resolver at every upstream, and the one that is asked first is silent for a minute', () => {
    const { scenario, said } = fitted('.:53 {\n forward . 8.8.8.8 192.168.1.3\n}\n', '.:53 {\n forward . 9.9.9.9\n}\n');
    const { servers, events } = scenario.definition;
    expect(Object.keys(servers)).toEqual(['dns-1', 'dns-2', 'internet', 'dns-8-8-8-8', 'dns-9-9-9-9']);
    expect(servers['dns-9-9-9-9']).toMatchObject({
      role: 'recursor',
      address: '9.9.9.9',
      upstreams: { '.': 'internet' },
    });
    expect(events.map(({ at, label }) => [at / 1e6, label])).toEqual([
      [60, 'dns-8-8-8-8 silent'],
      [120, 'dns-9-9-9-9 silent'],
      [120, 'dns-8-8-8-8 back'],
      [180, 'dns-9-9-9-9 back'],
      [180, 'database moves'],
    ]);
    expect(said).toEqual(['A resolver answers at each upstream of the Corefile: 8.8.8.8, 9.9.9.9.']);
  });

  test('has a name in each stub zone, and somebody who looks it up', () => {
    const { scenario, said } = fitted(
      '.:53 {\n forward . /etc/resolv.conf\n}\ncorp.example:53 {\n forward . 10.9.0.1\n}\n',
    );
    expect(scenario.definition.workloads['stub-1']).toMatchObject({ pod: 'shop', lookup: 'host.corp.example' });
    expect(scenario.artefacts.zones.internet?.['.']?.text).toContain('\nhost.corp.example. 300 IN A 10.2.0.1\n');
    expect(said.at(-1)).toBe('Each stub zone has a name that is looked up: host.corp.example.');
  });

  test('has the domain that the Corefile names', () => {
    const corefile = (domain: string) => `.:53 {\n kubernetes ${domain}\n forward . /etc/resolv.conf\n}\n`;
    const { scenario, said } = fitted(corefile('k8s.corp'));
    expect(scenario.definition.cluster.domain).toBe('k8s.corp');
    expect(said).toEqual(['The domain of the cluster is k8s.corp.']);
    expect(fitted(corefile('cluster.local')).said).toEqual([]);
    expect(fitted(corefile('cluster.local'), corefile('k8s.corp')).said).toEqual([
      'The domain of the cluster is cluster.local, not k8s.corp.',
    ]);
  });
});
