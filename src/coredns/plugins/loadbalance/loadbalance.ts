import { changed } from '../../../dns/build.ts';
import type { Message } from '../../../dns/message.ts';
import { type ResourceRecord, typeOf } from '../../../dns/record.ts';
import type { RandomStream } from '../../../engine/random.ts';
import { parsePrefix } from '../../../network/address.ts';
import { goDuration } from '../../corefile/go-values.ts';
import { reverseZones } from '../../corefile/keys.ts';
import { type History, inRelease } from '../../history.ts';
import type { Plugin, PluginSetup } from '../../plugin.ts';
import { inRoot } from '../root/root.ts';

/** What may follow: a word, a policy with a block of its own, and further properties. */
const forms: History<'word' | 'policy' | 'prefer'> = [
  ['1.6.7', 'word'],
  ['1.10.1', 'policy'],
  ['1.12.4', 'prefer'],
];
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
  return changed(reply, {
    answer: roundRobin(reply.answer, draws),
    authority: roundRobin(reply.authority, draws),
    additional: roundRobin(reply.additional, draws),
  });
}

function roundRobin(records: readonly ResourceRecord[], draws: RandomStream): readonly ResourceRecord[] {
  if (records.length < 2) return records;
  const of = (...types: string[]) => records.filter((record) => types.includes(typeOf(record)));
  const rest = records.filter((record) => !['CNAME', 'A', 'AAAA', 'MX'].includes(typeOf(record)));
  return [...of('CNAME'), ...rest, ...draws.shuffle(of('A', 'AAAA')), ...draws.shuffle(of('MX'))];
}

/** `none`: weighted, but without any weights. */
type Shuffle = 'round_robin' | 'none';

function parse(setup: PluginSetup): Shuffle {
  const { directive: words, release } = setup;
  const form = inRelease(forms, release.name);
  let policy: Shuffle = 'round_robin';
  while (words.next()) {
    const args = words.remainingArguments();
    // Of the oldest form a line with more words is passed over, as long as another follows.
    if (form === 'word' && args.length > 1) continue;
    policy = form === 'word' ? oneWord(words, args) : onePolicy(setup, args);
    // Only the newest form looks behind the first line, and for `prefer`.
    if (form !== 'prefer') return policy;
    while (words.nextBlock()) preferred(setup);
  }
  if (form === 'word') throw words.argumentError();
  return policy;
}

/** `[round_robin]`; whatever stands in a block is not looked at. */
function oneWord(words: PluginSetup['directive'], [name]: readonly string[]): Shuffle {
  if (name !== undefined && name !== 'round_robin') throw words.plainError(`unknown policy: ${name}`);
  return 'round_robin';
}

/** `[round_robin | weighted FILE { reload DURATION }]` */
function onePolicy(setup: PluginSetup, [name, ...more]: readonly string[]): Shuffle {
  const { directive: words, release, files, log, block } = setup;
  if (name === undefined) return 'round_robin';
  if (name === 'round_robin') {
    if (more.length > 0) throw words.error(`unknown property for ${name}`);
    return 'round_robin';
  }
  if (name !== 'weighted') throw words.plainError(`unknown policy: ${name}`);
  const at = words.token;
  const [file, extra] = more;
  if (file === undefined) throw words.error('missing weight file argument');
  if (extra !== undefined) throw words.error('unexpected argument(s)');
  while (words.nextBlock()) reloadProperty(words);
  if (files.read(inRoot(file, block)) !== undefined) setup.notModelled('policy weighted', at);
  else log.warning(`Failed to open weight file:${inRelease(missingWeights, release.name)}. Will try again in 30s`);
  return 'none';
}

function reloadProperty(words: PluginSetup['directive']): void {
  if (words.value !== 'reload') throw words.error(`unknown property '${words.value}'`);
  const [text, extra] = words.remainingArguments();
  if (text === undefined) throw words.error('reload duration value is missing');
  if (extra !== undefined) throw words.error('unexpected argument');
  if ('error' in goDuration(text)) throw words.error(`invalid reload duration '${text}'`);
}

function preferred({ directive: words, notModelled }: PluginSetup): void {
  if (words.value !== 'prefer') throw words.error(`unknown property '${words.value}'`);
  const at = words.token;
  for (const cidr of words.remainingArguments()) {
    const isNetwork = parsePrefix(cidr) !== undefined || reverseZones(cidr) !== undefined;
    if (!isNetwork) throw words.error(`invalid CIDR ${JSON.stringify(cidr)}: invalid CIDR address: ${cidr}`);
  }
  notModelled('property prefer', at);
}
