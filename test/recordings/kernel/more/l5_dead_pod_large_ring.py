import time, threading
from krlib import *
import krlib
# tcpdump with a ring of 32 MiB: its own of 2 MiB holds eight packets, and the first through the bridge makes ten
popen = krlib.subprocess.Popen
krlib.subprocess.Popen = lambda words, **how: popen([*words, "-B", "32768"] if "tcpdump" in words else words, **how)
e = Exp("l5_dead_pod_large_ring", "pl5", "as l, by a tcpdump that loses nothing; what the client sees, per way in which the endpoint is dead, connected (c) and unconnected (u) socket, fresh ports each: closed-port = pod address alive, nothing listens; arp = pod address on a bridge subnet with nobody behind it; route-gone = /32 route vanished, default route silently drops; unreachable, blackhole, prohibit = routes of that type for the dead address")
class Conn:
    def __init__(s, s0): s.s = s0
    def getsockname(s): return s.s.getsockname()
    def sendto(s, d, a): return s.s.send(d)
    def settimeout(s, t): s.s.settimeout(t)
    def recvfrom(s, n): return s.s.recvfrom(n)
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("dns1", "10.244.1.20"); e.gw(); e.base_rules(masq_args="")
    e.sh("node", "ip link add cni0 type bridge; ip addr add 10.244.2.1/24 dev cni0; ip link set cni0 up"); e.ns("br1")
    e.sh("node", f"ip link add v-br1 type veth peer name eth0 netns {e.n('br1')}; ip link set v-br1 master cni0 up"); e.sh("br1", "ip addr add 10.244.2.20/24 dev eth0; ip link set eth0 up; ip route add default via 10.244.2.1")
    e.rec("topology", op="bridge", node="cni0 10.244.2.1/24", pod="br1 10.244.2.20/24", note="10.244.2.30 is nobody")
    for t, ip in (("unreachable", "10.244.9.1"), ("blackhole", "10.244.9.2"), ("prohibit", "10.244.9.3")): e.sh("node", f"ip route add {t} {ip}/32", log=True)
    e.watch(pcap="udp or icmp or arp"); e.rebase()
    cases = [("closed-port", "10.244.1.20"), ("closed-port-bridge", "10.244.2.20"), ("route-gone", "10.244.1.99"), ("unreachable", "10.244.9.1"), ("blackhole", "10.244.9.2"), ("prohibit", "10.244.9.3"), ("arp", "10.244.2.30")]
    port = 47000
    for name, ip in cases:
        e.program([ip]); w = 5.0 if name == "arp" else 1.0
        for kind in ("c", "u"):
            port += 1; s = e.sock("cli", bind=("0.0.0.0", port))
            if kind == "c": s.connect((VIP, 53)); s = Conn(s)
            e.query(s, port - 46000, timeout=w, who=f"{name}/{kind}"); e.snap(why=f"{name}/{kind}")
            if name == "arp" and kind == "c":
                e.sh("node", "ip neigh show dev cni0", log=True)
                e.query(s, 900, timeout=5.0, who="arp/c second"); e.snap(why="arp/c second")
                r = e.query(s, 901, timeout=5.0, who="arp/c third, straight after")
        time.sleep(0.3)
finally: e.close()
