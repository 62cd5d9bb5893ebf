import { type History, inRelease } from '../../history.ts';
import type { ReleaseName } from '../../releases.ts';

/** Whom the label `plugin` of `coredns_dns_responses_total` names: nobody, the caller's source file, or the next plugin. */
const named: History<'nobody' | 'caller' | 'next'> = [
  ['1.6.7', 'nobody'],
  ['1.8.7', 'caller'],
  ['1.14.0', 'next'],
];
/** Plugins whose own writer every reply of those behind passes, from the outside. */
const wrappers: readonly string[] = ['loadbalance', 'cache', 'header', 'minimal'];
const answering: readonly string[] = ['template', 'hosts', 'kubernetes', 'file', 'forward', 'erratic', 'whoami'];

/** The label's value for replies of a block: `authoritative` tells a plugin's own answer from a forwarded one. */
export type Writer = (reply: { readonly authoritative: boolean } | undefined) => string;

/** undefined: the release has no such label. `plugins`: the block's, in the order of the chain. */
export function writerOf(plugins: readonly string[], release: ReleaseName): Writer | undefined {
  const behind = plugins.slice(plugins.indexOf('prometheus') + 1);
  switch (inRelease(named, release)) {
    case 'nobody':
      return undefined;
    case 'next':
      return (reply) => (reply === undefined ? '' : (behind[0] ?? ''));
    case 'caller': {
      const wrapper = wrappers.find((name) => behind.includes(name));
      const own = behind.find((name) => answering.includes(name) && name !== 'forward');
      const forward = behind.find((name) => name === 'forward');
      return (reply) => {
        if (reply === undefined) return '';
        return wrapper ?? (reply.authoritative ? (own ?? forward) : (forward ?? own)) ?? '';
      };
    }
  }
}
