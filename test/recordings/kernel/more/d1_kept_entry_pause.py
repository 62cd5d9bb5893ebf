import time
from krlib import *
e = Exp("d1_kept_entry_pause", "pd1", "DNAT entry to a dead pod is kept, ASSURED 120: a pause of 119.3 s does not heal it, one of 121 s does; a fresh port is well at once")
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("dns1", "10.244.1.20"); e.pod("dns2", "10.244.1.21"); e.gw(); e.base_rules(masq_args=""); e.program(["10.244.1.20"])
    stop1 = e.server("dns1", "10.244.1.20"); e.server("dns2", "10.244.1.21"); e.watch(); e.rebase()
    s = e.sock("cli", bind=("0.0.0.0", 42500))
    def at(t): time.sleep(max(0, e.t0 + t - time.time()))
    for i in range(4): at(5 * i); e.query(s, 10 + i, who="fixed"); e.snap(why="every 5 s")
    at(17); stop1(); e.sh("node", "ip link del v-dns1"); e.rec("topology", op="pod-del", pod="dns1", ip="10.244.1.20"); e.program(["10.244.1.21"])
    at(20); e.query(s, 20, who="fixed"); f = e.sock("cli", bind=("0.0.0.0", 42501)); e.query(f, 21, who="fresh"); e.snap(why="kept entry")
    at(139.3); e.query(s, 22, who="fixed"); e.snap(why="119.3 s later")
    at(260.3); e.query(s, 23, who="fixed"); e.snap(why="121 s later")
finally: e.close()
