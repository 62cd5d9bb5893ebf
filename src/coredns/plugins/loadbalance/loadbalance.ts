import type { Message } from '../../../dns/message.ts';
import { type ResourceRecord, typeOf } from '../../../dns/record.ts';
import type { RandomStream } from '../../../engine/random.ts';
import { type History, inRelease, since } from '../../history.ts';
import type { Plugin, PluginSetup } from '../../plugin.ts';

const knowsWeighted = since('1.10.1');
const missingWeights: History<string> = [
  ['1.10.1', 'Weight file open error'],
  ['1.11.4', 'weight file open error'],
];

/** `loadbalance [round_robin | weighted FILE]`: CNAMEs first, addresses and mail exchangers shuffled. */
export function setUpLoadbalance(setup: PluginSetup): Plugin {
  const policy = parse(setup);
  const draws = setup.simulation.stream(`${setup.owner}/loadbalance`);
  return {
    name: 'loadbalance',
    *handle(request, next) {
      const outcome = yield* next(request);
      const { reply } = outcome;
      if (policy !== 'round_robin' || reply === undefined || reply.rcode !== 'NOERROR') return outcome;
      return { ...outcome, reply: shuffled(reply, draws) };
    },
  };
}

function shuffled(reply: Message, draws: RandomStream): Message {
  return {
    ...reply,
    answer: roundRobin(reply.answer, draws),
    authority: roundRobin(reply.authority, draws),
    additional: roundRobin(reply.additional, draws),
  };
}

function roundRobin(records: readonly ResourceRecord[], draws: RandomStream): readonly ResourceRecord[] {
  if (records.length < 2) return records;
  const of = (...types: string[]) => records.filter((record) => types.includes(typeOf(record)));
  const rest = records.filter((record) => !['CNAME', 'A', 'AAAA', 'MX'].includes(typeOf(record)));
  return [...of('CNAME'), ...rest, ...draws.shuffle(of('A', 'AAAA')), ...draws.shuffle(of('MX'))];
}

/** `none`: weighted, but without any weights. */
function parse(setup: PluginSetup): 'round_robin' | 'none' {
  const { directive: words, release, files, log } = setup;
  let policy: 'round_robin' | 'none' = 'round_robin';
  while (words.next()) {
    const args = words.remainingArguments();
    const [name, file] = args;
    const weighted = inRelease(knowsWeighted, release.name);
    if (args.length > 1 && !(weighted && name === 'weighted')) throw words.argumentError();
    if (name === undefined || name === 'round_robin') continue;
    if (name !== 'weighted' || !weighted) throw words.plainError(`unknown policy: ${name}`);
    if (file === undefined || args.length > 2) throw words.argumentError();
    policy = 'none';
    if (files.read(file) !== undefined) setup.notModelled('policy weighted', words.token);
    else log.warning(`Failed to open weight file:${inRelease(missingWeights, release.name)}. Will try again in 30s`);
  }
  return policy;
}
