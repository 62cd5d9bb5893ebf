import time
from krlib6 import *
e = Exp6("r6_error_rate", "v6r", "how many ICMPv6 errors a host sends: a closed port asked every 0.05 s, by a client that the host reaches by a /128, a /64 and the default route, and a REJECT rule; then with net.ipv6.icmp.ratelimit 1000")
try:
    e.node(); e.pod("cli", "fd00:10:244:1::10"); e.pod("dns1", "fd00:10:244:1::20"); e.gw(); e.base_rules(masq_args=""); e.program(["fd00:10:244:1::20"])
    e.sh("node", "ip link add cni0 type bridge; ip addr add fd00:10:244:2::1/64 dev cni0 nodad; ip link set cni0 up"); e.ns("br1")
    e.sh("node", f"ip link add v-br1 type veth peer name eth0 netns {e.n('br1')}; ip link set v-br1 master cni0 up"); e.sh("br1", "ip addr add fd00:10:244:2::20/64 dev eth0 nodad; ip link set eth0 up; ip -6 route add default via fd00:10:244:2::1")
    e.rec("topology", op="bridge", node="cni0 fd00:10:244:2::1/64", pod="br1 fd00:10:244:2::20/64", note="")
    time.sleep(2); e.watch(); e.rebase()
    e.sh("node", "sysctl net.ipv6.icmp.ratelimit net.ipv6.icmp.ratemask", log=True)
    port = 48000; qid = 0
    def burst(client, ip, who, n=20, gap=0.05):
        global port, qid
        port += 1; s = e.sock(client, bind=("::", port)); s.connect((ip, 53)); start = time.time()
        for k in range(n):
            time.sleep(max(0, start + k * gap - time.time())); qid += 1; e.query(Conn(s), qid, dst=(ip, 53), timeout=0.02, who=f"{who}/c")
        s.close()
    burst("cli", "fd00:10:244:1::20", "default-route")
    burst("node", "fd00:10:244:1::20", "own-128")
    burst("cli", NODE, "route-128")
    burst("br1", "fd00:10:244:2::1", "route-64")
    time.sleep(2); e.program([], mode="reject")
    burst("cli", VIP, "reject-128"); burst("br1", VIP, "reject-64")
    for ns in ("node", "dns1"): e.sh(ns, "sysctl -w net.ipv6.icmp.ratelimit=1000", log=True)
    time.sleep(8)
    burst("cli", NODE, "slow-128", n=30, gap=0.2); burst("br1", "fd00:10:244:2::1", "slow-64", n=30, gap=0.2)
finally: e.close()
