import type { NodeCacheRelease } from './releases.ts';

/** One rule of node-cache's, in the words of its iptables command. */
export interface NodeCacheRule {
  readonly table: 'raw' | 'filter';
  readonly chain: 'PREROUTING' | 'INPUT' | 'OUTPUT';
  /** One entry an argument, without shell quotes. */
  readonly arguments: readonly string[];
}

const comments = {
  NOTRACK: 'NodeLocal DNS Cache: skip conntrack',
  ACCEPT: 'NodeLocal DNS Cache: allow DNS traffic',
} as const;

/** The rules for all local addresses, in the order in which they are written and taken away: twelve an address. */
export function rulesOf(
  addresses: readonly string[],
  ports: { readonly dns: string; readonly health: string },
  release: NodeCacheRelease,
): NodeCacheRule[] {
  return addresses.flatMap((address) => {
    const rule = (
      chain: NodeCacheRule['chain'],
      target: keyof typeof comments,
      protocol: string,
      way: 'to' | 'from',
      port: string,
    ): NodeCacheRule => ({
      table: target === 'NOTRACK' ? 'raw' : 'filter',
      chain,
      arguments: [
        ...['-p', protocol, way === 'to' ? '-d' : '-s', address, way === 'to' ? '--dport' : '--sport', port],
        ...['-j', target],
        ...(release.commentsRules ? ['-m', 'comment', '--comment', comments[target]] : []),
      ],
    });
    const both = (...[chain, target, way]: readonly [NodeCacheRule['chain'], keyof typeof comments, 'to' | 'from']) => [
      rule(chain, target, 'tcp', way, ports.dns),
      rule(chain, target, 'udp', way, ports.dns),
    ];
    return [
      ...both('PREROUTING', 'NOTRACK', 'to'),
      ...both('INPUT', 'ACCEPT', 'to'),
      ...both('OUTPUT', 'NOTRACK', 'from'),
      ...both('OUTPUT', 'ACCEPT', 'from'),
      ...both('OUTPUT', 'NOTRACK', 'to'),
      rule('OUTPUT', 'NOTRACK', 'tcp', 'to', ports.health),
      rule('OUTPUT', 'NOTRACK', 'tcp', 'from', ports.health),
    ];
  });
}

/** As node-cache prints it: `{raw OUTPUT [-p udp -s 169.254.20.10 --sport 53 -j NOTRACK]}`. */
export function printed({ table, chain, arguments: words }: NodeCacheRule): string {
  return `{${table} ${chain} [${words.join(' ')}]}`;
}

/** The command with which the rule is looked for, put first in its chain, or taken away. */
export function command(action: '-C' | '-I' | '-D', { table, chain, arguments: words }: NodeCacheRule): string {
  const quoted = words.map((word) => (word.includes(' ') ? `"${word}"` : word));
  return `iptables -t ${table} ${action} ${chain} ${quoted.join(' ')}`;
}
