import time
from krlib6 import *
e = Exp6("l6_dead_pod_errors", "v6l", "what the client sees over IPv6, per way in which the endpoint is dead, connected (c) and unconnected (u) socket: closed-port, its like on a bridge, route-gone (default route swallows), unreachable, blackhole, prohibit routes, ndp = nobody answers neighbour solicitations on the bridge; then the node's own client")
try:
    e.node(); e.pod("cli", "fd00:10:244:1::10"); e.pod("dns1", "fd00:10:244:1::20"); e.gw(); e.base_rules(masq_args="")
    e.sh("node", "ip link add cni0 type bridge; ip addr add fd00:10:244:2::1/64 dev cni0 nodad; ip link set cni0 up"); e.ns("br1")
    e.sh("node", f"ip link add v-br1 type veth peer name eth0 netns {e.n('br1')}; ip link set v-br1 master cni0 up"); e.sh("br1", "ip addr add fd00:10:244:2::20/64 dev eth0 nodad; ip link set eth0 up; ip -6 route add default via fd00:10:244:2::1")
    e.rec("topology", op="bridge", node="cni0 fd00:10:244:2::1/64", pod="br1 fd00:10:244:2::20/64", note="fd00:10:244:2::30 is nobody")
    for t, ip in (("unreachable", "fd00:10:244:9::1"), ("blackhole", "fd00:10:244:9::2"), ("prohibit", "fd00:10:244:9::3")): e.sh("node", f"ip -6 route add {t} {ip}/128", log=True)
    time.sleep(2); e.watch(); e.rebase()
    cases = [("closed-port", "fd00:10:244:1::20"), ("closed-port-bridge", "fd00:10:244:2::20"), ("route-gone", "fd00:10:244:1::99"), ("unreachable", "fd00:10:244:9::1"), ("blackhole", "fd00:10:244:9::2"), ("prohibit", "fd00:10:244:9::3"), ("ndp", "fd00:10:244:2::30")]
    port = 47000
    for name, ip in cases:
        e.program([ip]); w = 5.0 if name == "ndp" else 1.0
        for kind in ("c", "u"):
            port += 1; s = e.sock("cli", bind=("::", port))
            if kind == "c": s.connect((VIP, 53)); s = Conn(s)
            e.query(s, port - 46000, timeout=w, who=f"{name}/{kind}"); e.snap(why=f"{name}/{kind}")
        time.sleep(0.3)
    for name, ip in cases:
        port += 1; s = e.sock("node", bind=("::", port))
        try: s.connect((ip, 53))
        except OSError as x: e.rec("send", ns="node", who=f"node-{name}/c", proto="udp", sport=port, dst=f"[{ip}]:53", id=port - 46000); e.rec("send-error", who=f"node-{name}/c", id=port - 46000, errno=x.errno, err=x.strerror, note="by connect()")
        else: e.query(Conn(s), port - 46000, dst=(ip, 53), timeout=5.0 if name == "ndp" else 1.0, who=f"node-{name}/c")
finally: e.close()
