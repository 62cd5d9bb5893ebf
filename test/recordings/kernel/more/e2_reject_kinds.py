import time
from krlib import *
e = Exp("e2_reject_kinds", "pe2", "REJECT with each kind of ICMP error: what sockets see, connected (c) and unconnected (u), plain and with IP_RECVERR (r)")
class Conn:
    def __init__(s, s0): s.s = s0
    def getsockname(s): return s.s.getsockname()
    def sendto(s, d, a): return s.s.send(d)
    def settimeout(s, t): s.s.settimeout(t)
    def recvfrom(s, n): return s.s.recvfrom(n)
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("dns1", "10.244.1.20"); e.gw(); e.base_rules(masq_args=""); e.program([]); e.watch(); e.rebase()
    port = 43100
    for kind in ("icmp-net-unreachable", "icmp-host-unreachable", "icmp-port-unreachable", "icmp-proto-unreachable", "icmp-net-prohibited", "icmp-host-prohibited", "icmp-admin-prohibited"):
        e.sh("node", f"iptables -A KUBE-SERVICES -d 10.96.0.10/32 -p udp -m udp --dport 53 -j REJECT --reject-with {kind}", log=True)
        for how in ("c", "u", "cr", "ur"):
            port += 1; s = e.sock("cli", bind=("0.0.0.0", port))
            if "r" in how: s.setsockopt(socket.IPPROTO_IP, 11, 1)
            if how[0] == "c": s.connect((VIP, 53)); s = Conn(s)
            e.query(s, port - 43000, timeout=0.4, who=f"{kind}/{how}"); time.sleep(0.6)
        e.snap(why=kind)
        e.sh("node", f"iptables -D KUBE-SERVICES -d 10.96.0.10/32 -p udp -m udp --dport 53 -j REJECT --reject-with {kind}", log=True); time.sleep(2)
finally: e.close()
