import type { WorkloadDescription } from '../../../src/workload/description.ts';

/** `dig @SERVER NAME [A|AAAA] [+tries=N] [+time=S] …`: words about what is printed change nothing here. Throws for others. */
export function digWorkload(name: string, host: string, at: number, line: string): WorkloadDescription {
  const words = line.split(/\s+/).filter((word) => word !== '');
  const unknown = words.find(
    (word) =>
      word.startsWith('+') &&
      !/^\+(tries=\d+|time=\d+|search|(no)?(short|all|answer|comments|stats|cmd|question))$/.test(word),
  );
  if (unknown !== undefined) throw new Error(`dig ${unknown} is not known`);
  const number = (option: string) => words.find((word) => word.startsWith(`+${option}=`))?.split('=')[1];
  const server = words.find((word) => word.startsWith('@'))?.slice(1);
  const [lookup = '.', type = 'A'] = words.filter((word) => !/^[@+]/.test(word));
  if (type !== 'A' && type !== 'AAAA') throw new Error(`dig ${type} is not known`);
  const options = `options timeout:${number('time') ?? 5} attempts:${number('tries') ?? 3}`;
  return {
    kind: 'lookups',
    name,
    host,
    resolver: {
      kind: 'dig',
      release: '9.18',
      search: words.includes('+search'),
      resolvConf: { file: '/etc/resolv.conf', text: `nameserver ${server ?? '127.0.0.1'}\n${options}\n` },
    },
    family: type === 'A' ? 'ipv4' : 'ipv6',
    calls: { kind: 'listed', list: [{ at, lookup }] },
  };
}
