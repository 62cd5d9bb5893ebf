import time, threading, socket, struct
from krlib import *
e = Exp("g7_address_goes", "bg7", "the masqueraded address itself goes: entries that were masqueraded to it go with it, those of the node stay; with a primary address go the others of its subnet; a new address and route")
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("cli2", "10.244.1.11"); e.pod("dns1", "10.244.1.20"); e.pod("dns2", "10.244.1.21"); e.gw(); e.base_rules(masq_args=""); e.program(["10.244.1.20"])
    e.server("gw", "192.168.100.1"); e.server("dns1", "10.244.1.20")
    e.watch(); e.rebase()
    def at(t): time.sleep(max(0, e.t0 + t - time.time()))
    
    D = ("192.168.100.1", 53); a = e.sock("cli", bind=("0.0.0.0", 44221)); n = e.sock("node", bind=("0.0.0.0", 44222)); i = e.sock("cli", bind=("0.0.0.0", 44223))
    e.sh("node", "ip addr add 192.168.100.3/24 dev uplink", log=True); e.query(a, 1, D, 0.5, who="outside"); e.query(n, 2, D, 0.5, who="node"); e.query(i, 3, timeout=0.5, who="inside"); e.snap(why="before")
    at(1); e.sh("node", "ip addr del 192.168.100.2/24 dev uplink", log=True); e.snap(why="primary address gone"); e.query(a, 4, D, 0.5, who="outside"); e.query(n, 5, D, 0.5, who="node"); e.query(i, 6, timeout=0.5, who="inside"); e.snap(why="asked without it")
    at(3); e.sh("node", "ip addr add 192.168.100.5/24 dev uplink", log=True); e.sh("node", "ip addr add 192.168.100.6/24 dev uplink", log=True); e.sh("node", "ip route replace default via 192.168.100.1 dev uplink", log=True); e.query(a, 7, D, 0.5, who="outside"); e.query(n, 8, D, 0.5, who="node"); e.snap(why="a new address")
    at(5); e.sh("node", "ip addr del 192.168.100.6/24 dev uplink", log=True); e.query(a, 9, D, 0.5, who="outside"); e.snap(why="the second one gone")
    at(6); e.sh("node", "ip route add 203.0.113.0/24 via 192.168.100.1 dev uplink metric 50", log=True); e.sh("node", "ip route add blackhole 203.0.113.0/24 metric 10", log=True); b = e.sock("cli", bind=("0.0.0.0", 44224)); e.query(b, 10, ("203.0.113.9", 53), 0.4, who="metric 10"); e.sh("node", "ip route del blackhole 203.0.113.0/24 metric 10", log=True); e.query(b, 11, ("203.0.113.9", 53), 0.4, who="metric 50"); e.snap(why="metrics")
finally: e.close()
