import time, threading, socket, struct
from krlib import *
e = Exp("l9_routing_loop", "bl9", "the gateway sends back what it gets: the packet goes round until its TTL has run out")
class Conn:
    def __init__(s, s0): s.s = s0
    def getsockname(s): return s.s.getsockname()
    def sendto(s, d, a): return s.s.send(d)
    def settimeout(s, t): s.s.settimeout(t)
    def recvfrom(s, n): return s.s.recvfrom(n)
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("dns1", "10.244.1.20"); e.gw(); e.base_rules(masq_args=""); e.program(["10.244.1.20"])
    e.sh("gw", "ip route replace default via 192.168.100.2", log=True); e.sh("gw", "ip route replace 10.244.1.0/24 via 192.168.100.2", log=True)
    e.watch(pcap=None); e.rebase()
    
    s = e.sock("cli", bind=("0.0.0.0", 47951)); s.setsockopt(socket.IPPROTO_IP, 11, 1); e.query(s, 1, ("10.244.7.7", 53), 0.6, who="inside/ur"); e.snap(why="looped, not masqueraded")
    c = e.sock("cli", bind=("0.0.0.0", 47952)); c.connect(("10.244.7.7", 53)); e.query(Conn(c), 2, timeout=0.6, who="inside/c"); o = e.sock("cli", bind=("0.0.0.0", 47953)); e.query(o, 3, ("203.0.113.7", 53), 0.6, who="outside/u"); e.snap(why="looped, masqueraded")
finally: e.close()
