import time, threading, socket, struct
from krlib import *
e = Exp("g4_hairpin", "bg4", "a pod that is the endpoint of the Service it asks; with and without masquerade of hairpin; the node asks itself")
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("cli2", "10.244.1.11"); e.pod("dns1", "10.244.1.20"); e.pod("dns2", "10.244.1.21"); e.gw(); e.base_rules(masq_args=""); e.program(["10.244.1.20"])
    e.server("dns1", "10.244.1.20"); e.server("dns2", "10.244.1.21")
    e.watch(); e.rebase()
    def at(t): time.sleep(max(0, e.t0 + t - time.time()))
    
    a = e.sock("dns1", bind=("0.0.0.0", 44101)); e.query(a, 1, timeout=0.5, who="hairpin"); e.snap(why="hairpin, masqueraded")
    b = e.sock("dns2", bind=("0.0.0.0", 44102)); e.query(b, 2, timeout=0.5, who="other pod"); n = e.sock("node", bind=("0.0.0.0", 44103)); e.query(n, 3, timeout=0.5, who="node"); e.snap(why="other pod, node")
    at(3); e.sh("node", "iptables -t nat -F KUBE-MARK-MASQ", log=True); c = e.sock("dns1", bind=("0.0.0.0", 44104)); e.query(c, 4, timeout=0.5, who="hairpin without masquerade"); e.query(a, 5, timeout=0.5, who="hairpin"); m = e.sock("node", bind=("0.0.0.0", 44105)); e.query(m, 6, timeout=0.5, who="node without masquerade"); e.snap(why="nothing is marked")
    at(6); e.program(["10.244.1.21"]); d = e.sock("dns2", bind=("0.0.0.0", 44106)); e.query(d, 7, timeout=0.5, who="hairpin on dns2"); e.query(a, 8, timeout=0.5, who="hairpin"); e.snap(why="endpoint is dns2")
finally: e.close()
