#!/bin/sh
# As root: sh record.sh > push.txt. Which segments of TCP tcpdump marks with P: writes of 40 and 3000 octets, 50 that are held
# back until the FIN takes them along, and 35 with a FIN behind them that nobody acknowledges until they are repeated.
# Each line: the case, who sends (client or server), flags, octets. The link cannot take more than one segment at a time.
ip netns add pusha && ip netns add pushb
trap 'ip netns del pusha; ip netns del pushb' EXIT
a="ip netns exec pusha" b="ip netns exec pushb"
ip link add eth0 netns pusha type veth peer name eth0 netns pushb
for end in "$a" "$b"; do $end ip link set lo up; $end ip link set eth0 up gso_max_segs 1; done
$a ip addr add 192.0.2.1/24 dev eth0
$b ip addr add 192.0.2.2/24 dev eth0
$b timeout 20 python3 -c '
import socket, threading, time
server = socket.create_server(("192.0.2.2", 5300))
def serve(connection):
    while connection.recv(65536): pass
    time.sleep(0.3); connection.close()
for _ in range(4): threading.Thread(target=serve, args=(server.accept()[0],)).start()
' &
server=$!
$a timeout 14 tcpdump -n -l -i eth0 tcp 2>/dev/null > /tmp/push.$$ &
dump=$!
sleep 1
$a python3 -c '
import socket, subprocess, time
for port, octets in ((40040, 40), (43000, 3000), (40050, 50), (40035, 35)):
    client = socket.socket(); client.bind(("192.0.2.1", port)); client.connect(("192.0.2.2", 5300)); time.sleep(0.3)
    if port == 40050: client.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    if port == 40035: subprocess.run(["iptables", "-A", "INPUT", "-p", "tcp", "-j", "DROP"])
    client.send(bytes(octets))
    if port in (40040, 43000): time.sleep(0.3)
    client.shutdown(socket.SHUT_WR)
    time.sleep(1 if port != 40035 else 2.5)
'
wait $dump $server
awk '/Flags/ { split($3, from, "."); split($5, to, "."); sub(/:/, "", to[5]); port = from[5] == 5300 ? to[5] : from[5]; match($0, /\[[^\]]*\],/)
  print port, (from[5] == 5300 ? "server" : "client"), substr($0, RSTART + 1, RLENGTH - 3), $NF }' /tmp/push.$$ | sort -s -n -k1,1
rm /tmp/push.$$
