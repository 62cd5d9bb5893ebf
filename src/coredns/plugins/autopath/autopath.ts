import { changed } from '../../../dns/build.ts';
import type { Message } from '../../../dns/message.ts';
import { isWithin, sameName } from '../../../dns/name.ts';
import { type History, inRelease } from '../../history.ts';
import type { Outcome, Plugin, PluginSetup, Request } from '../../plugin.ts';
import { readResolvConf } from '../../resolv-conf.ts';
import { isUnwritten } from '../../server/chain.ts';
import { longestZone, normalName, originsOf } from '../../zones.ts';

const successName: History<string> = [
  ['1.6.7', 'coredns_autopath_success_count_total'],
  ['1.7.0', 'coredns_autopath_success_total'],
];

type SearchPath = (request: Request) => readonly string[];

/** `autopath [ZONES…] FILE|@PLUGIN`: walks the client's search path for it. */
export function setUpAutopath(setup: PluginSetup): Plugin {
  const { zones, search } = parse(setup);
  return {
    name: 'autopath',
    *handle(request, next) {
      const [question] = request.message.question;
      if (question === undefined || longestZone(zones, question.name) === undefined) return yield* next(request);
      const path = search(request);
      const [own] = path;
      if (own === undefined || !isWithin(question.name, own)) return yield* next(request);
      const base = question.name.slice(0, -own.length);
      let first: Outcome | undefined;
      for (const suffix of path) {
        const asked = { ...question, name: base + suffix };
        const outcome = yield* next({ ...request, message: changed(request.message, { question: [asked] }) });
        if (outcome.error !== undefined) return outcome;
        first ??= outcome;
        const { reply } = outcome;
        if (isUnwritten(outcome) || reply === undefined || reply.rcode === 'NXDOMAIN') continue;
        setup.decided(request, 'found', asked.name);
        setup.metrics.counter(inRelease(successName, setup.release.name), ['server']).add([request.server]);
        return { ...outcome, reply: aliased(reply, question.name) };
      }
      if (first?.reply === undefined) return first ?? { rcode: 'SERVFAIL' };
      return { ...first, reply: changed(first.reply, { question: [question] }) };
    },
  };
}

/** The reply as one to the name that was asked: a CNAME leads to what was found. */
function aliased(reply: Message, original: string): Message {
  const question = reply.question.map((one) => ({ ...one, name: original }));
  const found = reply.answer.find(({ name }) => !sameName(name, original));
  if (found === undefined) return changed(reply, { question });
  const data = { type: 'CNAME', target: found.name } as const;
  return changed(reply, { question, answer: [{ name: original, ttl: found.ttl, class: 'IN', data }, ...reply.answer] });
}

function parse(setup: PluginSetup): { zones: readonly string[]; search: SearchPath } {
  const { directive: words, files, block } = setup;
  let zones: readonly string[] = [];
  let search: SearchPath = () => [];
  while (words.next()) {
    const args = words.remainingArguments();
    const source = args.at(-1);
    if (source === undefined) throw words.plainError('no resolv-conf specified');
    zones = originsOf(setup, args.slice(0, -1));
    if (source.startsWith('@')) {
      const named = source.slice(1);
      search = (request) => block.plugins.find(({ name }) => name === named)?.searchPath?.(request) ?? [];
      continue;
    }
    const text = files.read(source);
    if (text === undefined) {
      throw words.plainError(`failed to parse ${JSON.stringify(source)}: open ${source}: no such file or directory`);
    }
    const path = searchOf(text);
    search = () => path;
  }
  return { zones, search };
}

/** The search list of a resolv.conf, and the name as it is behind it. */
export function searchOf(text: string): readonly string[] {
  return [...readResolvConf(text).search.map(normalName), ''];
}
