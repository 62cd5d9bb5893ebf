import time
from krlib import *
e = Exp("e3_reject_comes_and_goes", "pe3", "existing entries while REJECT comes and goes twice: 43202 DNATed and ASSURED, 43203 un-NATed from a ruleless moment, 43204 DNATed and UNREPLIED (dead pod), 43205 only asks during REJECT; then DROP instead of REJECT")
class Conn:
    def __init__(s, s0): s.s = s0
    def getsockname(s): return s.s.getsockname()
    def sendto(s, d, a): return s.s.send(d)
    def settimeout(s, t): s.s.settimeout(t)
    def recvfrom(s, n): return s.s.recvfrom(n)
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("dns1", "10.244.1.20"); e.pod("dns2", "10.244.1.21"); e.gw(); e.base_rules(masq_args=""); e.program(["10.244.1.20"])
    stop1 = e.server("dns1", "10.244.1.20"); e.server("dns2", "10.244.1.21"); e.watch(); e.rebase()
    def at(t): time.sleep(max(0, e.t0 + t - time.time()))
    k, b, u, c = [e.sock("cli", bind=("0.0.0.0", p)) for p in (43202, 43203, 43204, 43205)]
    c.connect((VIP, 53)); c = Conn(c)
    for t in (0, 1, 3): at(t); e.query(k, 100 + t, who="assured")
    at(4); stop1(); time.sleep(0.4)
    at(5); q = e.sock("dns1", bind=("10.244.1.20", 53)); e.query(u, 110, who="unreplied", timeout=0.5)
    at(6); e.program([]); e.query(b, 111, who="blackhole", timeout=0.5)
    at(7); e.program([], mode="reject"); e.query(c, 112, who="connected", timeout=0.5)
    for s, i, w in ((k, 113, "assured"), (u, 114, "unreplied"), (b, 115, "blackhole")): e.query(s, i, who=w, timeout=0.5)
    e.snap(why="under REJECT")
    at(10); e.program(["10.244.1.21"])
    for s, i, w in ((c, 116, "connected"), (k, 117, "assured"), (u, 118, "unreplied"), (b, 119, "blackhole")): e.query(s, i, who=w, timeout=0.5)
    e.snap(why="end point is there")
    at(13); e.program([], mode="reject")
    for s, i, w in ((c, 120, "connected"), (k, 121, "assured"), (b, 122, "blackhole")): e.query(s, i, who=w, timeout=0.5)
    at(16); e.program([]); e.sh("node", "iptables -A KUBE-SERVICES -d 10.96.0.10/32 -p udp -m udp --dport 53 -j DROP", log=True)
    for s, i, w in ((c, 123, "connected"), (k, 124, "assured"), (b, 125, "blackhole")): e.query(s, i, who=w, timeout=0.5)
    e.snap(why="under DROP"); e.stats(why="end")
finally: e.close()
