import time, threading, socket, struct
from krlib import *
e = Exp("s3_notrack_large", "bs3", "answers of 2000 octets untracked, and tracked one way only: fragments are put together all the same")
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("dns1", "10.244.1.20"); e.gw(); e.base_rules(masq_args=""); e.program(["10.244.1.20"])
    e.server("dns1", "10.244.1.20", pad=1900)
    e.watch(pcap="ip"); e.rebase()
    
    D = ("10.244.1.20", 53); a = e.sock("cli", bind=("0.0.0.0", 46501)); e.query(a, 1, D, 0.5, who="tracked"); e.snap(why="tracked")
    e.sh("node", "iptables -t raw -A PREROUTING -p udp -m udp --dport 53 -j NOTRACK", log=True); e.sh("node", "iptables -t raw -A PREROUTING -p udp -m udp --sport 53 -j NOTRACK", log=True); b = e.sock("cli", bind=("0.0.0.0", 46502)); e.query(b, 2, D, 0.5, who="untracked"); e.snap(why="untracked")
    e.sh("node", "iptables -t raw -D PREROUTING 1", log=True); c = e.sock("cli", bind=("0.0.0.0", 46503)); e.query(c, 3, D, 0.5, who="answers untracked"); e.snap(why="answers untracked")
finally: e.close()
