import { describe, expect, test } from 'vitest';
import { fillCorefile, stockCorefile } from './corefile.ts';
import { parseFlags } from './flags.ts';
import { goJson } from './go-json.ts';
import { emptyConfig, invalidServers, readKubeDnsConfig } from './kube-dns-config.ts';
import { type NodeCacheRelease, nodeCacheRelease } from './releases.ts';

function release(name: string): NodeCacheRelease {
  const found = nodeCacheRelease(name);
  if (found === undefined) throw new Error(`no release ${name}`);
  return found;
}

/** facts nodelocal 1. */
test.each([
  ['1.15.10', '1.6.7'],
  ['1.15.16', '1.6.7'],
  ['1.16.0', '1.7.0'],
  ['1.19.1', '1.7.0'],
  ['1.20.0', '1.8.3'],
  ['1.21.0', '1.7.0'],
  ['1.22.13', '1.7.0'],
  ['1.22.14', '1.10.0'],
  ['1.23.1', '1.10.0'],
  ['1.24.0', '1.11.3'],
  ['1.26.4', '1.11.3'],
  ['1.26.5', '1.12.2'],
  ['1.26.7', '1.13.1'],
])('node-cache %s holds CoreDNS %s', (name, coredns) => {
  expect(release(name).coredns).toBe(coredns);
});

test('the plugins that were built in', () => {
  expect(nodeCacheRelease('1.22.29')).toBeUndefined();
  expect([...release('1.22.20').builtIn].sort().join(' ')).toBe(
    'bind bufsize cache debug dns64 errors forward health hosts loadbalance log loop pprof prometheus reload rewrite template trace whoami',
  );
  expect(release('1.21.2').builtIn).not.toContain('dns64');
});

describe('-syncinterval is a Go duration times one second', () => {
  const interval = (text: string) => {
    const flags = parseFlags(['-localip', '169.254.20.10', '-syncinterval', text], release('1.26.7'));
    return 'lines' in flags ? flags : flags.syncInterval;
  };

  test.each([
    ['60ns', 60_000_000_000n],
    ['4ns', 4_000_000_000n],
    ['5s', 5_000_000_000_000_000_000n],
    ['10s', -8_446_744_073_709_551_616n],
    ['0', 0n],
  ])('%s', (text, nanoseconds) => {
    expect(interval(text)).toBe(nanoseconds);
  });

  test('a bare number is refused', () => {
    expect(interval('5')).toMatchObject({
      lines: [
        'invalid value "5" for flag -syncinterval: parse error',
        'Usage of node-cache-1.26.7:',
        'Runs CoreDNS v1.13.1 as a nodelocal cache listening on the specified ip:port',
      ],
      code: 2,
    });
  });
});

test.each([
  [['-localip', 'here'], '[FATAL] Error parsing flags - invalid localip specified - "here", Exiting', 1],
  [
    ['-localip=10.0.0.1', '-health-port', 'x'],
    '[FATAL] Error parsing flags - invalid healthcheck port specified - "x", Exiting',
    1,
  ],
  [['-localip=10.0.0.1', '-setupebtables'], 'flag provided but not defined: -setupebtables', 2],
  [['-localip=10.0.0.1', '-skipteardown=no'], 'invalid boolean value "no" for -skipteardown: parse error', 2],
  [['-localip'], 'flag needs an argument: -localip', 2],
])('arguments %j are refused', (words, line, code) => {
  const flags = parseFlags(words, release('1.22.20'));
  expect('lines' in flags && [flags.lines[0], flags.code]).toEqual([line, code]);
});

test('-reloadwithsignal came with 1.26.5', () => {
  const words = ['-localip', '10.0.0.1', '-reloadwithsignal=true'];
  expect(parseFlags(words, release('1.26.4'))).toHaveProperty('code', 2);
  expect(parseFlags(words, release('1.26.5'))).toHaveProperty('reloadsWithSignal', true);
});

describe('the Corefile', () => {
  const replacements = { localAddresses: ['169.254.20.10', '10.96.0.10'], port: '53', clusterDns: '10.96.0.77' };
  const block = '.:53 {\n    forward . __PILLAR__UPSTREAM__SERVERS__ {\n            force_tcp\n    }\n}\n';
  const own = { ...emptyConfig, upstreamNameservers: ['192.0.2.54', '192.0.2.55'] };
  const fill = (base: string, config = emptyConfig) => fillCorefile(base, config, replacements, release('1.26.7'));

  test('without upstreamNameservers resolv.conf takes their place, over TCP where it stands so', () => {
    expect(fill(block).text).toBe(block.replace('__PILLAR__UPSTREAM__SERVERS__', '/etc/resolv.conf'));
  });

  test('own upstream servers drop force_tcp in exactly the known layout', () => {
    expect(fill(block, own).text).toBe('.:53 {\n    forward . 192.0.2.54 192.0.2.55\n}\n');
    expect(fill(block, own).warnings).toEqual([]);
    const indented = block.replaceAll('            force_tcp', '        force_tcp');
    expect(fill(indented, own).text).toContain('force_tcp');
    expect(fill(indented, own).warnings).toEqual([
      'Did not find TCP upstream block to replace, assuming upstreams already use UDP.',
    ]);
  });

  test('stub domains get a block each behind it', () => {
    const stubDomains = new Map([['corp.example', ['192.0.2.60', '192.0.2.61']]]);
    expect(fill('.:53 {\n}\n', { ...emptyConfig, stubDomains }).text).toBe(
      '.:53 {\n}\n\ncorp.example:53 {\n    errors\n    cache 30\n    bind 169.254.20.10 10.96.0.10\n    forward . 192.0.2.60 192.0.2.61\n}\n',
    );
  });

  test('an upstream Service that the environment does not know is <nil>', () => {
    const unknown = { ...replacements, clusterDns: undefined };
    expect(fillCorefile('forward . __PILLAR__CLUSTER__DNS__', emptyConfig, unknown, release('1.22.13')).text).toBe(
      'forward . <nil>',
    );
  });

  test("the addon's own has four blocks, four caches, and force_tcp in all but the last", () => {
    const stock = stockCorefile('cluster.local', release('1.26.7'));
    expect(stock.match(/^\S+:53/gm)).toEqual(['cluster.local:53', 'in-addr.arpa:53', 'ip6.arpa:53', '.:53']);
    expect(stock.match(/force_tcp/g)).toHaveLength(3);
    expect(stock).toContain('success 9984 30');
    expect(stock).toContain('denial 9984 5');
  });
});

describe('the kube-dns ConfigMap', () => {
  const read = (stubDomains: string, upstreamNameservers?: string) => {
    const keys = [['stubDomains', stubDomains] as const];
    if (upstreamNameservers !== undefined)
      return readKubeDnsConfig(new Map([...keys, ['upstreamNameservers', upstreamNameservers]]));
    return readKubeDnsConfig(new Map(keys));
  };

  test.each([
    ['{"corp.example": ["192.0.2.60"', 'unexpected end of JSON input'],
    ['{corp.example: []}', "invalid character 'c' looking for beginning of object key string"],
    ['{"corp.example" ["192.0.2.60"]}', "invalid character '[' after object key"],
    ['{"corp.example": ["192.0.2.60";]}', "invalid character ';' after array element"],
    ['{"corp.example": "192.0.2.60"}', 'json: cannot unmarshal string into Go value of type []string'],
    ['["192.0.2.60"]', 'json: cannot unmarshal array into Go value of type map[string][]string'],
    ['{"Corp_Example": ["192.0.2.60"]}', 'invalid domain name: "Corp_Example"'],
    ['{"corp.example": ["192.0.2.60:99999"]}', 'invalid nameserver: "192.0.2.60:99999"'],
  ])('%s: %s', (text, error) => {
    expect(read(text)).toEqual({ error });
  });

  test('more than three upstream servers are too many', () => {
    expect(read('{}', '["1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4"]')).toEqual({
      error: 'upstreamNameserver cannot have more than three entries',
    });
  });

  test('a server by name passes there, but forward does not take it (recording nodelocal-cm-invalid)', () => {
    const config = read('{"corp.example": ["ns1.corp.example"]}', '["192.0.2.54"]');
    if ('error' in config) throw new Error(config.error);
    const files = { read: () => undefined, names: () => [] };
    expect(invalidServers(config, files, release('1.26.7'))).toBe(
      'invalid nameservers [ns1.corp.example] for the stub domain corp.example: not an IP address or file: "ns1.corp.example"',
    );
    expect(invalidServers(config, files, release('1.22.9'))).toBeUndefined();
  });
});

test.each([
  ['[1]', 'json: cannot unmarshal number into Go value of type string'],
  ['', 'unexpected end of JSON input'],
  ["['a']", "invalid character '\\'' looking for beginning of value"],
  ['["a"] x', "invalid character 'x' after top-level value"],
  ['[tru]', "invalid character ']' in literal true (expecting 'e')"],
])('encoding/json on %s', (text, error) => {
  expect(goJson(text, '[]string')).toEqual({ error });
});
