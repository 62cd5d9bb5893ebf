import time
from krlib import *
e = Exp("d2_replaced_endpoint", "pd2", "every 5 s on four ports; end point replaced: 42600 entry deleted after the rules changed; 42601 deleted before (the next packet, still under the old rule, makes it again); 42602 never deleted; 42603 idle meanwhile, deleted by conntrack -F")
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("dns1", "10.244.1.20"); e.pod("dns2", "10.244.1.21"); e.gw(); e.base_rules(masq_args=""); e.program(["10.244.1.20"])
    stop1 = e.server("dns1", "10.244.1.20"); e.server("dns2", "10.244.1.21"); e.watch(); e.rebase()
    socks = {p: e.sock("cli", bind=("0.0.0.0", p)) for p in (42600, 42601, 42602, 42603)}
    def at(t): time.sleep(max(0, e.t0 + t - time.time()))
    n = 0
    def round(ports, wait=0.3):
        global n
        for p in ports:
            n += 1; e.query(socks[p], n, who="p%d" % p, timeout=wait)
    for t in (0, 5, 10): at(t); round((42600, 42601, 42602, 42603)); e.snap(why="healthy")
    at(12); stop1(); e.sh("node", "ip link del v-dns1"); e.rec("topology", op="pod-del", pod="dns1", ip="10.244.1.20")
    at(13); e.sh("node", "conntrack -D -p udp --sport 42601", log=True); round((42601,))
    at(14); e.program(["10.244.1.21"]); e.sh("node", "conntrack -D -p udp --orig-dst 10.96.0.10 --orig-port-src 42600 --reply-src 10.244.1.20", log=True)
    at(15); round((42600, 42601, 42602)); e.snap(why="after the change")
    at(20); round((42600, 42601, 42602)); e.snap(why="5 s later")
    at(22); e.sh("node", "conntrack -F", log=True); at(25); round((42600, 42601, 42602, 42603)); e.snap(why="after the flush")
finally: e.close()
