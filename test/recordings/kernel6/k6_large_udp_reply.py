import time
from krlib6 import *
e = Exp6("k6_large_udp_reply", "v6k", "UDP answers larger than the path MTU over IPv6: 46000 2000-byte answer, all links 1500 (the sender cuts it with fragment headers); 46001 1450-byte answer while the client's link has MTU 1400 (packet too big; the next one is cut by its sender)")
try:
    e.node(); e.pod("cli", "fd00:10:244:1::10"); e.pod("dns1", "fd00:10:244:1::20"); e.pod("cli2", "fd00:10:244:1::11", mtu=1400); e.gw(); e.base_rules(); e.program(["fd00:10:244:1::20"])
    stop = e.server("dns1", "fd00:10:244:1::20", pad=1900); e.watch(); e.rebase()
    s = e.sock("cli", bind=("::", 46000)); e.query(s, 1); e.snap(why="one entry, no trace of fragments"); stop(); time.sleep(0.3)
    stop = e.server("dns1", "fd00:10:244:1::20", pad=1361)
    s = e.sock("cli2", bind=("::", 46001)); e.query(s, 2, timeout=1.5); e.snap(why="client behind MTU 1400"); e.query(s, 3, timeout=1.5); e.snap(why="asked again")
    e.sh("dns1", "ip -6 route get fd00:10:244:1::11", log=True)
finally: e.close()
