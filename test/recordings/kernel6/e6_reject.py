import time
from krlib6 import *
e = Exp6("e6_reject", "v6e", "REJECT over IPv6: icmp6-port-unreachable with connected and unconnected sockets, a flow with a kept entry, the node's own client, and the other reject-with words")
try:
    e.node(); e.pod("cli", "fd00:10:244:1::10"); e.pod("dns1", "fd00:10:244:1::20"); e.gw(); e.base_rules(masq_args=""); e.program(["fd00:10:244:1::20"])
    e.server("dns1", "fd00:10:244:1::20"); e.watch(); e.rebase()
    u = e.sock("cli", bind=("::", 43000)); c = e.sock("cli", bind=("::", 43001)); c.connect((VIP, 53)); cc = Conn(c); k = e.sock("cli", bind=("::", 43002))
    e.query(k, 3, who="kept-43002"); e.program([], mode="reject"); time.sleep(0.5)
    e.query(u, 11, who="unconnected-43000", timeout=0.5); e.query(cc, 12, who="connected-43001", timeout=0.5); e.snap(why="REJECTed: no entry")
    e.query(k, 13, who="kept-43002", timeout=0.5); e.snap(why="flow with a kept entry: REJECT does not see it")
    n = e.sock("node", bind=("::", 43004)); n.connect((VIP, 53)); e.query(Conn(n), 14, who="node/c", timeout=0.5)
    for i, word in enumerate(("icmp6-no-route", "icmp6-adm-prohibited", "icmp6-addr-unreachable", "icmp6-policy-fail", "icmp6-reject-route")):
        time.sleep(1.5); e.program([], mode="reject", reject=word)
        c = e.sock("cli", bind=("::", 43010 + i)); c.connect((VIP, 53)); e.query(Conn(c), 20 + i, who=f"{word}/c", timeout=0.5)
finally: e.close()
