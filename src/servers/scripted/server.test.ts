import { describe, expect, it } from 'vitest';
import { type Asked, type Seen, siteIn, startLab } from '../../../test/support/lab.ts';
import { second } from '../../engine/time.ts';
import type { ScriptedState } from '../description.ts';
import { serverQuery } from '../records.ts';
import { startScripted } from './server.ts';
import type { ScriptedPatch } from './state.ts';

const address = '10.9.0.21';
const twenty = Array.from({ length: 20 }, (_, i) => `api-push.vivo.com.cn 60 IN A 192.0.2.${i + 1}`);

/** Replies to questions asked a second apart from 1 s on, and the words noted; `patches` by the second in which they come. */
function run(state: Partial<ScriptedState>, questions: readonly Asked[], patches: Record<number, ScriptedPatch> = {}) {
  const lab = startLab([address]);
  const { simulation, store, ask } = lab;
  const common = { role: 'scripted', name: 'up1', host: 'lab', address, port: 53 } as const;
  const server = startScripted(siteIn(lab, address, 'up1'), { ...common, state });
  const seen: Seen[] = [];
  questions.forEach((asked, i) => {
    ask(i + 1, address, { timeout: 0.8, ...asked }, (reply) => seen.push(reply));
  });
  for (const [at, patch] of Object.entries(patches)) {
    simulation.at((Number(at) - 0.1) * second, () => server.set(patch));
  }
  simulation.run(20 * second);
  return { seen, did: [...store.rows(serverQuery)].map((row) => row.did) };
}

const a = { name: 'a.test' };
const answers = { 'a.test A': ['a.test 30 IN A 192.0.2.1'] };
const soa = 'test. 60 IN SOA ns.test. host.test. 1 7200 900 1209600 30';

describe('a scripted server', () => {
  it('answers after a millisecond, as the recorders did', () => {
    expect(run({ answers }, [a])).toMatchObject({
      did: ['answer'],
      seen: [
        {
          rcode: 'NOERROR',
          flags: ['qr', 'rd', 'ra'],
          answer: ['a.test. 30 IN A 192.0.2.1'],
          edns: null,
          latency: expect.closeTo(0.001, 6),
        },
      ],
    });
  });

  it.each<[mode: string, did: string, reply: object]>([
    ['drop', 'drop', { timeout: 0.8 }],
    ['servfail', 'servfail', { rcode: 'SERVFAIL', answer: [] }],
    ['refused', 'refused', { rcode: 'REFUSED' }],
    ['nxdomain', 'nxdomain', { rcode: 'NXDOMAIN', authority: [] }],
    ['notimp', 'notimp', { rcode: 'NOTIMP' }],
    ['formerr', 'formerr', { rcode: 'FORMERR' }],
    ['tc', 'answer', { rcode: 'NOERROR', flags: ['qr', 'tc', 'rd', 'ra'], answer: [] }],
    ['wrongid', 'wrongid', { timeout: 0.8 }],
    ['notreply', 'notreply', { flags: ['rd', 'ra'] }],
  ])('in mode %s', (mode, did, reply) => {
    expect(run({ answers, mode }, [a])).toMatchObject({ did: [did], seen: [reply] });
  });

  it('listens to nothing while closed', () => {
    const { seen, did } = run({ answers, mode: 'closed' }, [a, a], { 2: { mode: 'answer' } });
    expect(seen).toMatchObject([{ error: 'ECONNREFUSED' }, { rcode: 'NOERROR' }]);
    expect(did).toEqual(['answer']);
  });

  it.each<[state: Partial<ScriptedState>, reply: object]>([
    [{}, { rcode: 'NXDOMAIN', authority: [soa] }],
    [{ default: 'nodata' }, { rcode: 'NOERROR', authority: [soa] }],
    [{ answers: { '*.test *': ['b.test 5 IN A 192.0.2.9'] } }, { answer: ['b.test. 5 IN A 192.0.2.9'] }],
    [{ answers: { '* *': { rcode: 'refused' }, 'b.test *': ['b.test 5 IN A 192.0.2.8'] } }, { rcode: 'NOERROR' }],
    [{ answers: { '* A': { rcode: 'refused' } } }, { rcode: 'REFUSED' }],
  ])('takes the most exact answer, or the default: %j', (state, reply) => {
    expect(run(state, [{ name: 'b.test' }]).seen).toMatchObject([reply]);
  });

  it('gives the nth query the nth of a list of answers; the last one repeats', () => {
    const list = { 'a.test A': [{ rcode: 'servfail' }, { answer: ['a.test 30 IN A 192.0.2.1'] }] };
    expect(run({ answers: list }, [a, a, a]).did).toEqual(['answer', 'answer', 'answer']);
    expect(run({ answers: list }, [a, a, a]).seen).toMatchObject([
      { rcode: 'SERVFAIL' },
      { rcode: 'NOERROR' },
      { rcode: 'NOERROR' },
    ]);
  });

  it('adds answers, or keeps only those of a change', () => {
    const b = { name: 'b.test' };
    const added = { answers: { 'b.test A': ['b.test 30 IN A 192.0.2.2'] } };
    expect(run({ answers }, [b, b, a], { 2: added, 3: { only: added.answers } }).did).toEqual([
      'nxdomain',
      'answer',
      'nxdomain',
    ]);
  });

  it.each<[state: Partial<ScriptedState>, edns: number | undefined, wire: number, did: string]>([
    [{ compress: false }, undefined, 38, 'tc'],
    [{ compress: false }, 1232, 769, 'answer'],
    [{ compress: false, limit: 'none' }, undefined, 758, 'answer'],
    [{ compress: false, limit: 700 }, 4096, 49, 'tc'],
    [{}, undefined, 358, 'answer'],
    [{ compress: false, edns: false }, 1232, 758, 'answer'],
  ])('keeps to its limit: %j asked with %s', (state, edns, wire, did) => {
    const asked = { name: 'api-push.vivo.com.cn', ...(edns === undefined ? {} : { edns }) };
    const result = run({ ...state, answers: { 'api-push.vivo.com.cn A': twenty } }, [asked]);
    expect(result).toMatchObject({ seen: [{ wire }], did: [did] });
  });

  it('may fare otherwise on TCP and for probes', () => {
    const state = { answers, tcp: 'refused', health: 'servfail' };
    const questions = [a, { ...a, proto: 'tcp' }, { name: '.', type: 'NS' }];
    expect(run(state, questions).did).toEqual(['answer', 'refused', 'servfail']);
  });
});
