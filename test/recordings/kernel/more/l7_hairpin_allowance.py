import time
from krlib import *
e = Exp("l7_hairpin_allowance", "pl7", "a pod that is its own end point: each of its packets that goes back to it by the same device sets back the allowance of the node's ICMP errors to it (ip_rt_send_redirect shares inet_peer's tokens with icmp_send); another pod has the whole of it")
class Conn:
    def __init__(s, s0): s.s = s0
    def getsockname(s): return s.s.getsockname()
    def sendto(s, d, a): return s.s.send(d)
    def settimeout(s, t): s.s.settimeout(t)
    def recvfrom(s, n): return s.s.recvfrom(n)
try:
    e.node(); e.pod("own", "10.244.1.10"); e.pod("other", "10.244.1.11"); e.gw(); e.base_rules(masq_args="")
    stop = e.server("own", "10.244.1.10"); e.program(["10.244.1.10"]); e.watch(pcap=None); e.rebase()
    def at(t): time.sleep(max(0, e.t0 + t - time.time()))
    socks = {}
    for i, ns in enumerate(("own", "other")):
        s = e.sock(ns, bind=("0.0.0.0", 47300 + i)); s.connect((VIP, 53)); socks[ns] = Conn(s)
    n = 0
    def ask(t, ns, name, w=0.2):
        global n
        n += 1; at(t); e.query(socks[ns], n, timeout=w, who=f"{name}/{ns}/c")
    for i in range(3): ask(0.5 + 0.5 * i, "own", "hairpin"); ask(0.75 + 0.5 * i, "other", "served")
    e.program([], mode="reject"); e.sh("node", "conntrack -D -p udp", log=True)
    for i in range(7): ask(2.2 + 0.7 * i, "own", "rejected"); ask(2.55 + 0.7 * i, "other", "rejected")
    e.program(["10.244.1.10"])
    for i in range(9): ask(7.05 + 0.5 * i, "own", "hairpin-again")
    e.program([], mode="reject"); e.sh("node", "conntrack -D -p udp", log=True)
    for i in range(7): ask(11.7 + 0.7 * i, "own", "rejected-again")
finally: e.close()
