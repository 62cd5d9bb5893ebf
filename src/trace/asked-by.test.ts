import { expect, test } from 'vitest';
import { SmallTrace, smallWorld } from '../../test/support/small-trace.ts';
import { Trouble } from '../../test/support/trouble.ts';
import type { World } from '../cluster/world.ts';
import { coreDnsRequest } from '../coredns/records.ts';
import { second } from '../engine/time.ts';
import { analyse } from './analysis.ts';

const text = 'db.example.com:53 {\n  errors\n  cache 30\n  # given up\n  forward . 192.0.2.1\n}\n';
const world: World = {
  ...smallWorld,
  coredns: smallWorld.coredns.map((one) => ({ ...one, corefile: { file: 'conf/Corefile', text } })),
};

function sentence(zone: string, did: string): string {
  const trace = new SmallTrace();
  trace.lookup('app', 50, 'EAI_AGAIN', '', (root) => {
    const one = new Trouble(trace, root);
    const request = { name: 'db.example.com.', type: 'A', protocol: 'udp', client: '', zone, place: 'Corefile:1' };
    trace.recorder.write(coreDnsRequest, 'coredns-1', one.query, 'served', request);
    const upstream = trace.recorder.trace(one.query);
    const isSilent = ['drop', 'probe', 'behind'].includes(did);
    const below = { probe: one.query, behind: upstream };
    const strand = did === 'probe' || did === 'behind' ? trace.recorder.trace(below[did]) : upstream;
    trace.asked('corp-dns', strand, isSilent ? 'drop' : did);
    trace.now = 52 * second;
    one.attempt(upstream, isSilent ? 'error' : 'answered');
    one.reply(isSilent ? 'SERVFAIL' : did.toUpperCase());
    return 2;
  });
  const { workloads, why } = analyse(trace.store, world);
  const [lookup] = workloads.flatMap(({ lookups }) => lookups);
  return lookup === undefined ? '' : why(lookup).sentence;
}

const because = 'CoreDNS coredns-1 asked 192.0.2.1:53 because of `forward . 192.0.2.1` (Corefile:5)';

test.each([
  ['who is silent was asked because of a line', '.', 'drop', `${because}.`],
  ['and in which block', 'db.example.com.', 'drop', `${because}, in the block of db.example.com.`],
  [
    'a probe belongs to the query whose failure began it',
    'db.example.com.',
    'probe',
    `${because}, in the block of db.example.com.`,
  ],
  [
    'what a stub zone leads to answers for itself no more',
    'db.example.com.',
    'refused',
    `${because}, in the block of db.example.com.`,
  ],
])('%s', (_, zone, did, told) => {
  expect(sentence(zone, did)).toContain(told);
});

test('of whom a recursor asked the line tells nothing', () => {
  expect(sentence('.', 'behind')).not.toContain('because of');
});

test('of an upstream for all names its answer says enough', () => {
  expect(sentence('.', 'refused')).not.toContain('because of');
});
