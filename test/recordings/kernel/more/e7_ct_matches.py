import time, threading, socket, struct
from krlib import *
e = Exp("e7_ct_matches", "be7", "rules that look at the conntrack entry: ctstate ESTABLISHED, ctdir, ctorigdst, ctorigdstport, ctproto, ctreplsrc, ctstate DNAT, NEW before and after the reply")
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("dns1", "10.244.1.20"); e.gw(); e.base_rules(masq_args=""); e.program(["10.244.1.20"])
    e.server("dns1", "10.244.1.20")
    e.watch(); e.rebase()
    def at(t): time.sleep(max(0, e.t0 + t - time.time()))
    
    qid = 0
    def ask(port, who, n=2):
        global qid
        s = e.sock("cli", bind=("0.0.0.0", port))
        for k in range(n): qid += 1; e.query(s, qid, timeout=0.3, who=who)
        s.close()
    port = 43300
    for match in ("-m conntrack --ctstate ESTABLISHED", "-m conntrack --ctstate ESTABLISHED --ctdir ORIGINAL", "-m conntrack --ctdir REPLY", "-m conntrack --ctorigdst 10.96.0.10", "-m conntrack --ctorigdstport 53 --ctproto udp", "-m conntrack --ctstate DNAT", "-m conntrack ! --ctstate DNAT", "-m conntrack --ctreplsrc 10.244.1.20", "-m conntrack --ctstate NEW", "-m conntrack --ctstatus SEEN_REPLY", "-m conntrack --ctstatus CONFIRMED", "-m conntrack --ctstatus NONE", "-m conntrack --ctstatus EXPECTED", "-m conntrack --ctexpire 0:20", "-m conntrack --ctstate SNAT"):
        e.sh("node", "iptables -I FORWARD 1 " + match + " -j DROP", log=True); port += 1; ask(port, match); e.snap(why=match)
        e.sh("node", "iptables -D FORWARD 1", log=True)
finally: e.close()
