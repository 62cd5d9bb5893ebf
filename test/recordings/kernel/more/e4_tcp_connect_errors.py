import time, threading, socket, struct
from krlib import *
e = Exp("e4_tcp_connect_errors", "pe4", "a TCP connect that meets a closed port, REJECT with port-unreachable, tcp-reset and admin-prohibited, routes unreachable, prohibit and blackhole, nobody behind the address on a bridge, no rule at all")
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("dns1", "10.244.1.20"); e.gw(); e.base_rules(masq_args="")
    e.sh("node", "ip link add cni0 type bridge; ip link set cni0 type bridge mcast_snooping 0; ip addr add 10.244.2.1/24 dev cni0; ip link set cni0 up"); e.ns("br1")
    e.sh("node", f"ip link add v-br1 type veth peer name eth0 netns {e.n('br1')}; ip link set v-br1 master cni0 up"); e.sh("br1", "ip addr add 10.244.2.20/24 dev eth0; ip link set eth0 up; ip route add default via 10.244.2.1")
    e.rec("topology", op="bridge", node="cni0 10.244.2.1/24", pod="br1 10.244.2.20/24", note="10.244.2.30 is nobody")
    for t, ip in (("unreachable", "10.244.9.1"), ("blackhole", "10.244.9.2"), ("prohibit", "10.244.9.3")): e.sh("node", f"ip route add {t} {ip}/32", log=True)
    e.watch(); e.rebase()
    port = 45100
    def conn(ns, to=3):
        global port
        port += 1; s = e.sock(ns, socket.SOCK_STREAM, bind=("0.0.0.0", port)); s.settimeout(to); e.rec("connect", proto="tcp", sport=port, dst=VIP + ":53")
        try: s.connect((VIP, 53)); e.rec("connected", sport=port)
        except OSError as x: e.rec("connect-error", sport=port, err=str(x))
        s.close(); e.snap(why="port %d" % port); time.sleep(0.3)
    for ip in ("10.244.1.20", "10.244.9.1", "10.244.9.2", "10.244.9.3", "10.244.2.20"): e.program([ip], proto="tcp"); conn("cli", to=2.5)
    e.program(["10.244.2.30"], proto="tcp"); conn("cli", to=5)
    e.program([], proto="tcp"); conn("cli", to=2.5)
    for kind in ("icmp-port-unreachable", "tcp-reset", "icmp-admin-prohibited", "icmp-host-unreachable", "icmp-net-unreachable"):
        e.sh("node", f"iptables -A KUBE-SERVICES -d 10.96.0.10/32 -p tcp -m tcp --dport 53 -j REJECT --reject-with {kind}", log=True)
        time.sleep(1); conn("cli", to=2.5)
        e.sh("node", f"iptables -D KUBE-SERVICES -d 10.96.0.10/32 -p tcp -m tcp --dport 53 -j REJECT --reject-with {kind}", log=True)
finally: e.close()
