import time
from krlib import *
e = Exp("g2_several_destinations", "pg2", "masquerade without collision: one source port to three servers; hairpin (an end point asks its own Service); a process of the node asks the Service; a pod with the same port after the first one's entry is gone")
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("cli2", "10.244.1.11"); e.pod("dns1", "10.244.1.20"); e.gw(); e.base_rules(masq_args=""); e.program(["10.244.1.20"])
    e.sh("gw", "ip addr add 192.168.100.8/24 dev eth0; ip addr add 192.168.100.9/24 dev eth0", log=True)
    e.server("gw", "192.168.100.1"); e.server("gw", "192.168.100.8", who="gw8"); e.server("gw", "192.168.100.9", who="gw9"); e.server("dns1", "10.244.1.20"); e.watch(); e.rebase()
    a = e.sock("cli", bind=("0.0.0.0", 5656)); b = e.sock("cli2", bind=("0.0.0.0", 5656))
    for i, ip in enumerate(("192.168.100.1", "192.168.100.8", "192.168.100.9")): e.query(a, 1 + i, (ip, 53), who="cli")
    e.query(a, 4, who="cli"); e.snap(why="one port, three servers and the Service")
    h = e.sock("dns1", bind=("0.0.0.0", 5757)); e.query(h, 5, who="dns1"); e.snap(why="hairpin")
    n = e.sock("node", bind=("0.0.0.0", 5858)); e.query(n, 6, who="node"); e.snap(why="a process of the node")
    e.sh("node", "conntrack -D -p udp --orig-src 10.244.1.10 --orig-dst 192.168.100.1", log=True); e.query(b, 7, ("192.168.100.1", 53), who="cli2"); e.snap(why="the port is free again")
    g = e.sock("gw", bind=("0.0.0.0", 5959)); e.sh("gw", "ip route add 10.96.0.10/32 via 192.168.100.2", log=True); e.query(g, 8, who="gw"); e.snap(why="a client outside the pod network: masqueraded to the pod")
finally: e.close()
