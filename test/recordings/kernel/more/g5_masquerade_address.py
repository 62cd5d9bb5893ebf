import time, threading, socket, struct
from krlib import *
e = Exp("g5_masquerade_address", "bg5", "which address MASQUERADE takes, and what becomes of its entries when the address, or the route, or the device changes")
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("cli2", "10.244.1.11"); e.pod("dns1", "10.244.1.20"); e.pod("dns2", "10.244.1.21"); e.gw(); e.base_rules(masq_args=""); e.program(["10.244.1.20"])
    e.server("gw", "192.168.100.1")
    e.watch(); e.rebase()
    def at(t): time.sleep(max(0, e.t0 + t - time.time()))
    
    D = ("192.168.100.1", 53); a = e.sock("cli", bind=("0.0.0.0", 44201)); e.query(a, 1, D, 0.5, who="a"); e.snap(why="first address")
    at(1); e.sh("node", "ip addr add 192.168.100.3/24 dev uplink", log=True); b = e.sock("cli", bind=("0.0.0.0", 44202)); e.query(b, 2, D, 0.5, who="b"); e.query(a, 3, D, 0.5, who="a"); e.snap(why="a second address changes nothing")
    at(2); e.sh("node", "ip route replace 192.168.100.1/32 dev uplink src 192.168.100.3", log=True); c = e.sock("cli", bind=("0.0.0.0", 44203)); e.query(c, 4, D, 0.5, who="c"); h = e.sock("node", bind=("0.0.0.0", 44204)); e.query(h, 5, D, 0.5, who="node"); e.snap(why="route with src")
    at(4); e.sh("node", "ip addr del 192.168.100.3/24 dev uplink", log=True); e.query(a, 6, D, 0.5, who="a"); e.query(b, 7, D, 0.5, who="b"); e.query(c, 8, D, 0.5, who="c"); e.snap(why="second address gone")
    at(6); e.sh("node", "ip addr add 192.168.100.4/32 dev uplink", log=True); e.sh("node", "ip route replace 192.168.100.1/32 dev uplink src 192.168.100.4", log=True); d = e.sock("cli", bind=("0.0.0.0", 44205)); e.query(d, 9, D, 0.5, who="d"); e.snap(why="a /32")
finally: e.close()
