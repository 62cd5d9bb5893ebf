import time
from krlib import *
e = Exp("l3_icmp_allowance", "pl3", "the allowance for ICMP errors: 12 queries 0.35 s apart to a closed port, then (a fresh pod) to a REJECT rule; a third pod has its own; a process of the node")
class Conn:
    def __init__(s, s0): s.s = s0
    def getsockname(s): return s.s.getsockname()
    def sendto(s, d, a): return s.s.send(d)
    def settimeout(s, t): s.s.settimeout(t)
    def recvfrom(s, n): return s.s.recvfrom(n)
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("cli2", "10.244.1.11"); e.pod("cli3", "10.244.1.12"); e.pod("dns1", "10.244.1.20"); e.gw(); e.base_rules(masq_args=""); e.program(["10.244.1.20"])
    e.watch(); e.rebase()
    def at(t): time.sleep(max(0, e.t0 + t - time.time()))
    def burst(ns, port, first, count, t, step=0.35):
        s = e.sock(ns, bind=("0.0.0.0", port)); s.connect((VIP, 53)); s = Conn(s)
        for i in range(count): at(t + step * i); e.query(s, first + i, timeout=0.2, who=ns)
    burst("cli", 47501, 100, 20, 0); burst("cli2", 47502, 200, 3, 7.2)
    at(9); e.program([], mode="reject"); burst("cli2", 47503, 300, 14, 9.3, 0.27); burst("cli3", 47504, 400, 9, 13.5, 0.27)
    at(17); s = e.sock("node", bind=("0.0.0.0", 47505)); s.connect((VIP, 53)); s = Conn(s); e.program(["10.244.1.20"])
    for i in range(9): at(18 + i * 0.3); e.query(s, 500 + i, timeout=0.2, who="node")
finally: e.close()
