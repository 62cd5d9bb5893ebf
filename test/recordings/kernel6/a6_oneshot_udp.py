import time
from krlib6 import *
e = Exp6("a6_oneshot_udp", "v6a", "DNS through an ip6tables DNAT rule: one query, two queries of one port, and one port kept until ASSURED")
try:
    e.node(); e.pod("cli", "fd00:10:244:1::10"); e.pod("dns1", "fd00:10:244:1::20"); e.gw(); e.base_rules(masq_args=""); e.program(["fd00:10:244:1::20"])
    e.server("dns1", "fd00:10:244:1::20"); e.watch(); e.rebase()
    s = e.sock("cli", bind=("::", 40001)); e.query(s, 1); s.close(); e.snap(why="right after the exchange")
    s = e.sock("cli", bind=("::", 40002)); e.query(s, 2, qtype=1); e.query(s, 3, qtype=28); s.close(); e.snap(why="two exchanges at once")
    s = e.sock("cli", bind=("::", 40003))
    for k in range(4): e.query(s, 10 + k); time.sleep(0.9)
    e.snap(why="one every 0.9 s")
    s = e.sock("node", bind=("::", 40004)); e.query(s, 20, who="node"); e.snap(why="from the node itself: masqueraded")
finally: e.close()
