import time, threading
from krlib import *
e = Exp("l4_dead_pod_again", "pl4", "as l, other order and one socket for all: a connected socket with IP_RECVERR and a plain one live through each way to be dead; closed port on the bridge asked by the node; pod moved to another address")
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
    e.program(["10.244.1.20"]); e.watch(); e.rebase()
    port = 47200
    def both(name, w, kinds=("c", "cr")):
        global port
        for ns in ("cli", "node"):
            for kind in kinds:
                port += 1; s = e.sock(ns, bind=("0.0.0.0", port))
                if "r" in kind: s.setsockopt(socket.SOL_IP, 11, 1)
                who = f"{name}/{ns}/{kind}"
                try: s.connect((VIP, 53)); e.query(Conn(s), port - 47000, timeout=w, who=who)
                except OSError as x: e.rec("connect-error", who=who, errno=x.errno, err=x.strerror)
                time.sleep(0.2)
        e.snap(why=name)
    both("closed-port", 0.5)
    e.program(["10.244.2.20"]); both("closed-port-bridge", 0.5)
    e.sh("node", "ip route replace prohibit 10.244.1.21/32", log=True); e.program(["10.244.1.21"]); both("prohibit", 0.5)
    e.sh("node", "ip route replace unreachable 10.244.1.21/32", log=True); both("unreachable", 0.5)
    e.sh("node", "ip route del unreachable 10.244.1.21/32", log=True); both("default-route", 0.5)
    e.sh("node", "ip link set uplink down", log=True); both("uplink-down", 0.5)
    e.sh("node", "ip link set uplink up", log=True); e.sh("node", "ip route add default via 192.168.100.1 dev uplink", log=True); both("uplink-up", 0.5)
    stop = e.server("dns1", "10.244.1.20"); e.program(["10.244.1.20"]); both("healthy", 0.5)
finally: e.close()
