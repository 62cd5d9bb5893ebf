import time
from krlib import *
e = Exp("b2_sysctl_timers", "pb2", "nf_conntrack_udp_timeout and _stream changed in the middle: 41100 one exchange before, 41101 a stream, 41102 begun after; then back")
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("dns1", "10.244.1.20"); e.gw(); e.base_rules(masq_args=""); e.program(["10.244.1.20"])
    e.server("dns1", "10.244.1.20"); e.watch(); e.rebase()
    def at(t): time.sleep(max(0, e.t0 + t - time.time()))
    a, b, c = [e.sock("cli", bind=("0.0.0.0", p)) for p in (41100, 41101, 41102)]
    at(0); e.query(a, 1); e.query(b, 2); at(2.5); e.query(b, 3); e.snap(why="one short, one stream")
    at(4); e.sh("node", "sysctl -w net.netfilter.nf_conntrack_udp_timeout=6 net.netfilter.nf_conntrack_udp_timeout_stream=12", log=True); e.snap(why="nothing changes by itself")
    at(5); e.query(b, 4); e.query(c, 5); e.snap(why="stream 12, new 6")
    at(8.5); e.query(c, 6); e.snap(why="the new one is a stream of 12")
    at(18.5); e.query(b, 7); e.snap(why="13.5 s later: the stream had ended, begins anew")
    at(21.9); e.query(c, 8); e.snap(why="13.4 s later")
    at(24); e.sh("node", "sysctl -w net.netfilter.nf_conntrack_udp_timeout=30", log=True); e.sh("node", "sysctl -w net.netfilter.nf_conntrack_udp_timeout_stream=180", log=True)
    at(25); e.query(c, 9); e.snap(why="stream 180"); at(33); e.query(a, 10); e.snap(why="33 s after: a new flow")
finally: e.close()
