import { describe, expect, it } from 'vitest';
import { type Asked, type Seen, siteIn, startLab } from '../../test/support/lab.ts';
import { second } from '../engine/time.ts';
import { startAuthoritative } from './authoritative/server.ts';
import type { ServerFaults } from './description.ts';
import { startRecursor } from './recursors/server.ts';

const authority = '10.9.0.21';
const recursor = '10.9.0.22';
const addresses = Array.from({ length: 20 }, (_, i) => `api-push 60 IN A 198.51.100.${i + 1}`).join('\n');
const zone = { file: 'zone', text: `@ 60 IN SOA ns host 1 7200 900 1209600 60\n${addresses}\n` };
const none: ServerFaults = { limits: 'edns', compress: true, tcp: 'open' };

/** What comes back for the 20 addresses of the field report's name, from an authority and from a recursor with faults. */
function replies(faults: Partial<ServerFaults>, asked: Partial<Asked>): Seen[] {
  const lab = startLab([authority, recursor]);
  const common = { host: 'lab', port: 53 } as const;
  const zones = { 'vivo.com.cn': zone };
  const own = { ...none, ...faults };
  const upstreams = { '.': [authority] };
  startAuthoritative(siteIn(lab, authority, 'auth'), {
    ...common,
    ...{ role: 'authoritative', name: 'auth', address: authority, zones, faults: own },
  });
  const well = startLab([authority, recursor]);
  startAuthoritative(siteIn(well, authority, 'auth'), {
    ...common,
    ...{ role: 'authoritative', name: 'auth', address: authority, zones },
  });
  startRecursor(siteIn(well, recursor, 'dns-1'), {
    ...common,
    ...{ role: 'recursor', name: 'dns-1', address: recursor, software: 'bind', upstreams, options: {}, faults: own },
  });
  const seen: Seen[] = [];
  const question = { name: 'api-push.vivo.com.cn', timeout: 2, ...asked };
  lab.ask(1, authority, question, (reply) => seen.push(reply));
  lab.simulation.run(10 * second);
  well.ask(1, recursor, question, (reply) => seen.push(reply));
  well.simulation.run(10 * second);
  return seen;
}

describe('faults of a server', () => {
  it.each<[string, Partial<ServerFaults>, Partial<Asked>, wire: number, records: number]>([
    ['none: 358 octets, compressed', {}, {}, 358, 20],
    ['writes names in full: 758 over TCP', { compress: false }, { proto: 'tcp' }, 758, 20],
    ['ignores the limit of 512 and writes names in full', { compress: false, limits: 'none' }, {}, 758, 20],
    ['ignores the limit of EDNS too', { compress: false, limits: 'none' }, { edns: 600 }, 769, 20],
    ['TCP closed: UDP goes on', { tcp: 'closed' }, {}, 358, 20],
  ])('%s', (_what, faults, asked, wire, records) => {
    const seen = replies(faults, asked);
    expect(seen).toHaveLength(2);
    for (const reply of seen) {
      if (!('rcode' in reply)) throw new Error('no reply');
      expect([reply.wire, reply.answer.length, reply.flags.includes('tc')]).toEqual([wire, records, false]);
    }
  });

  it('names in full within the limit: TC', () => {
    for (const reply of replies({ compress: false }, {})) {
      expect(reply).toMatchObject({ flags: expect.arrayContaining(['tc']) });
    }
  });

  it('TCP closed: connections are refused', () => {
    expect(replies({ tcp: 'closed' }, { proto: 'tcp' })).toMatchObject([
      { error: 'ECONNREFUSED' },
      { error: 'ECONNREFUSED' },
    ]);
  });
});
