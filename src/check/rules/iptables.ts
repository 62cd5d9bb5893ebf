import { jumpOf } from '../../kernel/netfilter/chain.ts';
import { formatAddress } from '../../network/address.ts';
import type { Problem } from '../../problem/problem.ts';
import type { Found, Rule } from '../finding.ts';
import { aboutDns, isEmpty, type PlacedRule, type RulesView } from '../iptables.ts';

export type IptablesRule = Rule<RulesView>;

const dns = '-d 10.96.0.10/32 -p udp -m comment --comment "kube-system/kube-dns:dns cluster IP" -m udp --dport 53';
const dnsTcp =
  '-d 10.96.0.10/32 -p tcp -m comment --comment "kube-system/kube-dns:dns-tcp cluster IP" -m tcp --dport 53';
const toPod = '-j DNAT --to-destination 10.244.0.5:53';

/** A small nat table as kube-proxy writes it. */
const nat = (services: readonly string[], own: readonly string[]) =>
  [
    '*nat',
    ':KUBE-SERVICES - [0:0]',
    ':KUBE-SVC-TCOU7JCQXEZGVUNU - [0:0]',
    ':KUBE-SVC-ERIFXISQEP7F7OF4 - [0:0]',
    '-A PREROUTING -j KUBE-SERVICES',
    ...services.map((rule) => `-A KUBE-SERVICES ${rule}`),
    ...own,
    'COMMIT',
    '',
  ].join('\n');

const toChain = [`${dns} -j KUBE-SVC-TCOU7JCQXEZGVUNU`, `${dnsTcp} -j KUBE-SVC-ERIFXISQEP7F7OF4`];
const chains = [`-A KUBE-SVC-TCOU7JCQXEZGVUNU -p udp ${toPod}`, `-A KUBE-SVC-ERIFXISQEP7F7OF4 -p tcp ${toPod}`];
const sound = nat(toChain, chains);

const refused = `*filter\n:KUBE-SERVICES - [0:0]\n-A FORWARD -j KUBE-SERVICES\n-A KUBE-SERVICES ${dns.replace('cluster IP', 'has no endpoints')} -j REJECT\nCOMMIT\n`;

export const iptablesRules: readonly IptablesRule[] = [
  {
    code: 'iptables-mistake',
    severity: 'error',
    title: 'A rule that iptables-restore refuses, or that is not known',
    consequence:
      'iptables-restore changes nothing in a table with such a line; a scenario with this file does not run.',
    remedy: '',
    source: 'iptables-extensions(8); test/recordings/iptables',
    example: { wrong: sound.replace('--dport 53', '--dports 53'), right: sound },
    find: ({ problems }) => problems.map(asFound),
  },
  {
    code: 'dns-rejected',
    severity: 'warning',
    title: 'Queries to a DNS Service are rejected',
    consequence:
      'kube-proxy writes such a rule while a Service has no ready end point. Who asks is told ECONNREFUSED at once, but only as often as the allowance for ICMP errors lets it (six, then one a second to each address): a busy pod sees time-outs.',
    remedy:
      'see why no pod of the Service is ready: `kubectl -n kube-system get endpointslices,pods -l k8s-app=kube-dns`',
    source: 'recordings path-reject-no-endpoints, path-icmp-rate-limit',
    example: { wrong: refused + sound, right: sound },
    find: ({ rules }) =>
      rules.flatMap((placed) => {
        const about = aboutDns(placed.rule);
        const { kind } = placed.rule.target ?? {};
        if (about === undefined || placed.table !== 'filter' || (kind !== 'REJECT' && kind !== 'DROP')) return [];
        const what = kind === 'REJECT' ? 'rejected' : 'dropped';
        return [{ at: placed, message: `${about.protocol.toUpperCase()} port 53 of ${about.address} is ${what}` }];
      }),
  },
  {
    code: 'dns-rule-missing',
    severity: 'warning',
    title: 'KUBE-SERVICES has no rule for DNS',
    consequence:
      'A query to the ClusterIP leaves by the default route under an address of the node, and nobody answers. Its conntrack entry stays as long as the client goes on asking from that port, also when the rule is back.',
    remedy:
      'see that kube-proxy runs and can restore its rules; delete the entries that were made meanwhile: `conntrack -D -p udp --orig-dst 10.96.0.10`',
    source: 'field report S4; recording path-no-rule-gap-blackhole',
    example: { wrong: nat([], chains), right: sound },
    find: (view) => {
      const place = view.chains.get('nat KUBE-SERVICES');
      const isThere = view.rules.some(
        ({ chain, rule }) => chain === 'KUBE-SERVICES' && aboutDns(rule)?.protocol === 'udp',
      );
      return place === undefined || isThere
        ? []
        : [{ at: place, message: 'no rule in KUBE-SERVICES is about UDP port 53' }];
    },
  },
  {
    code: 'dns-tcp-rule-missing',
    severity: 'warning',
    title: 'A DNS Service has a rule for UDP and none for TCP',
    consequence:
      'An answer that is too large for UDP comes truncated, and the client asks again by TCP: the SYN goes where no rule sends it, and the lookup fails after the time-out for connecting.',
    remedy: 'give the Service a port 53 of protocol TCP (`dns-tcp`)',
    source: 'RFC 7766 §5; scenario tcp-blocked',
    example: { wrong: nat(toChain.slice(0, 1), chains), right: sound },
    find: ({ rules }) => {
      const about = rules
        .filter(({ chain }) => chain === 'KUBE-SERVICES')
        .map((placed) => ({ placed, is: aboutDns(placed.rule) }));
      const byTcp = new Set(about.flatMap(({ is }) => (is?.protocol === 'tcp' ? [is.address] : [])));
      return about.flatMap(({ placed, is }): Found[] =>
        is?.protocol !== 'udp' || byTcp.has(is.address)
          ? []
          : [{ at: placed, message: `no rule is about TCP port 53 of ${is.address}` }],
      );
    },
  },
  {
    code: 'service-chain-empty',
    severity: 'error',
    title: 'The rule of a DNS Service leads to a chain without rules',
    consequence: 'Queries go through the chain untranslated and leave the node to an address that nobody has.',
    remedy: 'restart kube-proxy on the node, which writes its chains anew; see its log for a failed iptables-restore',
    source: 'iptables(8): the end of a chain returns to where it was jumped from',
    example: { wrong: nat(toChain, chains.slice(1)), right: sound },
    find: (view) =>
      view.rules.flatMap((placed) => {
        const chain = jumpOf(placed.rule);
        if (chain === undefined || aboutDns(placed.rule) === undefined || !isEmpty(view, placed.table, chain))
          return [];
        return [{ at: placed, message: `the chain ${chain} is empty` }];
      }),
  },
  {
    code: 'dnat-leads-nowhere',
    severity: 'warning',
    title: 'DNAT to an address that nobody has',
    consequence:
      'What the rule catches is lost: in silence, or after 3 s with host unreachable where the address is asked for on a bridge. A Service with other end points loses its share of the queries.',
    remedy: 'compare with `kubectl get endpointslices`: kube-proxy may be stopped, or the file older than the pods',
    source: 'recordings path-dead-pod-silent-glibc-defaults, path-dead-pod-silent-other-clients',
    example: { wrong: '', right: '' },
    find: ({ rules, owned }) => (owned === undefined ? [] : rules.flatMap((placed) => lost(placed, owned))),
  },
];

function lost(placed: PlacedRule, owned: ReadonlySet<string>): Found[] {
  const { target } = placed.rule;
  if (target?.kind !== 'DNAT' || target.range.from === undefined) return [];
  const to = formatAddress(target.range.from);
  return owned.has(to) ? [] : [{ at: placed, message: `no pod, node or server has ${to}` }];
}

function asFound({ message, hint, file, line, column }: Problem): Found {
  return { at: { file, line, column }, message, remedy: hint };
}
