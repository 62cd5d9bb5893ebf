import type { Packet } from '../../../network/packet.ts';
import { always } from '../context.ts';
import { bang, negatableValue } from '../options.ts';
import type { MatchModule } from './module.ts';

/** A type, and of it one code or all. */
interface IcmpKind {
  readonly type: number;
  readonly code?: number;
}

/** Names that iptables takes (libxt_icmp.h); it prints numbers. */
const names: Readonly<Record<string, string>> = {
  'echo-reply': '0',
  pong: '0',
  'destination-unreachable': '3',
  'network-unreachable': '3/0',
  'host-unreachable': '3/1',
  'protocol-unreachable': '3/2',
  'port-unreachable': '3/3',
  'fragmentation-needed': '3/4',
  'source-route-failed': '3/5',
  'network-unknown': '3/6',
  'host-unknown': '3/7',
  'network-prohibited': '3/9',
  'host-prohibited': '3/10',
  'communication-prohibited': '3/13',
  'source-quench': '4',
  redirect: '5',
  'echo-request': '8',
  ping: '8',
  'router-advertisement': '9',
  'router-solicitation': '10',
  'time-exceeded': '11',
  'ttl-exceeded': '11',
  'ttl-zero-during-transit': '11/0',
  'ttl-zero-during-reassembly': '11/1',
  'parameter-problem': '12',
  'timestamp-request': '13',
  'timestamp-reply': '14',
  'address-mask-request': '17',
  'address-mask-reply': '18',
};

/** libip6t_icmp6. */
const names6: Readonly<Record<string, string>> = {
  'destination-unreachable': '1',
  'no-route': '1/0',
  'communication-prohibited': '1/1',
  'beyond-scope': '1/2',
  'address-unreachable': '1/3',
  'port-unreachable': '1/4',
  'packet-too-big': '2',
  'time-exceeded': '3',
  'ttl-exceeded': '3',
  'ttl-zero-during-transit': '3/0',
  'ttl-zero-during-reassembly': '3/1',
  'parameter-problem': '4',
  'bad-header': '4/0',
  'unknown-header-type': '4/1',
  'unknown-option': '4/2',
  'echo-request': '128',
  ping: '128',
  'echo-reply': '129',
  pong: '129',
  'router-solicitation': '133',
  'router-advertisement': '134',
  'neighbour-solicitation': '135',
  'neighbor-solicitation': '135',
  'neighbour-advertisement': '136',
  'neighbor-advertisement': '136',
  redirect: '137',
};

type Icmp = Extract<Packet, { protocol: 'icmp' }>;

type Numbers = Readonly<Record<string, readonly [ipv4: number, ipv6: number]>>;

const types: Numbers = {
  'echo-reply': [0, 129],
  'destination-unreachable': [3, 1],
  'echo-request': [8, 128],
  'time-exceeded': [11, 3],
  'packet-too-big': [3, 2],
};

/** What is not here is 0 in both. */
const codes: Numbers = {
  'host-unreachable': [1, 3],
  'address-unreachable': [1, 3],
  'protocol-unreachable': [2, 4],
  'port-unreachable': [3, 4],
  'fragmentation-needed': [4, 0],
  'net-prohibited': [9, 1],
  'host-prohibited': [10, 1],
  'admin-prohibited': [13, 1],
  'policy-fail': [13, 5],
  'reject-route': [13, 6],
};

export const icmp = icmpModule('--icmp-type', names, 1, 0);
export const icmp6 = icmpModule('--icmpv6-type', names6, 58, 1);

function icmpModule(
  option: string,
  known: Readonly<Record<string, string>>,
  number: number,
  family: 0 | 1,
): MatchModule {
  const parse = (text: string): IcmpKind | 'any' | undefined => {
    if (text === 'any' && family === 0) return 'any';
    const match = /^(\d{1,3})(?:\/(\d{1,3}))?$/.exec(Object.hasOwn(known, text) ? (known[text] ?? '') : text);
    const [type, code] = [Number(match?.[1]), match?.[2] === undefined ? undefined : Number(match[2])];
    if (match === null || type > 255 || (code ?? 0) > 255) return undefined;
    return { type, ...(code === undefined ? {} : { code }) };
  };
  return {
    options: { [option]: negatableValue },
    read: (options, { protocol }) => {
      const name = family === 0 ? 'icmp' : 'ipv6-icmp';
      if (protocol?.value !== number || protocol.not)
        return options.problem('needs-protocol', `it needs \`-p ${name}\``, `put \`-p ${name}\` before it`);
      if (!options.needs(option)) return undefined;
      const wanted = options.value(option, 'an ICMP type', parse, 'such as `echo-request`, `8` or `3/4`');
      if (wanted === undefined) return undefined;
      const { not, value } = wanted;
      const text = value === 'any' ? 'any' : `${value.type}${value.code === undefined ? '' : `/${value.code}`}`;
      return {
        words: `${bang(wanted)}${option} ${text}`,
        test: always(({ packet }) => packet.protocol === 'icmp' && (value === 'any' || isOf(packet, value)) !== not),
      };
    },
  };

  function isOf({ type, code }: Icmp, wanted: IcmpKind): boolean {
    if (types[type]?.[family] !== wanted.type) return false;
    return wanted.code === undefined || (codes[code]?.[family] ?? 0) === wanted.code;
  }
}
