#!/bin/sh
# As root: sh record_order.sh > order.txt. Chains made in no order in tables touched in no order, as iptables-nft-save then prints them.
exec unshare -n sh -c '
for table in nat filter security raw mangle; do
  for chain in b-chain KUBE-SVC-Z KUBE-SVC-A kube_x a Zed A1 a-1 a_1 KUBE-SERVICES; do iptables-nft -t $table -N $chain; done
  iptables-nft -t $table -A a -j RETURN
  iptables-nft -t $table -A KUBE-SERVICES -j KUBE-SVC-Z
  iptables-nft -t $table -A OUTPUT -j KUBE-SERVICES
done
iptables-nft-save | grep -v "^#"'
