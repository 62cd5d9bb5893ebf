import time, threading, socket, struct
from krlib import *
e = Exp("g3_port_ranges", "bg3", "SNAT and MASQUERADE with one port only: the second flow to the same server is lost at confirmation, to another server it is well; two ports; REDIRECT; DNAT with a port")
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("cli2", "10.244.1.11"); e.pod("dns1", "10.244.1.20"); e.pod("dns2", "10.244.1.21"); e.gw(); e.base_rules(masq_args=""); e.program(["10.244.1.20"])
    e.sh("gw", "ip addr add 192.168.100.9/24 dev eth0"); e.server("gw", "192.168.100.1"); e.server("gw", "192.168.100.9", who="gw9"); e.server("dns2", "10.244.1.21", port=5353); e.server("node", "192.168.100.2", who="node", port=5300)
    e.watch(); e.rebase()
    def at(t): time.sleep(max(0, e.t0 + t - time.time()))
    
    def rule(words): e.sh("node", "iptables -t nat -I POSTROUTING 1 -s 10.244.0.0/16 -d 192.168.100.0/24 -p udp " + words, log=True)
    def gone(): e.sh("node", "iptables -t nat -D POSTROUTING 1", log=True)
    D, D9 = ("192.168.100.1", 53), ("192.168.100.9", 53)
    a, b = e.sock("cli", bind=("0.0.0.0", 5601)), e.sock("cli2", bind=("0.0.0.0", 5601)); c = e.sock("cli", bind=("0.0.0.0", 5602))
    rule("-j SNAT --to-source 192.168.100.2:2000"); e.query(a, 1, D, 0.5, who="first"); e.query(b, 2, D, 0.5, who="second"); e.query(b, 3, D9, 0.5, who="second, other server"); e.query(c, 4, D9, 0.5, who="third, other server"); e.snap(why="one port"); e.stats(why="one port"); gone()
    at(3); e.sh("node", "conntrack -F", log=True); rule("-j MASQUERADE --to-ports 3000"); e.query(a, 5, D, 0.5, who="first"); e.query(c, 6, D, 0.5, who="second"); e.sh("node", "conntrack -D -p udp --orig-port-src 5601", log=True); e.query(c, 7, D, 0.5, who="second, first deleted"); e.snap(why="one port by MASQUERADE"); gone()
    at(6); e.sh("node", "conntrack -F", log=True); rule("-j SNAT --to-source 192.168.100.2"); x = e.sock("cli", bind=("0.0.0.0", 5603)); e.query(x, 8, D, 0.5, who="plain SNAT"); e.snap(why="port kept"); gone()
    at(7); e.sh("node", "iptables -t nat -I PREROUTING 1 -d 192.168.100.2/32 -p udp -m udp --dport 53 -j REDIRECT --to-ports 5300", log=True); y = e.sock("cli", bind=("0.0.0.0", 5604)); e.query(y, 9, ("192.168.100.2", 53), 0.5, who="redirected"); e.snap(why="REDIRECT")
    at(8); e.sh("node", "iptables -t nat -I PREROUTING 1 -d 10.96.0.77/32 -p udp -m udp --dport 53 -j DNAT --to-destination 10.244.1.21:5353", log=True); z = e.sock("cli", bind=("0.0.0.0", 5605)); e.query(z, 10, ("10.96.0.77", 53), 0.5, who="other port"); e.query(z, 11, ("10.96.0.77", 54), 0.5, who="no rule"); e.snap(why="DNAT with a port")
finally: e.close()
