import time
from krlib import *
e = Exp("m3_spread", "pm3", "300 flows over three end points")
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("dns1", "10.244.1.20"); e.pod("dns2", "10.244.1.21"); e.pod("dns3", "10.244.1.22"); e.gw(); e.base_rules(masq_args=""); e.program(["10.244.1.20", "10.244.1.21", "10.244.1.22"])
    for i in (1, 2, 3): e.server("dns%d" % i, "10.244.1.%d" % (19 + i))
    e.watch(pcap=None); e.rebase()
    for i in range(300):
        s = e.sock("cli", bind=("0.0.0.0", 30000 + i)); e.query(s, i + 1); s.close()
finally: e.close()
