import time, threading, socket, struct
from krlib import *
e = Exp("s4_host_services", "bs4", "the node's own services: DNAT of its own packets to itself and to a pod, REDIRECT in OUTPUT, its addresses as sources, loopback")
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("dns1", "10.244.1.20"); e.gw(); e.base_rules(masq_args=""); e.program(["10.244.1.20"])
    e.server("dns1", "10.244.1.20"); e.server("node", "192.168.100.2", who="node", port=5300); e.server("node", "127.0.0.1", who="lo", port=5301)
    e.watch(); e.rebase()
    def at(t): time.sleep(max(0, e.t0 + t - time.time()))
    
    n = 0
    def ask(src, dst, who):
        global n
        n += 1; s = e.sock("node", bind=(src, 46600 + n)); e.query(s, n, dst, 0.4, who=who); e.snap(why=who)
    ask("0.0.0.0", (VIP, 53), "service"); ask("192.168.100.2", (VIP, 53), "service from the uplink's"); ask("10.244.1.1", (VIP, 53), "service from the pods' side"); ask("0.0.0.0", ("192.168.100.2", 5300), "itself"); ask("0.0.0.0", ("127.0.0.1", 5301), "loopback")
    e.sh("node", "iptables -t nat -I OUTPUT 1 -d 10.96.0.88/32 -p udp -m udp --dport 53 -j DNAT --to-destination 192.168.100.2:5300", log=True); ask("0.0.0.0", ("10.96.0.88", 53), "DNAT to itself")
    e.sh("node", "iptables -t nat -I OUTPUT 1 -d 10.96.0.89/32 -p udp -m udp --dport 53 -j REDIRECT --to-ports 5301", log=True); ask("0.0.0.0", ("10.96.0.89", 53), "REDIRECT")
    e.program([], mode="reject"); ask("0.0.0.0", (VIP, 53), "rejected")
finally: e.close()
