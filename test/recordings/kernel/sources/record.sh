#!/bin/sh
# As root: sh record.sh > sources.txt. Which source address a pod sees of its own node, by what the node's end of the
# pod's link has: nothing and proxy_arp (Calico, the VPC CNI of AWS), or the gateway of the pods (ptp, kindnet).
# Each line: the set-up, the way (through a ClusterIP with MASQUERADE, or straight to the pod), and the source.
record() {
  node="ip netns exec srcnode" pod="ip netns exec srcpod"
  ip netns add srcnode && ip netns add srcpod
  trap 'ip netns del srcnode; ip netns del srcpod' EXIT
  ip link add veth netns srcnode type veth peer name eth0 netns srcpod
  $node ip link add uplink type veth peer name wire
  for device in lo wire uplink veth; do $node ip link set $device up; done
  for device in lo eth0; do $pod ip link set $device up; done
  $node ip addr add 192.168.1.200/24 dev uplink
  $node ip route add default via 192.168.1.1
  [ "$1" = gateway ] && $node ip addr add 10.244.1.1/32 dev veth
  $node sysctl -qw net.ipv4.conf.veth.proxy_arp=1 net.ipv4.neigh.veth.proxy_delay=0 net.ipv4.ip_forward=1
  $pod ip addr add 10.244.1.10/32 dev eth0
  $pod ip route add 10.244.1.1 dev eth0
  $pod ip route add default via 10.244.1.1
  $node ip route add 10.244.1.10 dev veth
  $node iptables -t nat -A OUTPUT -d 10.96.0.10 -p udp --dport 53 -j DNAT --to-destination 10.244.1.10:53
  $node iptables -t nat -A POSTROUTING -d 10.244.1.10 -p udp --dport 53 -j MASQUERADE
  $pod timeout 20 python3 -c '
import socket, sys
servers = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
for server, port in zip(servers, (53, 54)): server.bind(("", port))
for server in servers:
    data, source = server.recvfrom(100); print(sys.argv[1], data.decode(), source[0]); server.sendto(data, source)
' "$1" &
  $node python3 -c '
import socket, time
for way, to in ("cluster-ip", ("10.96.0.10", 53)), ("straight", ("10.244.1.10", 54)):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(1)
    for _ in range(10):
        s.sendto(way.encode(), to)
        try: s.recvfrom(100); break
        except OSError: time.sleep(0.2)
'
  wait $!
}
for kind in proxy gateway; do (record $kind); done
