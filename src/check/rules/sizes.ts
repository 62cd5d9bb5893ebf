import { goInteger } from '../../coredns/corefile/go-values.ts';
import { bufsizeBehaviour } from '../../coredns/plugins/bufsize/bufsize.ts';
import { cacheBehaviour } from '../../coredns/plugins/cache/releases.ts';
import { forwardBehaviour } from '../../coredns/plugins/forward/releases.ts';
import type { Statement } from '../corefile/statement.ts';
import { addressOf, type BlockView, type CorefileView, statement } from '../corefile/view.ts';
import type { CorefileRule, Found } from '../finding.ts';
import { neverOverUdp } from './forwards.ts';

const block = (lines: string) => `. {\n${lines}  cache 30\n  forward . 192.0.2.53\n}\n`;
const usual = 1232;
const least = 512;

export const sizeRules: readonly CorefileRule[] = [
  {
    code: 'large-udp-reply-fails',
    severity: 'info',
    title: 'A reply above 512 octets that the upstream does not cut makes lookups fail',
    consequence:
      'CoreDNS reads a UDP reply into as many octets as the client offered: 512 without EDNS, which is what glibc and musl ask. An upstream that sends more without setting TC has its reply cut in the middle of a record; in this release that is an error, the same query is repeated without a pause for 5 s (about 2000 queries in field report S3), and the client gets SERVFAIL. In 1.11.0 it waits 2 s three times instead.',
    remedy:
      'run 1.11.3 or later (the client gets TC and asks over TCP); up to 1.9.1 `bufsize 1232` helps as well; or `force_tcp` towards that upstream',
    source:
      'field report S3; gh:coredns/coredns#5998; recordings size-storm-by-release, size-storm-cache-opt-by-release',
    example: { wrong: block(''), right: block('  bufsize 1232\n'), release: '1.6.7' },
    find: (view) => view.blocks.flatMap((one) => largeReplies(view, one)),
  },
  {
    code: 'bufsize-protects-nobody',
    severity: 'warning',
    title: 'In this release `bufsize` does nothing for clients without EDNS',
    consequence:
      'From 1.9.2 on `bufsize` adds no OPT to a query that has none: glibc and musl still ask for 512 octets, and so does CoreDNS for them. What it was written for, up to 1.9.1 (large replies over UDP, field report S3), it does no more.',
    remedy: 'run 1.11.3 or later, which answers with TC; or `force_tcp` towards the upstream',
    source: 'field report S3; recordings size-bufsize-1232, size-storm-by-release',
    example: { wrong: block('  bufsize 4096\n'), right: block('  bufsize 1232\n'), release: '1.11.1' },
    find: (view) =>
      eachBufsize(view, ({ line, size }) => {
        const { addsOpt, raises } = bufsizeBehaviour(view.release.name).way;
        if (addsOpt || raises || size <= usual) return [];
        return [{ at: line.name, message: `only queries that offer more than ${size} octets are changed` }];
      }),
  },
  {
    code: 'bufsize-for-everybody',
    severity: 'warning',
    title: 'In this release `bufsize` lets large replies go to clients that did not ask for them',
    consequence:
      'Up to 1.9.1 it adds an OPT to queries without one, and up to 1.9.3 it raises the size of those that offer less: such a client gets replies of up to that size over UDP (and an OPT that it did not send) instead of TC. A client with a buffer of 512 octets loses the rest.',
    remedy: 'run 1.9.4 or later, where it only lowers; or write a size that all clients can take',
    source: 'recordings size-bufsize-1232, size-bufsize-cache',
    example: { wrong: block('  bufsize 4096\n'), right: block('  bufsize 512\n'), release: '1.9.3' },
    find: (view) =>
      eachBufsize(view, ({ line, size }) => {
        const { addsOpt, raises } = bufsizeBehaviour(view.release.name).way;
        if ((!addsOpt && !raises) || size <= usual) return [];
        const who = addsOpt ? 'clients without EDNS get' : 'clients that offer less get';
        return [{ at: line.name, message: `${who} up to ${size} octets over UDP` }];
      }),
  },
  {
    code: 'bufsize-512',
    severity: 'warning',
    title: '`bufsize` lowers every client to 512 octets',
    consequence:
      'Clients that offer more by EDNS (Go, Netty, dig) get TC above 512 octets and ask again over TCP: twice the round trips, and failures where TCP port 53 is closed. In releases where a cut reply is an error, their lookups fail as well.',
    remedy: '`bufsize 1232`',
    source: 'recordings size-bufsize-512, corefile-start-bufsize-bare, size-storm-by-release',
    example: { wrong: block('  bufsize\n'), right: block('  bufsize 1232\n'), release: '1.8.6' },
    find: (view) =>
      eachBufsize(view, ({ line, size }) =>
        size > least ? [] : [{ at: line.name, message: 'every reply above 512 octets is cut to TC' }],
      ),
  },
];

interface Bufsize {
  readonly line: Statement;
  readonly size: number;
}

function eachBufsize({ blocks, release }: CorefileView, find: (bufsize: Bufsize) => readonly Found[]): Found[] {
  return blocks.flatMap((one) => {
    const line = statement(one, 'bufsize');
    const [word] = line?.args ?? [];
    if (line === undefined) return [];
    const size = word === undefined ? { value: bufsizeBehaviour(release.name).defaultSize } : goInteger(word.text);
    return 'value' in size ? find({ line, size: size.value }) : [];
  });
}

/** Nothing between the client and the upstream raises what is offered to it, and a cut reply is no good. */
function largeReplies(view: CorefileView, one: BlockView): Found[] {
  const { release, surroundings } = view;
  const { cutReply } = forwardBehaviour(release.name);
  const asksForMore = one.cache !== undefined && cacheBehaviour(release.name).asksForDnssec;
  const offersMore =
    eachBufsize({ ...view, blocks: [one] }, ({ size, line }) =>
      size > least && bufsizeBehaviour(release.name).way.addsOpt ? [{ at: line.name, message: '' }] : [],
    ).length > 0;
  if (cutReply === 'truncated' || asksForMore || offersMore) return [];
  return one.forwards.flatMap((forward) => {
    const { statement: line, targets } = forward;
    if (neverOverUdp(forward)) return [];
    const careless = targets
      .flatMap(({ to }) => to)
      .map((to) => surroundings.owners?.get(addressOf(to) ?? ''))
      .find((owner) => owner?.ignoresLimits === true);
    const message = 'large UDP replies of these upstreams are lost on clients without EDNS';
    if (careless === undefined) return [{ at: line.name, message }];
    return [
      {
        at: line.name,
        message: `${careless.name} sends replies of any size: those above 512 octets are lost`,
        severity: 'error',
      },
    ];
  });
}
