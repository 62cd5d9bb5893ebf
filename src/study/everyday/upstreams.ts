import { publicNames } from '../../check/corefile/public-resolvers.ts';
import { addressOf, type BlockView, viewCorefile } from '../../check/corefile/view.ts';
import type { ForwardOptions } from '../../coredns/plugins/forward/options.ts';
import { findRelease, releaseNames } from '../../coredns/releases.ts';
import { isWithin } from '../../dns/name.ts';
import { formatAddress } from '../../network/address.ts';
import type { Problems, Source } from '../../problem/problem.ts';
import { unpackCorefile } from '../../scenario/artefacts.ts';
import { publicAuthority } from '../../transport/tls/certificate.ts';

/** What a Corefile needs around it. */
export interface Wants {
  /** Of the upstreams that it names, in order. */
  readonly upstreams: readonly string[];
  /** How those are met that are asked over TLS, by address. */
  readonly secure: ReadonlyMap<string, TlsKey>;
  /** The one that is asked first for names of the internet; undefined: it forwards none. */
  readonly first: string | undefined;
  /** Zones with upstreams of their own, without final dot. */
  readonly stubs: readonly string[];
  /** The cluster's own domain, where it names one. */
  readonly domain: string | undefined;
}

/** The `tls` key of a server: with a certificate that its clients accept, as far as it is known whose the address is. */
export interface TlsKey {
  readonly port: number;
  readonly names: readonly string[];
  readonly addresses: readonly string[];
  readonly issuer: string;
}

function tlsKeys(forwards: readonly ForwardOptions[]): Map<string, TlsKey> {
  const keys = new Map<string, TlsKey>();
  for (const { to, serverName, roots } of forwards) {
    for (const one of to) {
      if (one.kind !== 'address' || one.scheme !== 'tls') continue;
      const { port } = one.endpoint;
      const address = formatAddress(one.endpoint.address);
      const own = publicNames[address] ?? (one.serverName || serverName);
      const names = [...new Set([...(keys.get(address)?.names ?? []), ...(own === '' ? [] : [own])])];
      keys.set(address, { port, names, addresses: [address], issuer: [...roots][0] ?? publicAuthority });
    }
  }
  return keys;
}

/**
 * Reads a Corefile, or a ConfigMap that holds one, for what it needs; mistakes in it are told when it is loaded.
 * `resolvConf`: what stands in /etc/resolv.conf.
 */
export function wantsOf(source: Source, resolvConf: string): Wants {
  const ignored: Problems = [];
  const artefact = unpackCorefile({ source, indent: 0 }, ignored);
  const release = findRelease(releaseNames[releaseNames.length - 1] ?? '');
  if (artefact === undefined || release === undefined)
    return { upstreams: [], secure: new Map(), first: undefined, stubs: [], domain: undefined };
  const { corefile, files } = artefact;
  const view = viewCorefile(corefile.source, release, {
    files: { '/etc/resolv.conf': resolvConf, ...files },
    environment: {},
    zones: [],
  });
  const [domain] = view.blocks
    .flatMap((block) => block.statements.get('kubernetes') ?? [])
    .flatMap(({ args }) => args.map(({ text }) => withoutDot(text)))
    .filter((zone) => zone !== '' && !isReverse(zone));
  const forwards = view.blocks.flatMap((block) =>
    block.forwards.map(({ options }) => ({
      zones: zonesOf(block, options.from),
      upstreams: options.to.flatMap((to) => addressOf(to) ?? []),
    })),
  );
  const stubs = forwards.flatMap(({ zones }) => zones).filter((zone) => zone !== '.' && !isReverse(zone));
  return {
    upstreams: [...new Set(forwards.flatMap(({ upstreams }) => upstreams))],
    secure: tlsKeys(view.blocks.flatMap((block) => block.forwards.map(({ options }) => options))),
    first: forwards.find(({ zones }) => zones.includes('.'))?.upstreams[0],
    stubs: [...new Set(stubs.map(withoutDot))].filter(
      (zone) => domain === undefined || !isWithin(`${zone}.`, `${domain}.`),
    ),
    domain,
  };
}

/** The names that a forward line gets: those of its block that lie within its FROM, or the other way about. */
function zonesOf({ zones }: BlockView, from: string): string[] {
  return zones.flatMap((zone) => (isWithin(from, zone) ? [from] : isWithin(zone, from) ? [zone] : []));
}

function withoutDot(zone: string): string {
  return zone.replace(/(.)\.$/, '$1').toLowerCase();
}

function isReverse(zone: string): boolean {
  return /(^|\.)(in-addr|ip6)\.arpa\.?$/.test(zone);
}
