import { describe, expect, test } from 'vitest';
import { kubeadmCorefile } from '../../../test/support/kubeadm.ts';
import { kubernetesReleases } from '../../cluster/releases.ts';
import { forwardBehaviour } from '../../coredns/plugins/forward/releases.ts';
import { isReleaseName, type ReleaseName, releaseNames } from '../../coredns/releases.ts';
import { checkText, codesIn } from '../testing/in-memory.ts';

/** k3s writes health without lameduck, no ttl, hosts of its nodes, and imports. */
const k3s = `.:53 {
    errors
    health
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
      pods insecure
      fallthrough in-addr.arpa ip6.arpa
    }
    hosts /etc/coredns/NodeHosts {
      ttl 60
      reload 15s
      fallthrough
    }
    prometheus :9153
    cache 30
    loop
    reload
    loadbalance
    import /etc/coredns/custom/*.override
    forward . /etc/resolv.conf
}
import /etc/coredns/custom/*.server
`;

const nodeLocal = ['cluster.local', 'in-addr.arpa', 'ip6.arpa', '.']
  .map((zone) => {
    const cluster = zone === 'cluster.local';
    const cache = cluster ? 'cache {\n        success 9984 30\n        denial 9984 5\n    }' : 'cache 30';
    const upstream = zone === '.' ? 'forward . /etc/resolv.conf' : 'forward . 10.96.0.11 {\n        force_tcp\n    }';
    const health = cluster ? '\n    health 169.254.20.10:8080' : '';
    return `${zone}:53 {
    errors
    ${cache}
    reload
    loop
    bind 169.254.20.10 10.96.0.10
    ${upstream}
    prometheus :9253${health}
}
`;
  })
  .join('');

/** In these releases large replies are lost with the stock Corefile, too (gh:coredns/coredns#5998): told, but no more than that. */
const losesLargeReplies = (release: ReleaseName, cached: boolean): boolean =>
  forwardBehaviour(release).cutReply !== 'truncated' && !(cached && isBetween(release, '1.7.1', '1.10.0'));
const isBetween = (release: ReleaseName, first: ReleaseName, last: ReleaseName): boolean =>
  releaseNames.indexOf(release) >= releaseNames.indexOf(first) &&
  releaseNames.indexOf(release) <= releaseNames.indexOf(last);

function severitiesAndCodes(text: string, release: ReleaseName): string[] {
  const { files } = checkText('Corefile', text, { release });
  return files.flatMap(({ findings }) => findings.map(({ severity, code }) => `${severity} ${code}`));
}

describe('no alarm on the Corefile that comes with a cluster', () => {
  test.each(kubernetesReleases.map(({ name, coredns }) => [name, coredns]))(
    'kubeadm of Kubernetes %s with CoreDNS %s',
    (name, coredns) => {
      if (!isReleaseName(coredns)) throw new Error(coredns);
      const expected = [
        ...(losesLargeReplies(coredns, true) ? ['info large-udp-reply-fails'] : []),
        ...(coredns === '1.6.7' ? ['info denial-hides-answers'] : []),
      ];
      expect(severitiesAndCodes(kubeadmCorefile(Number(name.split('.')[1])), coredns)).toEqual(expected);
    },
  );

  test.each(['1.11.3', '1.12.3', '1.14.7', '1.15.0'] as const)(
    'k3s with CoreDNS %s: only that its rollouts are not graceful',
    (release) => {
      expect(severitiesAndCodes(k3s, release)).toEqual(['info no-lameduck']);
    },
  );

  test.each(['1.11.3', '1.13.1'] as const)('NodeLocal DNSCache with CoreDNS %s inside', (release) => {
    expect(severitiesAndCodes(nodeLocal, release)).toEqual([]);
  });
});

describe('an upgrade of kubeadm tells no more than what changes', () => {
  const changes = (text: string, from: ReleaseName, release: ReleaseName) =>
    codesIn(checkText('Corefile', text, { from, release }), 'Corefile');

  test.each<[from: ReleaseName, to: ReleaseName, ...codes: string[]]>([
    ['1.11.3', '1.12.1'],
    ['1.12.1', '1.14.2'],
    ['1.9.3', '1.10.1', 'upgrade-lameduck', 'upgrade-large-replies', 'large-udp-reply-fails'],
    ['1.10.1', '1.11.3', 'upgrade-large-replies', 'large-udp-reply-fails'],
    ['1.14.6', '1.15.0', 'upgrade-silent-upstream', 'upgrade-refusing-upstream'],
  ])('%s to %s', (from, to, ...codes) => {
    expect(changes(kubeadmCorefile(31), from, to).sort()).toEqual(codes.sort());
  });
});
