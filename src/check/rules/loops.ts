import { formatEndpoint, isLoopback, isUnspecified, parseAddress } from '../../network/address.ts';
import {
  addressOf,
  type BlockView,
  blockFor,
  boundTo,
  type CorefileView,
  type ForwardView,
  type Target,
  uses,
} from '../corefile/view.ts';
import type { CorefileRule, Found } from '../finding.ts';

const looped =
  'A query comes back to where it started. With `loop` CoreDNS sees it at its start and exits with code 1 (CrashLoopBackOff); without, each query goes round until `max_concurrent` refuses it or memory and sockets run out.';

export const loopRules: readonly CorefileRule[] = [
  {
    code: 'forward-loop',
    severity: 'error',
    title: 'A forward leads back to the server itself',
    consequence: looped,
    remedy: 'forward to the address of another DNS server',
    source: 'recordings corefile-loop-self, corefile-loop-no-plugin',
    example: {
      wrong: '. {\n  loop\n  forward . 127.0.0.1\n}\n',
      right: '. {\n  loop\n  forward . 192.0.2.53\n}\n',
    },
    find: (view) =>
      eachTarget(view, ({ block, forward, target }) => {
        if (target.isFile) return [];
        const back = target.to.find((to) => returns(view, block, forward, to));
        if (back === undefined) return [];
        return [
          { at: target.token, message: `${target.token.text} is this CoreDNS: the query comes back to this line` },
        ];
      }),
  },
  {
    code: 'resolv-conf-loop',
    severity: 'error',
    title: 'A forward through resolv.conf leads back to the server itself',
    consequence: `${looped} On a node 127.0.0.53 is systemd-resolved; inside CoreDNS's pod it is CoreDNS.`,
    remedy:
      'point the kubelet at the list of real servers (`resolvConf: /run/systemd/resolve/resolv.conf`), or write them into the Corefile',
    source: 'gh:coredns/coredns#2087; recording corefile-loop-self',
    example: {
      wrong: '. {\n  loop\n  forward . /etc/resolv.conf\n}\n',
      right: '. {\n  loop\n  forward . 192.0.2.53\n}\n',
      files: { 'resolv.conf': 'nameserver 127.0.0.53\noptions edns0 trust-ad\n' },
    },
    find: (view) =>
      eachTarget(view, ({ block, forward, target }) => {
        const back = target.isFile ? target.to.find((to) => returns(view, block, forward, to)) : undefined;
        if (back?.kind !== 'address') return [];
        const server = formatEndpoint(back.endpoint);
        return [{ at: target.token, message: `${target.token.text} names ${server}, which is this CoreDNS itself` }];
      }),
  },
  {
    code: 'forward-to-own-service',
    severity: 'error',
    title: 'CoreDNS forwards to the Service that it stands behind',
    consequence:
      'kube-proxy brings the query back to one of the CoreDNS pods, which forwards it again. `loop` notices it only if its probe, too, came back to the same pod.',
    remedy:
      "forward to the servers outside the cluster; give the nodes a resolv.conf that does not name the cluster's DNS",
    source: 'recordings nodelocal-upstreamsvc-kube-dns, corefile-loop-no-plugin',
    example: {
      wrong: '. {\n  forward . 10.96.0.10\n}\n',
      right: '. {\n  forward . 192.168.1.101\n}\n',
    },
    find: (view) =>
      eachTarget(view, ({ target }) => {
        const { serviceAddress } = view.surroundings;
        if (serviceAddress === undefined || !target.to.some((to) => addressOf(to) === serviceAddress)) return [];
        return [{ at: target.token, message: `${serviceAddress} is the Service in front of CoreDNS itself` }];
      }),
  },
  {
    code: 'no-loop',
    severity: 'info',
    title: '`loop` is missing where the upstreams come from resolv.conf',
    consequence:
      "If a node's resolv.conf ever leads back to CoreDNS, nothing notices: queries go round and pile up instead of a clear message at the start.",
    remedy: 'add `loop` to the block',
    source: 'recordings corefile-loop-self, corefile-loop-no-plugin',
    example: {
      wrong: '. {\n  forward . /etc/resolv.conf\n}\n',
      right: '. {\n  loop\n  forward . /etc/resolv.conf\n}\n',
    },
    find: ({ blocks }) =>
      blocks.flatMap((block) => {
        if (uses(block, 'loop')) return [];
        const target = block.forwards.flatMap(({ targets }) => targets).find(({ token }) => token.text.startsWith('/'));
        return target === undefined
          ? []
          : [{ at: target.token, message: 'a loop through this file would not be noticed' }];
      }),
  },
];

interface Place {
  readonly block: BlockView;
  readonly forward: ForwardView;
  readonly target: Target;
}

function eachTarget({ blocks }: CorefileView, find: (place: Place) => Found[]): Found[] {
  return blocks.flatMap((block) =>
    block.forwards.flatMap((forward) => forward.targets.flatMap((target) => find({ block, forward, target }))),
  );
}

/** Does a query that this forward sends to `to` come to this forward again? */
function returns(view: CorefileView, start: BlockView, forward: ForwardView, to: Target['to'][number]): boolean {
  const [zone = '.'] = start.zones;
  const from = forward.options.from;
  const below = from === '.' || zone.endsWith(from) ? zone : from;
  const name = `loop-probe.${below === '.' ? '' : below}`;
  let next: readonly Target['to'][number][] = [to];
  const seen = new Set<BlockView>();
  while (next.length > 0) {
    const blocks: BlockView[] = [];
    for (const one of next) {
      const block = one.kind === 'address' ? blockFor(view, name, one.endpoint.port) : undefined;
      if (block === undefined || !listensOn(block, addressOf(one))) continue;
      if (block === start) return true;
      if (!seen.has(block)) blocks.push(block);
      seen.add(block);
    }
    next = blocks.flatMap((block) => block.forwards.slice(0, 1).flatMap(({ targets }) => targets.flatMap((t) => t.to)));
  }
  return false;
}

function listensOn(block: BlockView, address: string | undefined): boolean {
  const parsed = parseAddress(address ?? '');
  if (address === undefined || parsed === undefined) return false;
  const bound = boundTo(block);
  if (bound.length > 0) return bound.includes(address);
  return isLoopback(parsed) || isUnspecified(parsed);
}
