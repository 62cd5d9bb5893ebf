import { describe, expect, it, test } from 'vitest';
import { SmallTrace } from '../../test/support/small-trace.ts';
import { second } from '../engine/time.ts';
import { ipvsConnection, ipvsPacket, packetDropped } from '../kernel/records.ts';
import { ipvsEvidence, ipvsLine, ipvsText } from './ipvs-evidence.ts';

const connection = {
  protocol: 'udp',
  state: 'UDP',
  client: '10.244.0.9',
  clientPort: 40000,
  virtual: '10.96.0.10',
  virtualPort: 53,
  server: '10.244.1.5',
  serverPort: 53,
  weight: 0,
  isAvailable: true,
};
const packet = { ...connection, isNew: false, age: 50, left: 298.2, timeout: 300, reply: false };
const dropped = {
  where: 'INPUT',
  rule: '',
  protocol: 'udp',
  source: '10.244.0.9',
  sourcePort: 40000,
  destination: '10.96.0.10',
  destinationPort: 53,
  size: 33,
  detail: '',
};

function evidence(write: (trace: SmallTrace) => void): string[] {
  const trace = new SmallTrace();
  trace.now = 60 * second;
  write(trace);
  return [...ipvsEvidence(trace.store, () => 'coredns-1')].map(({ cause, text }) => `${cause}: ${text}`);
}

describe('a packet that a connection leads to a real server', () => {
  it('is on a stale way if that has weight 0', () => {
    expect(evidence(({ recorder }) => recorder.write(ipvsPacket, 'node-1', 1, 'in', packet))).toEqual([
      'stale-ipvs-connection: the packet matched the IPVS connection begun at 10 s, 4:58 left, which points at coredns-1 (10.244.1.5:53); that real server has weight 0, as its end point left the Service, but keeps the connections that it has, and this very packet gave this one 5:00 again',
    ]);
  });

  test.each([
    ['has a weight', { weight: 1 }],
    ['answers', { reply: true }],
  ])('explains nothing if the server %s', (_why, other) => {
    const write = ({ recorder }: SmallTrace) => recorder.write(ipvsPacket, 'node-1', 1, 'in', { ...packet, ...other });
    expect(evidence(write)).toEqual([]);
  });
});

describe('a packet whose real server was deleted', () => {
  const drop = ({ recorder }: SmallTrace) => recorder.write(packetDropped, 'node-1', 1, 'ipvs-server-gone', dropped);
  const beginning =
    'ipvs-server-gone: the packet matched an IPVS connection for 10.96.0.10:53 whose real server kube-proxy had deleted; node-1 dropped it, and ';

  it('ends the connection under expire_nodest_conn', () => {
    const write = (trace: SmallTrace) => {
      trace.recorder.write(ipvsConnection, 'node-1', 1, 'server-gone', connection);
      drop(trace);
    };
    expect(evidence(write)).toEqual([
      `${beginning}with expire_nodest_conn the connection ended, so that the next packet gets another server`,
    ]);
  });

  it('tells since when a port that is used again had that connection', () => {
    const write = (trace: SmallTrace) => {
      trace.now = 12 * second;
      trace.recorder.write(ipvsConnection, 'node-1', 1, 'begun', connection);
      trace.now = 60 * second;
      drop(trace);
    };
    expect(evidence(write)).toEqual([
      'ipvs-server-gone: the packet matched the IPVS connection begun at 12 s for 10.96.0.10:53 from this port, 40000, whose real server kube-proxy had deleted; node-1 dropped it, and without expire_nodest_conn the connection stays for what is left of its time',
    ]);
  });

  it('leaves it as it is otherwise', () => {
    expect(evidence(drop)).toEqual([
      `${beginning}without expire_nodest_conn the connection stays for what is left of its time`,
    ]);
  });
});

test('a packet in words, and its connection as ipvsadm prints it', () => {
  const trace = new SmallTrace();
  trace.now = 60 * second;
  trace.recorder.write(ipvsPacket, 'node-1', 1, 'in', packet);
  trace.recorder.write(ipvsPacket, 'node-1', 1, 'in', { ...packet, isNew: true, weight: 1 });
  const rows = [...trace.store.rows(ipvsPacket)];
  const named = (address: string, port: number) => `coredns-1 (${address}:${port})`;
  expect(rows.map((row) => ipvsText(row, named))).toEqual([
    'The IPVS connection for this port (begun at 10 s, 50 s ago; 4:58 left, now 5:00 again) points at coredns-1 (10.244.1.5:53), which has weight 0 but keeps the connections that it has.',
    'IPVS has no connection for this port and picks coredns-1 (10.244.1.5:53); a new connection keeps that for 5:00 after each packet.',
  ]);
  expect(rows.map(ipvsLine)[0]).toMatch(/^UDP 05:00 {2}UDP +10\.244\.0\.9:40000 +10\.96\.0\.10:53 +10\.244\.1\.5:53$/);
});
