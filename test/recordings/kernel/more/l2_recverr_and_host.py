import time, threading
from krlib import *
e = Exp("l2_recverr_and_host", "pl2", "as l, with IP_RECVERR (cr, ur) for the pod, and for a process of the node (host-network) all four; also REJECT, and no route to the ClusterIP at all")
IP_RECVERR = 11
class Conn:
    def __init__(s, s0): s.s = s0
    def getsockname(s): return s.s.getsockname()
    def sendto(s, d, a): return s.s.send(d)
    def settimeout(s, t): s.s.settimeout(t)
    def recvfrom(s, n): return s.s.recvfrom(n)
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("dns1", "10.244.1.20"); e.gw(); e.base_rules(masq_args="")
    e.sh("node", "ip link add cni0 type bridge; ip link set cni0 type bridge mcast_snooping 0; ip addr add 10.244.2.1/24 dev cni0; ip link set cni0 up"); e.ns("br1")
    e.sh("node", f"ip link add v-br1 type veth peer name eth0 netns {e.n('br1')}; ip link set v-br1 master cni0 up"); e.sh("br1", "ip addr add 10.244.2.20/24 dev eth0; ip link set eth0 up; ip route add default via 10.244.2.1")
    e.rec("topology", op="bridge", node="cni0 10.244.2.1/24", pod="br1 10.244.2.20/24", note="10.244.2.30 is nobody")
    for t, ip in (("unreachable", "10.244.9.1"), ("blackhole", "10.244.9.2"), ("prohibit", "10.244.9.3")): e.sh("node", f"ip route add {t} {ip}/32", log=True)
    e.watch(pcap="udp or icmp or arp"); e.rebase()
    port = 47100
    def ask(ns, name, kind, w):
        global port
        port += 1; s = e.sock(ns, bind=("0.0.0.0", port))
        if "r" in kind: s.setsockopt(socket.SOL_IP, IP_RECVERR, 1)
        who = f"{name}/{ns}/{kind}"
        if "c" in kind:
            try: s.connect((VIP, 53))
            except OSError as x: e.rec("connect-error", who=who, errno=x.errno, err=x.strerror); return
            s = Conn(s)
        e.query(s, port - 46000, timeout=w, who=who); e.snap(why=who); time.sleep(0.5)
    cases = [("closed-port", "10.244.1.20"), ("route-gone", "10.244.1.99"), ("unreachable", "10.244.9.1"), ("blackhole", "10.244.9.2"), ("prohibit", "10.244.9.3"), ("arp", "10.244.2.30"), ("reject", None)]
    for name, ip in cases:
        if ip: e.program([ip])
        else: e.program([], mode="reject")
        for kind in ("cr", "ur"): ask("cli", name, kind, 4.0 if name == "arp" else 0.5)
        for kind in ("c", "u", "cr", "ur"): ask("node", name, kind, 4.0 if name == "arp" else 0.5)
        time.sleep(1)
    e.program(["10.244.1.20"]); e.sh("node", "ip route del default", log=True)
    for kind in ("c", "u", "cr", "ur"): ask("node", "no-route", kind, 0.5)
    for kind in ("c", "u", "cr", "ur"): ask("cli", "no-route", kind, 0.5)
    e.program([])
    for kind in ("c", "cr", "ur"): ask("cli", "no-route-no-rule", kind, 0.5)
finally: e.close()
