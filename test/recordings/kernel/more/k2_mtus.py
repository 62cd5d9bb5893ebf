import time
from krlib import *
e = Exp("k2_mtus", "pk2", "large UDP answers by MTU: client behind 1400 and behind 1280, server behind 1400; answers of 1372, 1373, 1232, 1233 and 4096 octets; the node asks too")
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("dns1", "10.244.1.20"); e.pod("dns2", "10.244.1.21", mtu=1400); e.pod("cli2", "10.244.1.11", mtu=1400); e.pod("cli3", "10.244.1.12", mtu=1280); e.gw(); e.base_rules(masq_args=""); e.program(["10.244.1.20"])
    e.watch(pcap="ip"); e.rebase()
    s1, s2, s3 = e.sock("cli", bind=("0.0.0.0", 46100)), e.sock("cli2", bind=("0.0.0.0", 46101)), e.sock("cli3", bind=("0.0.0.0", 46102)); n = e.sock("node", bind=("0.0.0.0", 46103)); qid = 0
    def ask(s, who):
        global qid
        qid += 1; e.query(s, qid, timeout=0.8, who=who); e.snap(why="%s %d" % (who, qid))
    def serving(ns, ip, size, clients):
        stop = e.server(ns, ip, pad=size - 61)
        for s, who in clients: ask(s, who)
        stop(); time.sleep(0.3)
    serving("dns1", "10.244.1.20", 1372, ((s2, "1400"),))
    serving("dns1", "10.244.1.20", 1373, ((s2, "1400"), (s2, "1400")))
    serving("dns1", "10.244.1.20", 1252, ((s3, "1280"),))
    serving("dns1", "10.244.1.20", 1253, ((s3, "1280"), (s3, "1280")))
    serving("dns1", "10.244.1.20", 4096, ((s1, "1500"), (s2, "1400"), (s3, "1280"), (n, "node")))
    e.sh("dns1", "ip route get 10.244.1.11", log=True); e.sh("dns1", "ip route get 10.244.1.12", log=True)
    e.program(["10.244.1.21"]); f = e.sock("cli", bind=("0.0.0.0", 46110)); g = e.sock("cli3", bind=("0.0.0.0", 46111))
    serving("dns2", "10.244.1.21", 1450, ((f, "server 1400"), (g, "server 1400, client 1280")))
finally: e.close()
