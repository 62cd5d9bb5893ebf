import { expect, test } from 'vitest';
import { ColumnStore } from '../../engine/columns.ts';
import { type Process, sleep, timedOut } from '../../engine/process.ts';
import { Recorder } from '../../engine/recorder.ts';
import { Simulation } from '../../engine/simulation.ts';
import { millisecond, second } from '../../engine/time.ts';
import { createHost } from '../../kernel/host.ts';
import { isSocketError, type TcpConnection } from '../../kernel/socket/socket.ts';
import { parseAddress } from '../../network/address.ts';
import { createNetwork } from '../../network/network.ts';
import type { Payload } from '../../network/packet.ts';
import { type Certificate, publicAuthority, refusal, systemRoots } from './certificate.ts';
import { isTlsFailure, openTls, type Sessions } from './client.ts';
import type { TlsVersion } from './messages.ts';
import { authoritiesIn } from './pem.ts';
import { tlsHandshake } from './records.ts';
import { acceptTls, type Greeting, type TlsServer } from './server.ts';

const addressOf = (text: string) => parseAddress(text) ?? 0;
const valid: Certificate = {
  commonName: 'dns.example',
  names: ['dns.example', '*.resolver.example'],
  addresses: [addressOf('192.0.2.53')],
  issuer: publicAuthority,
  from: 0,
  until: 90 * second,
  epoch: 1_714_528_800 * second, // 2024-05-01T02:00:00Z
};

// The words of recordings forward-tls-*, Go 1.26.
test.each<[host: string, change: Partial<Certificate>, at: number, words: string | undefined]>([
  ['dns.example', {}, 1, undefined],
  ['DNS.example.', {}, 1, undefined],
  ['a.resolver.example', {}, 1, undefined],
  ['192.0.2.53', {}, 1, undefined],
  ['b.a.resolver.example', {}, 1, 'certificate is valid for dns.example, *.resolver.example, not b.a.resolver.example'],
  ['resolver.example', {}, 1, 'certificate is valid for dns.example, *.resolver.example, not resolver.example'],
  ['192.0.2.54', {}, 1, 'certificate is valid for 192.0.2.53, not 192.0.2.54'],
  [
    '192.0.2.53',
    { addresses: [] },
    1,
    "cannot validate certificate for 192.0.2.53 because it doesn't contain any IP SANs",
  ],
  ['dns.example', { names: [], addresses: [] }, 1, 'certificate relies on legacy Common Name field, use SANs instead'],
  [
    'a.example',
    { names: [], addresses: [] },
    1,
    'certificate is not valid for any names, but wanted to match a.example',
  ],
  ['dns.example', { issuer: 'Corp CA' }, 1, 'certificate signed by unknown authority'],
  [
    'dns.example',
    {},
    100,
    'certificate has expired or is not yet valid: current time 2024-05-01T02:01:40Z is after 2024-05-01T02:01:30Z',
  ],
  [
    'dns.example',
    { from: 5 * second },
    1,
    'certificate has expired or is not yet valid: current time 2024-05-01T02:00:01Z is before 2024-05-01T02:00:05Z',
  ],
])('%s against %o at %i s: %s', (host, change, at, words) => {
  const said = refusal({ ...valid, ...change }, host, systemRoots, at * second);
  expect(said).toBe(words === undefined ? undefined : `x509: ${words}`);
});

const address = addressOf('192.0.2.2');

/** Handshakes one after the other with a server that is 10 ms away: milliseconds of each, whether it was resumed, its error. */
function shakeHands(version: TlsVersion, greeting: Greeting, sessions: Sessions | undefined, count: number) {
  const store = new ColumnStore();
  const simulation = new Simulation('1', new Recorder(store));
  const quality = { latency: 10 * millisecond, jitter: 0, loss: 0 };
  const network = createNetwork(simulation, [{ name: 'wire', quality, pairs: [] }]);
  const [client, server] = ['192.0.2.1/24', '192.0.2.2/24'].map((own) =>
    createHost(simulation, network, {
      name: own,
      kernel: '6.18',
      forwarding: false,
      interfaces: [{ name: 'eth0', segment: 'wire', addresses: [own] }],
      routes: [],
      sysctls: {},
    }),
  );
  if (client === undefined || server === undefined) throw new Error('no hosts');
  const side: TlsServer = {
    certificate: valid,
    version,
    certificateOctets: 3000,
    greeting: () => greeting,
    bare: () => false,
  };
  const listener = server.listen({ address: 0, port: 853 }, 'server');
  if (isSocketError(listener)) throw new Error(listener.error);
  const accept = function* (): Process {
    for (;;) {
      const connection = yield* listener.accept(Number.POSITIVE_INFINITY);
      if (connection !== timedOut) simulation.spawn(answer(connection));
    }
  };
  const answer = function* (connection: TcpConnection): Process {
    const open = yield* acceptTls(simulation, connection, side);
    const asked = open && (yield* open.receive(Number.POSITIVE_INFINITY));
    if (asked !== undefined && asked !== timedOut && 'payload' in asked) open?.send(asked.payload, asked.trace);
    const last = open && (yield* open.receive(Number.POSITIVE_INFINITY));
    if (last !== undefined && last !== timedOut && 'end' in last) open?.close();
  };
  const call = function* (): Process {
    for (let i = 0; i < count; i++) {
      const context = {
        simulation,
        owner: 'client',
        trace: 0,
        deadline: simulation.now + second,
        begun: simulation.now,
      };
      const connection = yield* client.connect({ address, port: 853 }, context);
      if (connection === timedOut || isSocketError(connection)) throw new Error('no connection');
      const tls = { serverName: 'dns.example', roots: systemRoots, sessions, helloOctets: 300 };
      const open = yield* openTls(connection, tls, context);
      if (open === timedOut || isSocketError(open) || isTlsFailure(open)) continue;
      open.send(query, 0);
      const reply = yield* open.receive(Number.POSITIVE_INFINITY);
      expect(reply).toMatchObject({ payload: query });
      open.close();
      yield* sleep(second);
    }
  };
  simulation.spawn(accept());
  simulation.spawn(call());
  simulation.run(20 * second);
  return [...store.rows(tlsHandshake)].map(({ seconds, resumed, error }) => {
    return [Math.floor(seconds * 1000), resumed, error];
  });
}

const query: Payload = { size: 40 };

test('round trips: one with TLS 1.3, two with 1.2, one where its session is resumed', () => {
  expect(shakeHands('1.3', 'tls', undefined, 2).map(([ms]) => ms)).toEqual([20, 20]);
  expect(shakeHands('1.3', 'tls', new Map(), 2)).toEqual([
    [20, false, ''],
    [20, true, ''],
  ]);
  expect(shakeHands('1.2', 'tls', undefined, 2).map(([ms]) => ms)).toEqual([40, 40]);
  expect(shakeHands('1.2', 'tls', new Map(), 2)).toEqual([
    [40, false, ''],
    [20, true, ''],
  ]);
});

test.each<[Greeting, string]>([
  ['stalls', 'context deadline exceeded'],
  ['plain', 'tls: first record does not look like a TLS handshake'],
  ['closes', 'EOF'],
  ['resets', 'ECONNRESET'],
])('a server that %s', (greeting, error) => {
  expect(shakeHands('1.3', greeting, undefined, 1).map((row) => row[2])).toEqual([error]);
});

const authority = `
-----BEGIN CERTIFICATE-----
MIIBPzCB5aADAgECAhQmi13wI1MalLJohjFBxAew0lHuZDAKBggqhkjOPQQDAjAV
MRMwEQYDVQQDDApFeGFtcGxlIENBMB4XDTI2MTAyMjIzNTUxMFoXDTM2MTExODIz
NTUxMFowFTETMBEGA1UEAwwKRXhhbXBsZSBDQTBZMBMGByqGSM49AgEGCCqGSM49
AwEHA0IABBWPpvaY+KNpXXevS4v5ViSEl5mDa9/js+soU7DkAJj9gx93NP2psK6H
sgu1DF+yG1wF1e0ahdWfNxcvcQkpfSqjEzARMA8GA1UdEwEB/wQFMAMBAf8wCgYI
KoZIzj0EAwIDSQAwRgIhAKS6KdGvpkX68K3PIAz57KS3RHM8GUDgamB7RKzwH2gm
AiEA0eBh+3FTO1Wdoqcn6v69hBTaWWZTje1FAj4efRHQWk4=
-----END CERTIFICATE-----
`;

test('the common names in a PEM file', () => {
  expect(authoritiesIn(`Corp\n${authority}\n${authority}`)).toEqual(['Example CA', 'Example CA']);
  expect(authoritiesIn('')).toEqual([]);
  expect(authoritiesIn(authority.replace(/^MII.*$/m, 'MIIB'))).toEqual([]);
  expect(authoritiesIn('-----BEGIN CERTIFICATE-----\n=\n-----END CERTIFICATE-----')).toEqual([]);
});
