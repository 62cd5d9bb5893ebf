import { isLoopback, parseAddress } from '../../network/address.ts';
import type { Problem } from '../../problem/problem.ts';
import type { Found, ResolvConfRule } from '../finding.ts';
import { placeOf, type ResolvConfView } from '../resolv-conf.ts';
import { readDifferently } from './readings.ts';

const inCluster = 'nameserver 10.96.0.10\nsearch default.svc.cluster.local svc.cluster.local cluster.local\n';
/** With the search list of a cluster on a node without one, `ndots:5` makes so many queries of a lookup. */
const usualQueries = 8;

export const resolvConfRules: readonly ResolvConfRule[] = [
  {
    code: 'search-amplification',
    severity: 'info',
    title: 'Each lookup of an outside name becomes many queries',
    consequence:
      'A name with fewer dots than `ndots` is tried with every search domain first, and each try is two queries, A and AAAA: only the last two of them can be answered, the others are NXDOMAIN.',
    remedy:
      'end names of the outside in a dot, or set `ndots:2` by dnsConfig for pods that talk to the outside (names such as db.prod still work)',
    source: 'gh:n8n-io/terraform-aws-n8n!100; recordings path-ndots5-external, glibc-05-k8s-ndots2-external',
    example: { wrong: `${inCluster}options ndots:5\n`, right: `${inCluster}options ndots:2\n` },
    find: (view) => amplification(view),
  },
  {
    code: 'short-names-asked-outside',
    severity: 'warning',
    title: '`ndots` is too small for the names of Services',
    consequence:
      'A name with one dot, such as db.prod, is asked as it stands before the search list: it leaves the cluster first, and musl (Alpine) stops there and never tries the search list, so that the Service is not found.',
    remedy: '`options ndots:2` or more; 5 is what the kubelet writes',
    source: 'recordings glibc-06-absfirst-nx-then-search, musl125-06-absfirst-nx-no-search',
    example: { wrong: `${inCluster}options ndots:1\n`, right: `${inCluster}options ndots:2\n` },
    find: (view) => {
      const { conf } = view.readings[0];
      if (!isOfCluster(conf.search) || conf.ndots >= 2) return [];
      return [
        {
          at: optionAt(view, 'ndots') ?? placeOf(view, 'options'),
          message: `ndots is ${conf.ndots}: a name such as db.prod is not searched for first`,
        },
      ];
    },
  },
  fromRemarks('server-not-used', {
    code: 'nameserver-not-asked',
    severity: 'warning',
    title: 'More than three nameservers',
    consequence:
      'glibc, musl and Go use the first three, and the kubelet writes no more into a pod: this one is never asked, however long the others are silent.',
    remedy: 'keep the three that matter',
    source: 'recording glibc-53-4th-nameserver-ignored',
    example: {
      wrong: 'nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\nnameserver 192.0.2.4\n',
      right: 'nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n',
    },
  }),
  {
    code: 'no-nameserver',
    severity: 'warning',
    title: 'No nameserver in the file',
    consequence:
      'The C libraries ask 127.0.0.1 instead, where in a pod nobody listens; CoreDNS refuses to start with `forward . FILE` of such a file.',
    remedy: 'add `nameserver` with an address',
    source: 'recording corefile-start-forward-file-empty; resolv.conf(5)',
    example: { wrong: 'search corp.example\n', right: 'search corp.example\nnameserver 192.0.2.53\n' },
    find: ({ lines, source }) =>
      lines.some(({ keyword }) => keyword.text === 'nameserver')
        ? []
        : [{ at: { file: source.file, line: 1, column: 1 }, message: 'no line of this file names a server' }],
  },
  {
    code: 'nameserver-is-the-pod',
    severity: 'warning',
    title: 'A loopback address as nameserver',
    consequence:
      "It leads to the machine that reads the file. On a node that may be systemd-resolved or dnsmasq; in a pod it is the pod itself, and in CoreDNS's pod it is CoreDNS: with `forward . /etc/resolv.conf` that is a loop.",
    remedy:
      'for pods point the kubelet at the real servers (`resolvConf: /run/systemd/resolve/resolv.conf`); kubeadm does so where it finds systemd-resolved',
    source: 'gh:coredns/coredns#2087; recording corefile-loop-self',
    example: { wrong: 'nameserver 127.0.0.53\n', right: 'nameserver 192.0.2.53\n' },
    find: ({ lines }) =>
      lines
        .filter(({ keyword }) => keyword.text === 'nameserver')
        .flatMap(({ words }) => words.slice(0, 1))
        .filter(({ text }) => isLoopback(parseAddress(text) ?? 0))
        .map((at) => ({ at, message: `${at.text} is whoever reads this file` })),
  },
  {
    code: 'servers-that-know-different-names',
    severity: 'warning',
    title: "A second nameserver beside the cluster's DNS",
    consequence:
      'musl (Alpine) asks all servers at once and takes the first answer, NXDOMAIN too: a server that does not know the cluster makes its Services vanish now and then. glibc and Go ask the second only when the first is silent or fails.',
    remedy:
      "keep the cluster's DNS alone, or servers that all know the same names (such as NodeLocal DNSCache beside the cluster's DNS)",
    source:
      'recordings musl125-16-nx-race-two-servers, musl125-30-k8s-2servers-8queries, glibc-13-first-dead-second-ok',
    example: {
      wrong: inCluster.replace('\n', '\nnameserver 192.0.2.53\n'),
      right: inCluster.replace('\n', '\noptions ndots:2\n'),
    },
    find: ({ readings: [{ conf }], lines }) => {
      if (!isOfCluster(conf.search) || conf.nameservers.some((address) => address.startsWith('169.254.'))) return [];
      const second = lines.filter(({ keyword }) => keyword.text === 'nameserver')[1];
      const at = second?.words[0];
      return at === undefined
        ? []
        : [{ at, message: `musl may take the answer of ${at.text} for a name of the cluster` }];
    },
  },
  {
    code: 'one-attempt',
    severity: 'warning',
    title: 'One lost packet fails a lookup',
    consequence:
      'With `attempts:1` and one server glibc and Go send each query once: a packet that is lost is a failed lookup after the time-out.',
    remedy: '`attempts:2`, which is the default',
    source: 'recording glibc-46-attempts-ok-on-2nd; facts of glibc and Go',
    example: { wrong: `${inCluster}options ndots:2 attempts:1\n`, right: `${inCluster}options ndots:2 attempts:2\n` },
    find: (view) => {
      const { conf } = view.readings[0];
      if (conf.attempts > 1 || conf.nameservers.length > 1) return [];
      const at = optionAt(view, 'attempts') ?? placeOf(view, 'options');
      return [{ at, message: 'each query is sent once' }];
    },
  },
  fromRemarks('option-clamped', {
    code: 'option-clamped',
    severity: 'warning',
    title: 'An option beyond what resolvers take',
    consequence: 'The resolver takes the nearest value that it allows, and says nothing.',
    remedy: 'write the value that you will get',
    source: 'recording glibc-57-cap-timeout-attempts; facts of glibc and musl',
    example: {
      wrong: 'nameserver 192.0.2.53\noptions attempts:9\n',
      right: 'nameserver 192.0.2.53\noptions attempts:5\n',
    },
  }),
  fromRemarks('option-fatal', {
    code: 'option-fatal',
    severity: 'error',
    title: 'An option that ends programs',
    consequence: 'Every program in Alpine that looks a name up dies of "Floating point exception".',
    remedy: '`attempts:1` or more',
    source: 'src/network/res_msend.c of musl; seen of 1.2.3 and 1.2.5',
    example: {
      wrong: 'nameserver 192.0.2.53\noptions attempts:0\n',
      right: 'nameserver 192.0.2.53\noptions attempts:2\n',
    },
  }),
  {
    code: 'option-unknown',
    severity: 'warning',
    title: 'An option that no resolver knows',
    consequence: 'glibc, musl, Go and c-ares all pass it over: nothing changes.',
    remedy: 'look for a slip of the pen: an option with a number is written `ndots:5`',
    source: 'facts of glibc, musl, Go and c-ares',
    example: {
      wrong: 'nameserver 192.0.2.53\noptions timout:2\n',
      right: 'nameserver 192.0.2.53\noptions timeout:2\n',
    },
    find: (view) =>
      ignoredOptions(view)
        .filter(({ by }) => by.length === view.readings.length)
        .map(({ at, word }) => ({ at, message: `${word} means nothing to anybody` })),
  },
  {
    code: 'option-not-for-all',
    severity: 'info',
    title: 'An option that some resolvers ignore',
    consequence: 'Programs with these resolvers behave as if it were not there; pods of one cluster use several.',
    remedy: 'do not rely on it for images of that kind (Alpine has musl; programs in Go have their own resolver)',
    source: 'recording musl125-24-ignored-options; facts of Go and c-ares',
    example: {
      wrong: 'nameserver 192.0.2.53\noptions single-request-reopen\n',
      right: 'nameserver 192.0.2.53\noptions timeout:2\n',
    },
    find: (view) =>
      ignoredOptions(view)
        .filter(({ by }) => by.length < view.readings.length && !by.includes('glibc'))
        .map(({ at, word, by }) => ({ at, message: `${word} is ignored by ${by.join(' and ')}` })),
  },
  fromRemarks('search-replaced', {
    code: 'search-replaced',
    severity: 'warning',
    title: 'Two search lists, and the last one wins',
    consequence: 'Only the last `search` or `domain` line counts: the domains of this one are never tried.',
    remedy: 'put all domains into one line',
    source: 'resolv.conf(5); facts of glibc',
    example: {
      wrong: 'search a.example\nsearch b.example\nnameserver 192.0.2.53\n',
      right: 'search a.example b.example\nnameserver 192.0.2.53\n',
    },
  }),
  fromRemarks('long-line', {
    code: 'line-dropped',
    severity: 'error',
    title: 'A line that musl drops for its length',
    consequence:
      'musl (Alpine) passes over a line of more than 255 characters as a whole: without its search list it finds no Service by a short name.',
    remedy: 'shorten the line',
    source: 'recording musl125-25-search-line-over-255',
    example: {
      wrong: `nameserver 192.0.2.53\nsearch ${Array.from({ length: 12 }, (_, i) => `department-${i}.corp.example`).join(' ')}\n`,
      right: 'nameserver 192.0.2.53\nsearch department.corp.example\n',
    },
  }),
  fromRemarks('not-an-address', {
    code: 'nameserver-is-no-address',
    severity: 'error',
    title: 'A nameserver that is no address',
    consequence: 'Resolvers pass over the line.',
    remedy: 'write an address: names cannot be looked up here',
    source: 'resolv.conf(5)',
    example: { wrong: 'nameserver dns.corp.example\nnameserver 192.0.2.53\n', right: 'nameserver 192.0.2.53\n' },
  }),
  fromRemarks('indented-line', {
    code: 'line-indented',
    severity: 'error',
    title: 'A line that begins with a blank',
    consequence: 'glibc looks for its keywords in the first column and passes over this line.',
    remedy: 'move the keyword to the first column',
    source: 'facts of glibc; resolv.conf(5)',
    example: {
      wrong: '  nameserver 192.0.2.53\nnameserver 192.0.2.54\n',
      right: 'nameserver 192.0.2.53\nnameserver 192.0.2.54\n',
    },
  }),
  fromRemarks('ignored-line', {
    code: 'line-unknown',
    severity: 'warning',
    title: 'A line that resolvers do not know',
    consequence: 'They pass it over.',
    remedy: 'keywords are nameserver, search, domain and options',
    source: 'resolv.conf(5)',
    example: {
      wrong: 'nameservers 192.0.2.54\nnameserver 192.0.2.53\n',
      right: 'nameserver 192.0.2.54\nnameserver 192.0.2.53\n',
    },
  }),
  readDifferently,
];

/** What the resolvers themselves remark on: once for each place, with all who say so. */
function fromRemarks(code: string, rule: Omit<ResolvConfRule, 'find'>): ResolvConfRule {
  return {
    ...rule,
    find: ({ readings }) => byPlace(readings.flatMap(({ remarks }) => remarks.filter((one) => one.code === code))),
  };
}

function byPlace(remarks: readonly Problem[]): Found[] {
  const found = new Map<string, Found>();
  for (const { file, line, column, message } of remarks) {
    const key = `${line}:${column}`;
    if (!found.has(key)) found.set(key, { at: { file, line, column }, message });
  }
  return [...found.values()];
}

const isOfCluster = (search: readonly string[]): boolean => search.some((domain) => /^svc\.|\.svc\./.test(domain));

function optionAt({ lines }: ResolvConfView, name: string) {
  return lines
    .filter(({ keyword }) => keyword.text === 'options')
    .flatMap(({ words }) => words)
    .findLast(({ text }) => text.startsWith(`${name}:`));
}

function amplification(view: ResolvConfView): Found[] {
  const { search, ndots } = view.readings[0].conf;
  const dots = 2; // www.example.com
  if (search.length === 0 || ndots <= dots) return [];
  const queries = 2 * (search.length + 1);
  const message = `a lookup of www.example.com makes ${queries} queries: ${search.length} search domains, then the name itself`;
  const at = optionAt(view, 'ndots') ?? placeOf(view, 'search');
  return [{ at, message, severity: queries > usualQueries ? 'warning' : 'info' }];
}

function ignoredOptions({ readings }: ResolvConfView): { at: Problem; word: string; by: string[] }[] {
  const options = new Map<string, { at: Problem; word: string; by: string[] }>();
  for (const { rules, remarks } of readings) {
    for (const remark of remarks.filter(({ code }) => code === 'ignored-option')) {
      const key = `${remark.line}:${remark.column}`;
      const word = /"(.*)"$/.exec(remark.message)?.[1] ?? '';
      const option = options.get(key) ?? { at: remark, word, by: [] };
      options.set(key, option);
      option.by.push(rules.reader);
    }
  }
  return [...options.values()];
}
