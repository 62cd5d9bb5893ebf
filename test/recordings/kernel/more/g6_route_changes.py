import time, threading, socket, struct
from krlib import *
e = Exp("g6_route_changes", "bg6", "the default route moves to another device while flows live: masqueraded entries go, others stay")
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("dns1", "10.244.1.20"); e.gw(); e.base_rules(masq_args=""); e.program(["10.244.1.20"])
    e.ns("gw2"); e.sh("node", f"ip link add uplink2 type veth peer name eth0 netns {e.n('gw2')}; ip addr add 192.168.200.2/24 dev uplink2; ip link set uplink2 up"); e.sh("gw2", "ip addr add 192.168.200.1/24 dev eth0; ip addr add 198.51.100.53/32 dev eth0; ip link set eth0 up"); e.sh("gw", "ip addr add 198.51.100.53/32 dev eth0")
    e.server("gw", "198.51.100.53", who="by gw"); e.server("gw2", "198.51.100.53", who="by gw2"); e.server("dns1", "10.244.1.20")
    e.watch(); e.rebase()
    def at(t): time.sleep(max(0, e.t0 + t - time.time()))
    
    D = ("198.51.100.53", 53); a = e.sock("cli", bind=("0.0.0.0", 44301)); b = e.sock("cli", bind=("0.0.0.0", 44302)); n = e.sock("node", bind=("0.0.0.0", 44303))
    at(0); e.query(a, 1, D, 0.5, who="outside"); e.query(b, 2, timeout=0.5, who="inside"); e.query(n, 3, D, 0.5, who="node"); e.snap(why="by gw")
    at(2); e.sh("node", "ip route replace default via 192.168.200.1 dev uplink2", log=True); e.query(a, 4, D, 0.5, who="outside"); e.snap(why="after the first packet"); e.query(a, 5, D, 0.5, who="outside"); e.query(b, 6, timeout=0.5, who="inside"); e.query(n, 7, D, 0.5, who="node"); e.snap(why="by gw2")
    at(5); e.sh("node", "ip link set uplink2 down", log=True); e.snap(why="device down"); e.query(a, 8, D, 0.5, who="outside"); e.query(b, 9, timeout=0.5, who="inside"); e.snap(why="no route")
    at(7); e.sh("node", "ip route replace default via 192.168.100.1 dev uplink", log=True); e.query(a, 10, D, 0.5, who="outside"); e.query(n, 11, D, 0.5, who="node"); e.snap(why="by gw again")
finally: e.close()
