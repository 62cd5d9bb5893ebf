import time, threading, socket, struct
from krlib import *
e = Exp("i4_untracked", "bi4", "CT --notrack for queries only, for answers only, rules on UNTRACKED, errors about untracked packets, untracked flows through DNAT rules")
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("dns1", "10.244.1.20"); e.gw(); e.base_rules(masq_args=""); e.program(["10.244.1.20"])
    e.server("dns1", "10.244.1.20"); e.server("node", "192.168.100.2", who="node")
    e.watch(); e.rebase()
    def at(t): time.sleep(max(0, e.t0 + t - time.time()))
    
    D, N = ("10.244.1.20", 53), ("192.168.100.2", 53); port = 44400
    def ask(dst, who, r=False):
        global port
        port += 1; s = e.sock("cli", bind=("0.0.0.0", port))
        if r: s.setsockopt(socket.IPPROTO_IP, 11, 1)
        e.query(s, port - 44000, dst, 0.4, who=who); e.snap(why=who)
    def raw(words): e.sh("node", "iptables -t raw " + words, log=True)
    raw("-A PREROUTING -i v-cli -p udp -m udp --dport 53 -j CT --notrack"); ask(D, "queries untracked"); ask((VIP, 53), "queries to the VIP untracked"); ask(N, "node, queries untracked")
    raw("-A PREROUTING -p udp -m udp --sport 53 -j CT --notrack"); ask(D, "both untracked"); raw("-A OUTPUT -p udp -m udp --sport 53 -j NOTRACK"); ask(N, "node, both untracked")
    e.sh("node", "iptables -I FORWARD 1 -m conntrack --ctstate UNTRACKED -j DROP", log=True); ask(D, "UNTRACKED dropped"); e.sh("node", "iptables -R FORWARD 1 -m conntrack --ctstate INVALID,UNTRACKED -j REJECT", log=True); ask(D, "UNTRACKED rejected", True); e.sh("node", "iptables -R FORWARD 1 -m conntrack --ctstate NEW -j DROP", log=True); ask(D, "NEW is not UNTRACKED"); e.sh("node", "iptables -D FORWARD 1", log=True)
    time.sleep(1); ask(("10.244.1.20", 54), "closed port untracked", True); raw("-D PREROUTING 1"); ask(D, "answers untracked"); ask(("10.244.1.20", 54), "closed port tracked", True); raw("-F"); ask(D, "tracked")
finally: e.close()
