import { type History, inRelease } from '../../history.ts';
import type { Outcome } from '../../plugin.ts';
import type { ReleaseName } from '../../releases.ts';

/** Whom the label `plugin` of `coredns_dns_responses_total` names: nobody, the caller's source file, or the next plugin. */
const named: History<'nobody' | 'caller' | 'next'> = [
  ['1.6.7', 'nobody'],
  ['1.8.7', 'caller'],
  ['1.14.0', 'next'],
];
/** Plugins whose own writer every reply of those behind passes, from the outside; `rewrite` where a rule has matched. */
const wrappers: readonly string[] = ['loadbalance', 'cache', 'rewrite', 'header', 'minimal'];
const answering: readonly string[] = ['template', 'hosts', 'kubernetes', 'file', 'forward', 'erratic', 'whoami'];
/** The option of an extended error (RFC 8914). */
const extendedError = 15;

/** The label's value for what a block has made of a query of a type. */
export type Writer = (outcome: Outcome | undefined, type: string) => string;

/** undefined: the release has no such label. `plugins`: the block's, in the order of the chain. */
export function writerOf(plugins: readonly string[], release: ReleaseName): Writer | undefined {
  const behind = plugins.slice(plugins.indexOf('prometheus') + 1);
  switch (inRelease(named, release)) {
    case 'nobody':
      return undefined;
    case 'next':
      return (outcome) => (outcome?.reply === undefined ? '' : (behind[0] ?? ''));
    case 'caller':
      return (outcome, type) => callerOf(behind, outcome, type) ?? '';
  }
}

/** The plugin that handed the reply on last; of several that answer by themselves the first is taken. */
function callerOf(behind: readonly string[], outcome: Outcome | undefined, type: string): string | undefined {
  const { reply, rewritten } = outcome ?? {};
  if (reply === undefined) return undefined;
  const explains = reply.edns?.options.some(({ code }) => code === extendedError) === true;
  if (explains && behind.includes('acl')) return 'acl';
  if (type === 'ANY' && behind.includes('any')) return 'any';
  const passed = (name: string) => behind.includes(name) && (name !== 'rewrite' || rewritten !== undefined);
  const wrapper = wrappers.find(passed);
  if (wrapper !== undefined) return wrapper;
  const [forward] = behind.filter((name) => name === 'forward');
  const own = behind.find((name) => answering.includes(name) && name !== 'forward');
  return reply.flags.aa ? (own ?? forward) : (forward ?? own);
}
