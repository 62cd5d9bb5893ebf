import { forwardBehaviour } from '../../coredns/plugins/forward/releases.ts';
import { formatAddress } from '../../network/address.ts';
import { publicNames } from '../corefile/public-resolvers.ts';
import { propertyOf } from '../corefile/statement.ts';
import type { ForwardView, Target } from '../corefile/view.ts';
import type { CorefileRule, Found } from '../finding.ts';
import { eachForward } from './forwards.ts';

const forward = (to: string, properties = '') => `. {\n  cache 30\n  forward . ${to} {\n${properties}  }\n}\n`;

/** Upstreams of the line that are asked over TLS. */
function secureOf({
  targets,
}: ForwardView): { token: Target['token']; address: string; port: number; serverName: string }[] {
  return targets.flatMap(({ token, to }) =>
    to.flatMap((one) => {
      if (one.scheme !== 'tls') return [];
      const address = one.kind === 'address' ? formatAddress(one.endpoint.address) : one.name;
      const port = one.kind === 'address' ? one.endpoint.port : one.port;
      return [{ token, address, port, serverName: one.serverName }];
    }),
  );
}

export const tlsRules: readonly CorefileRule[] = [
  {
    code: 'tls-not-served',
    severity: 'error',
    title: 'An upstream over TLS that does not listen for it',
    consequence:
      'Its port refuses connections: with no other upstream every query ends as SERVFAIL, up to 1.14.6 after 1 s of attempts without a pause.',
    remedy: 'leave `tls://` out; where the server does speak DNS over TLS, say so by its `tls:` in the scenario',
    source: 'recordings forward-tls-closed-one, forward-tls-closed-first',
    example: { wrong: forward('tls://192.0.2.53'), right: forward('192.0.2.53') },
    find: (view) =>
      eachForward(view, (one): Found[] =>
        secureOf(one).flatMap(({ token, address, port }) => {
          const owner = view.surroundings.owners?.get(address);
          if (owner === undefined || owner.tlsPort === port) return [];
          return [{ at: token, message: `${owner.name} does not listen for DNS over TLS at port ${port}` }];
        }),
      ),
  },
  {
    code: 'upstream-not-dialled',
    severity: 'error',
    title: 'An upstream that this release takes and cannot dial',
    consequence:
      'CoreDNS starts, and no packet ever leaves for that upstream: before 1.14.0 the whole of `1.1.1.1%cloudflare-dns.com` is the name of a host, and `https3://` without a port leaves no address. With no other upstream every query ends as SERVFAIL, up to 1.14.6 the first after 1 s of attempts without a pause.',
    remedy:
      'write the address alone and `tls_servername NAME` inside the braces, or take CoreDNS 1.14.0 or later; `https3://` is for servers, not for upstreams',
    source: 'CoreDNS 1.6.7 to 1.15.0, asked on a machine without a network',
    example: {
      release: '1.13.1',
      wrong: forward('tls://1.1.1.1%cloudflare-dns.com'),
      right: forward('tls://1.1.1.1', '    tls_servername cloudflare-dns.com\n'),
    },
    find: (view) =>
      eachForward(view, ({ targets }): Found[] =>
        targets.flatMap(({ token, to }) =>
          to.flatMap((one) =>
            one.kind === 'address' && one.undialled !== undefined
              ? [{ at: token, message: `CoreDNS ${view.release.name} cannot dial it: "${one.undialled.error}"` }]
              : [],
          ),
        ),
      ),
  },
  {
    code: 'tls-name-of-another',
    severity: 'error',
    title: 'One `tls_servername` for upstreams of several providers',
    consequence:
      'The name holds for every upstream of the line. One whose certificate is for another name refuses each handshake (`x509: certificate is valid for …, not …`): its queries go to the next one, a probe marks it down, and it never answers any.',
    remedy:
      'from 1.14.0 on write `tls://ADDRESS%NAME` for each and leave `tls_servername` out; before, leave it out where the certificates hold the addresses, or forward to server blocks of your own on other ports, one for each provider',
    source: 'recordings forward-tls-wrong-name, forward-tls-wrong-name-first, forward-tls-per-upstream-name',
    example: {
      wrong: forward('tls://1.1.1.1 tls://9.9.9.9', '    tls_servername cloudflare-dns.com\n'),
      right: forward('tls://1.1.1.1%cloudflare-dns.com tls://9.9.9.9%dns.quad9.net'),
    },
    find: (view) =>
      eachForward(view, (one): Found[] => {
        const { serverName } = one.options;
        const owner = Object.values(publicNames).find((name) => name === serverName);
        if (owner === undefined) return [];
        return secureOf(one).flatMap(({ token, address }) => {
          const own = publicNames[address];
          if (own === undefined || own === owner) return [];
          return [{ at: token, message: `${address} is ${own}, which has no certificate for ${serverName}` }];
        });
      }),
  },
  {
    code: 'tls-without-name',
    severity: 'warning',
    title: 'An upstream over TLS without `tls_servername`',
    consequence:
      "CoreDNS looks for the upstream's address in its certificate, also where TO is a host name. Where the certificate holds names alone every handshake fails (`x509: cannot validate certificate for … because it doesn't contain any IP SANs`), and queries end as SERVFAIL.",
    remedy: 'write `tls_servername NAME`, or `tls://ADDRESS%NAME` from 1.14.0 on',
    source: 'recordings forward-tls-no-servername, forward-tls-address-certificate',
    example: {
      wrong: forward('tls://192.0.2.53'),
      right: forward('tls://192.0.2.53', '    tls_servername dns.corp.example\n'),
    },
    find: (view) =>
      eachForward(view, (one): Found[] => {
        if (one.options.serverName !== '') return [];
        return secureOf(one)
          .filter(({ address, serverName }) => serverName === '' && publicNames[address] === undefined)
          .map(({ token, address }) => ({ at: token, message: `the certificate must hold the address of ${address}` }));
      }),
  },
  {
    code: 'tls-for-plain-upstreams',
    severity: 'warning',
    title: '`tls` or `tls_servername` where no upstream is asked over TLS',
    consequence: 'It does nothing: queries go over UDP and TCP in the clear.',
    remedy: 'write `tls://` in front of the address, or remove the line',
    source: 'recordings forward-tls-start-8, forward-tls-mixed',
    example: {
      wrong: forward('192.0.2.53', '    tls_servername dns.corp.example\n'),
      right: forward('tls://192.0.2.53', '    tls_servername dns.corp.example\n'),
    },
    find: (view) =>
      eachForward(view, (one): Found[] => {
        const at = propertyOf(one.statement, 'tls_servername')?.name ?? propertyOf(one.statement, 'tls')?.name;
        if (at === undefined || one.targets.some(({ to }) => to.some(({ scheme }) => scheme !== 'dns'))) return [];
        return [{ at, message: 'no upstream of this line begins with `tls://`' }];
      }),
  },
  {
    code: 'tls-dial-unbounded',
    severity: 'info',
    title: 'In this release a query waits up to 30 s for a TLS connection',
    consequence:
      'Where port 853 is dropped on the way, or a handshake never ends, each query waits 30 s for the connection, and then ends as SERVFAIL: no other upstream is asked, and clients have long given up. After a good handshake the wait is 22.5 s, and shorter after more. From 1.15.0 on it is 2.5 s, and the next upstream is asked.',
    remedy: 'run 1.15.0 or later, and let port 853 through wherever the pods of CoreDNS may run',
    source: 'recordings forward-tls-blackhole-one, forward-tls-blackhole-first, forward-tls-stalls-first',
    example: {
      wrong: forward('tls://1.1.1.1'),
      right: forward('1.1.1.1'),
      release: '1.14.7',
    },
    find: (view) =>
      eachForward(view, (one): Found[] => {
        const [first] = secureOf(one);
        if (first === undefined || forwardBehaviour(view.release.name).boundsTlsDial) return [];
        return [{ at: first.token, message: 'nothing but the limit of 30 s ends the wait for a connection' }];
      }),
  },
];
