import time, threading
from krlib import *
e = Exp("f3_late_answers", "pf3", "answers that come when their entry is gone: 43301 unconnected and 43302 connected, entry deleted while the server thinks; 43303 answer after 31.5 s, the entry has expired; 43304 answer after 29 s, just in time")
class Conn:
    def __init__(s, s0): s.s = s0
    def getsockname(s): return s.s.getsockname()
    def sendto(s, d, a): return s.s.send(d)
    def settimeout(s, t): s.s.settimeout(t)
    def recvfrom(s, n): return s.s.recvfrom(n)
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("dns1", "10.244.1.20"); e.gw(); e.base_rules(masq_args=""); e.program(["10.244.1.20"])
    e.watch(); e.rebase()
    u = e.sock("cli", bind=("0.0.0.0", 43301)); c = e.sock("cli", bind=("0.0.0.0", 43302)); c.connect((VIP, 53)); c = Conn(c)
    stop = e.server("dns1", "10.244.1.20", delay=1.5)
    th = threading.Thread(target=e.query, args=(u, 1), kwargs=dict(timeout=3, who="unconnected")); th.start(); time.sleep(0.7)
    e.sh("node", "conntrack -D -p udp --orig-port-src 43301", log=True); th.join(); e.snap(why="unconnected: untranslated answer")
    th = threading.Thread(target=e.query, args=(c, 2), kwargs=dict(timeout=3, who="connected")); th.start(); time.sleep(0.7)
    e.sh("node", "conntrack -D -p udp --orig-port-src 43302", log=True); th.join(); e.snap(why="connected: the answer finds no socket"); stop()
    time.sleep(0.3); stop = e.server("dns1", "10.244.1.20", delay=31.5); s = e.sock("cli", bind=("0.0.0.0", 43303)); e.query(s, 3, timeout=33, who="late"); e.snap(why="after the late answer"); stop()
    time.sleep(0.3); stop = e.server("dns1", "10.244.1.20", delay=29); s = e.sock("cli", bind=("0.0.0.0", 43304)); e.query(s, 4, timeout=33, who="in-time"); e.snap(why="in time")
finally: e.close()
