import time
from krlib import *
e = Exp("i2_notrack_variants", "pi2", "NodeLocal DNSCache: cache dead but address and rules kept; then the address removed but the raw rules kept; then only the raw rules of PREROUTING removed; pod (44100..) and a process of the node (44110..); an entry from before")
class Conn:
    def __init__(s, s0): s.s = s0
    def getsockname(s): return s.s.getsockname()
    def sendto(s, d, a): return s.s.send(d)
    def settimeout(s, t): s.s.settimeout(t)
    def recvfrom(s, n): return s.s.recvfrom(n)
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("dns1", "10.244.1.20"); e.gw(); e.base_rules(masq_args=""); e.program(["10.244.1.20"])
    e.sh("node", "ip link add nodelocaldns type veth peer name nld-peer; ip addr add 169.254.20.10/32 dev nodelocaldns", log=True)
    e.server("dns1", "10.244.1.20"); stop = e.server("node", "169.254.20.10", who="nodelocal"); e.watch(); e.rebase()
    s = e.sock("cli", bind=("0.0.0.0", 44100)); e.query(s, 1, who="pod"); e.query(s, 2, ("169.254.20.10", 53), who="pod"); e.snap(why="no raw rules yet: both tracked")
    raw = []
    for ip in ("169.254.20.10", VIP):
        raw += [f"iptables -t raw -A PREROUTING -d {ip}/32 -p udp -m udp --dport 53 -j NOTRACK", f"iptables -t raw -A OUTPUT -s {ip}/32 -p udp -m udp --sport 53 -j NOTRACK", f"iptables -t raw -A OUTPUT -d {ip}/32 -p udp -m udp --dport 53 -j NOTRACK"]
    for r in raw: e.sh("node", r, log=True)
    e.sh("node", "ip addr add 10.96.0.10/32 dev nodelocaldns", log=True); stop2 = e.server("node", VIP, who="nodelocal")
    e.query(s, 3, who="pod"); e.query(s, 4, ("169.254.20.10", 53), who="pod"); o = e.sock("node", bind=("0.0.0.0", 44110)); e.query(o, 5, who="node"); e.snap(why="raw rules and address")
    stop(); stop2(); time.sleep(0.3)
    c = e.sock("cli", bind=("0.0.0.0", 44101)); c.connect((VIP, 53)); e.query(Conn(c), 6, who="pod-connected", timeout=0.5); e.query(s, 7, who="pod", timeout=0.5)
    d = e.sock("node", bind=("0.0.0.0", 44111)); d.connect((VIP, 53)); e.query(Conn(d), 8, who="node-connected", timeout=0.5); e.snap(why="cache dead, address kept")
    e.sh("node", "ip addr del 10.96.0.10/32 dev nodelocaldns", log=True)
    e.query(Conn(c), 9, who="pod-connected", timeout=0.5); e.query(s, 10, who="pod", timeout=0.5); e.query(o, 11, who="node", timeout=0.5); e.snap(why="address gone, raw rules kept: untracked to the default gateway")
    e.sh("node", "iptables -t raw -D PREROUTING -d 10.96.0.10/32 -p udp -m udp --dport 53 -j NOTRACK", log=True)
    e.query(s, 12, who="pod", timeout=0.5); e.query(o, 13, who="node", timeout=0.5); e.snap(why="PREROUTING rule gone")
    e.sh("node", "iptables -t raw -F", log=True); e.query(s, 14, who="pod"); e.query(o, 15, who="node"); e.snap(why="all raw rules gone")
finally: e.close()
