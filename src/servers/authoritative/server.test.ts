import { describe, expect, it } from 'vitest';
import { type Asked, type Seen, siteIn, startLab } from '../../../test/support/lab.ts';
import { second } from '../../engine/time.ts';
import { ProblemsFound } from '../../problem/problem.ts';
import { authorityAnswer, serverQuery } from '../records.ts';
import { type AuthoritativeServer, startAuthoritative } from './server.ts';

const address = '10.9.0.21';
const many = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${name} 60 IN A 198.51.100.${i + 1}`).join('\n');
const text = `@ 300 IN SOA ns1.demo. host.demo. 1 7200 900 1209600 60
redis 600 IN A 10.0.0.1
${many('api-push-vivo-com', 20)}
${many('p40', 40)}
${many('p90', 90)}
`;

function start() {
  const lab = startLab([address]);
  const zones = { demo: { file: 'demo.zone', text } };
  const common = { role: 'authoritative', name: 'auth', host: 'lab', address, port: 53 } as const;
  const server = startAuthoritative(siteIn(lab, address, 'auth'), { ...common, zones });
  return { ...lab, server };
}

/** Replies to questions asked a second apart, with something done half a second before the second one. */
function replies(questions: readonly Asked[], between: (server: AuthoritativeServer) => void = () => {}) {
  const { simulation, ask, server } = start();
  const seen: Seen[] = [];
  questions.forEach((asked, i) => {
    ask(i + 1, address, { timeout: 0.5, ...asked }, (reply) => seen.push(reply));
  });
  simulation.at(1.8 * second, () => between(server));
  simulation.run(30 * second);
  return seen;
}

describe('an authoritative server', () => {
  it.each<[asked: Asked, records: number, tc: boolean, edns: number | null, wire: number]>([
    [{ name: 'api-push-vivo-com.demo' }, 20, false, null, 360],
    [{ name: 'api-push-vivo-com.demo', edns: 512 }, 20, false, 1232, 371],
    [{ name: 'api-push-vivo-com.demo', edns: 4096 }, 20, false, 1232, 371],
    [{ name: 'api-push-vivo-com.demo', proto: 'tcp' }, 20, false, null, 360],
    [{ name: 'p40.demo' }, 0, true, null, 26],
    [{ name: 'p40.demo', edns: 512 }, 0, true, 1232, 37],
    [{ name: 'p40.demo', edns: 1232 }, 40, false, 1232, 677],
    [{ name: 'p40.demo', proto: 'tcp' }, 40, false, null, 666],
    [{ name: 'p90.demo', edns: 4096 }, 0, true, 1232, 37],
    [{ name: 'p90.demo', proto: 'tcp' }, 90, false, null, 1466],
  ])('sends what fits (recording recursor-auth-sizes): %j', (asked, records, tc, edns, wire) => {
    const [reply] = replies([asked]);
    if (reply === undefined || !('rcode' in reply)) throw new Error('no reply');
    const { flags, answer, latency } = reply;
    expect({ records: answer.length, flags, edns: reply.edns, wire: reply.wire, latency }).toEqual({
      records,
      flags: tc ? ['qr', 'aa', 'tc', 'rd'] : ['qr', 'aa', 'rd'],
      edns,
      wire,
      latency: expect.closeTo(0.001, 6),
    });
  });

  it('refuses names of zones that it does not have', () => {
    expect(replies([{ name: 'other.example' }])).toMatchObject([
      { rcode: 'REFUSED', flags: ['qr', 'rd'], answer: [], authority: [], wire: 31 },
    ]);
  });

  it('serves changed records from that instant on, under the next serial', () => {
    const soa = { name: 'demo', type: 'SOA' };
    const changed = replies([{ name: 'redis.demo' }, { name: 'redis.demo' }, soa], (server) =>
      server.changeRecords('demo', ['redis 600 IN A 10.0.0.2', 'new 5 IN A 10.0.0.3']),
    );
    expect(changed).toMatchObject([
      { answer: ['redis.demo. 600 IN A 10.0.0.1'] },
      { answer: ['redis.demo. 600 IN A 10.0.0.2'] },
      { answer: ['demo. 300 IN SOA ns1.demo. host.demo. 2 7200 900 1209600 60'] },
    ]);
  });

  it('serves a new zone file in place of the old one', () => {
    const file = { file: 'demo.zone', text: '@ 9 IN SOA ns1 host 7 7200 900 1209600 5\nnew 3 IN A 10.0.0.3\n' };
    expect(
      replies([{ name: 'redis.demo' }, { name: 'redis.demo' }, { name: 'new.demo' }], (server) =>
        server.replaceZone('demo', file),
      ),
    ).toMatchObject([
      { answer: ['redis.demo. 600 IN A 10.0.0.1'] },
      { rcode: 'NXDOMAIN', authority: ['demo. 5 IN SOA ns1.demo. host.demo. 7 7200 900 1209600 5'] },
      { answer: ['new.demo. 3 IN A 10.0.0.3'] },
    ]);
  });

  it.each<[mode: string, reply: object]>([
    ['drop', { timeout: 0.5 }],
    ['closed', { error: 'ECONNREFUSED' }],
    ['servfail', { rcode: 'SERVFAIL', flags: ['qr', 'rd'] }],
    ['refused', { rcode: 'REFUSED', flags: ['qr', 'rd'] }],
  ])('can be taken down: %s', (mode, reply) => {
    const questions = [{ name: 'redis.demo' }, { name: 'redis.demo' }];
    expect(replies(questions, (server) => server.set({ mode }))[1]).toMatchObject(reply);
  });

  it('can be slowed down', () => {
    const questions = [{ name: 'redis.demo' }, { name: 'redis.demo' }];
    const [, slow] = replies(questions, (server) => server.set({ delay: 0.2 }));
    expect(slow).toMatchObject({ rcode: 'NOERROR', latency: expect.closeTo(0.201, 6) });
  });

  it('records each query and from which zone, under which serial, it was answered', () => {
    const { simulation, store, ask } = start();
    ask(1, address, { name: 'redis.demo' }, () => {});
    ask(2, address, { name: 'other.example' }, () => {});
    simulation.run(5 * second);
    expect([...store.rows(serverQuery)].map(({ did, protocol, name, rd }) => [did, protocol, name, rd])).toEqual([
      ['answer', 'udp', 'redis.demo.', true],
      ['refused', 'udp', 'other.example.', true],
    ]);
    expect([...store.rows(authorityAnswer)].map(({ cause, zone, serial }) => [cause, zone, serial])).toEqual([
      ['zone', 'demo.', 1],
      ['no-zone', '', Number.NaN],
    ]);
  });

  it('does not start with a zone file that has faults', () => {
    const lab = startLab([address]);
    const zones = { demo: { file: 'demo.zone', text: 'a A\n' } };
    const description = { role: 'authoritative', name: 'auth', host: 'lab', address, port: 53, zones } as const;
    expect(() => startAuthoritative(siteIn(lab, address, 'auth'), description)).toThrow(ProblemsFound);
  });
});
