/** kubeadm's Corefile as it writes it with Kubernetes 1.MINOR (facts: kubeadm's manifests). */
export function kubeadmCorefile(minor: number): string {
  const upstream =
    minor >= 19 ? 'forward . /etc/resolv.conf {\n       max_concurrent 1000\n    }' : 'forward . /etc/resolv.conf';
  const cache =
    minor >= 32
      ? 'cache 30 {\n       disable success cluster.local\n       disable denial cluster.local\n    }'
      : 'cache 30';
  return `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    ${upstream}
    ${cache}
    loop
    reload
    loadbalance
}
`;
}
