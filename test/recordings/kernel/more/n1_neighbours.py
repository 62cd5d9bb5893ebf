import time, threading
from krlib import *
e = Exp("n1_neighbours", "pn1", "nobody answers ARP: several packets wait for one question; more while it goes on; two addresses at a time; a process of the node; then an address that appears while it is asked for")
class Conn:
    def __init__(s, s0): s.s = s0
    def getsockname(s): return s.s.getsockname()
    def sendto(s, d, a): return s.s.send(d)
    def settimeout(s, t): s.s.settimeout(t)
    def recvfrom(s, n): return s.s.recvfrom(n)
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("cli2", "10.244.1.11"); e.gw(); e.base_rules(masq_args="")
    e.sh("node", "ip link add cni0 type bridge; ip link set cni0 type bridge mcast_snooping 0; ip addr add 10.244.2.1/24 dev cni0; ip link set cni0 up"); e.ns("br1")
    e.sh("node", f"ip link add v-br1 type veth peer name eth0 netns {e.n('br1')}; ip link set v-br1 master cni0 up"); e.sh("br1", "ip addr add 10.244.2.20/24 dev eth0; ip link set eth0 up; ip route add default via 10.244.2.1")
    e.rec("topology", op="bridge", node="cni0 10.244.2.1/24", pod="br1 10.244.2.20/24", note="10.244.2.30 is nobody")
    e.program(["10.244.2.30"]); e.server("br1", "0.0.0.0", who="br1"); e.watch(); e.rebase()
    def at(t): time.sleep(max(0, e.t0 + t - time.time()))
    def sock(ns, port):
        s = e.sock(ns, bind=("0.0.0.0", port)); s.setsockopt(socket.IPPROTO_IP, 11, 1); s.connect((VIP, 53)); return Conn(s)
    jobs = []
    def go(t, ns, port, qid, wait):
        s = sock(ns, port)
        def run(): at(t); e.query(s, qid, timeout=wait, who="%s/cr" % ns)
        th = threading.Thread(target=run); th.start(); jobs.append(th)
    for i in range(4): go(0.1 * i, "cli", 47600 + i, 1 + i, 3.8)
    go(2.0, "cli2", 47610, 5, 3.0); go(2.5, "node", 47611, 6, 3.0)
    at(7); [t.join() for t in jobs]
    for i in range(1): go(7.5 + 0.1 * i, "cli", 47620 + i, 10 + i, 3.8)
    at(9.0); e.sh("br1", "ip addr add 10.244.2.30/24 dev eth0", log=True)
    at(12); [t.join() for t in jobs]; e.snap(why="the address is there")
finally: e.close()
