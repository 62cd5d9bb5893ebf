import { expect, test } from 'vitest';
import { adviceOn } from './advice.ts';

const because = (cause: string, sentence = '') => ({ cause, holders: [], sentence });
const held = {
  kind: 'cache',
  layer: 'coredns',
  t: 90,
  seq: 0,
  trace: 1,
  at: 'coredns-1',
  type: 'A',
  storedAt: 0,
  runsOut: 30,
  lifetime: 30,
  recordTtl: 30,
  bound: 'record',
  setting: '',
  filledBy: 1,
  expired: false,
  expiredBy: '',
} as const;

// Whatever a verdict may name has a remedy; `unknown`, `no-query` and `answered` name nothing.
test.each(
  `answer-untranslated backend-silent client-cache client-negative-cache cname-loop cname-loop-nodata connection-closed conntrack-clash conntrack-table-full coredns-cache coredns-crashed dangling-cname-nxdomain
  coredns-killed coredns-overloaded coredns-stopped econnrefused erratic forward-error forwarding-loop half-denied ipvs-server-gone jvm-cache
  jvm-negative-cache kubernetes-not-synced late-answer link-loss link-queue-full malformed-reply max-concurrent neighbour-gone no-neighbour
  no-local-endpoint no-ready-endpoint no-rule no-rule-gap no-such-host not-forwarding no-tcp node-cache-down node-cache-teardown node-lost nodata nxdomain old-source
  outdated-nxdomain packet-limit pod-gone port-closed recursor-cache recursor-no-reply refused reply-cut-by-buffer rule-drop
  rule-reject rules-behind search-skipped search-stopped server-silent servfail stale-conntrack-entry
  stale-ipvs-connection stale-servfail stuck-conntrack-entry tcp-connections-busy timeout tls-certificate-refused tls-handshake-failed
  tls-handshake-timeout too-many-records upstreams-down`.split(/\s+/),
)('there is advice on %s', (cause) => {
  expect(adviceOn([because(cause)])).toHaveLength(1);
});

test('advice is given once', () => {
  expect(adviceOn([because('timeout'), because('timeout')])).toHaveLength(1);
});

test('an answer that is handed out after its time is helped by serve_stale, not by a shorter time', () => {
  const late = { ...held, expired: true };
  expect(adviceOn([{ ...because('coredns-cache'), holders: [held] }]).join()).toMatch(/cap the zone/);
  expect(adviceOn([{ ...because('coredns-cache'), holders: [late] }]).join()).toMatch(/^CoreDNS hands expired answers/);
  expect(adviceOn([{ ...because('jvm-cache'), holders: [late] }])).toHaveLength(2);
});

test('a recursor that raises TTLs is not helped by lower ones', () => {
  const raised = { ...held, layer: 'recursor', bound: 'raised', recordTtl: 5, lifetime: 120 } as const;
  expect(adviceOn([{ ...because('coredns-cache'), holders: [held, raised] }])).toEqual([
    expect.stringMatching(/^The recursor keeps records for longer than their TTL/),
  ]);
});

test('a CoreDNS that ended because of a loop is helped by what ends the loop', () => {
  const crash = because(
    'coredns-crashed',
    'coredns-1 had ended at 1 s ("[FATAL] plugin/loop: Loop (127.0.0.1:4 -> :53)")',
  );
  expect(adviceOn([crash]).join()).toMatch(/^CoreDNS forwards to itself/);
  expect(adviceOn([because('coredns-crashed')]).join()).toMatch(/^CoreDNS ended by itself/);
});

test('a cache that a server with old records has filled is helped by asking another', () => {
  const sentence =
    'CoreDNS answered from its cache. old-dns itself had answered that, although it was no longer served elsewhere.';
  expect(adviceOn([{ ...because('coredns-cache', sentence), holders: [held] }])).toContainEqual(
    expect.stringMatching(/^A server that still has old records was asked/),
  );
});
