import time
from krlib import *
e = Exp("c2_blackhole_pause", "pc2", "the blackhole entry and silence: 42000 pauses 29.3 s (still stuck), then 30.4 s (healed); 42001 pauses 31.5 s (healed); the table is not dumped in between")
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("dns1", "10.244.1.20"); e.pod("dns2", "10.244.1.21"); e.gw(); e.base_rules(masq_args=""); e.program(["10.244.1.20"])
    stop1 = e.server("dns1", "10.244.1.20"); e.server("dns2", "10.244.1.21"); e.watch(); e.rebase()
    a = e.sock("cli", bind=("0.0.0.0", 42000)); b = e.sock("cli", bind=("0.0.0.0", 42001))
    def at(t): time.sleep(max(0, e.t0 + t - time.time()))
    at(0); e.query(a, 1, who="short-pause"); e.query(b, 2, who="long-pause")
    at(3); stop1(); e.sh("node", "ip link del v-dns1"); e.rec("topology", op="pod-del", pod="dns1", ip="10.244.1.20"); e.program([])
    e.sh("node", "conntrack -D -p udp --orig-dst 10.96.0.10 --orig-port-dst 53 --reply-src 10.244.1.20", log=True)
    at(4); e.query(a, 3, who="short-pause", timeout=0.5); e.query(b, 4, who="long-pause", timeout=0.5)
    at(5); e.program(["10.244.1.21"])
    at(6); e.query(a, 5, who="short-pause"); at(8); e.query(b, 6, who="long-pause")
    at(35.3); e.query(a, 7, who="short-pause"); at(39.5); e.query(b, 8, who="long-pause"); e.snap(why="one stuck, one healed")
    at(65.8); e.query(a, 9, who="short-pause"); e.snap(why="both healed")
finally: e.close()
