import time, threading, socket, struct
from krlib import *
e = Exp("i3_nodelocal_tcp", "pi3", "node cache's own traffic: a process of the node asks an upstream Service over TCP and UDP from the host network (masqueraded to the pod's link) while its listening addresses are untracked; INPUT drops by rule; LOG and RETURN rules in the way")
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("dns1", "10.244.1.20"); e.gw(); e.base_rules(masq_args=""); e.program(["10.244.1.20"], proto="tcp")
    e.sh("node", "ip link add nodelocaldns type veth peer name nld-peer; ip addr add 169.254.20.10/32 dev nodelocaldns", log=True)
    for r in ("iptables -t raw -A PREROUTING -d 169.254.20.10/32 -p udp -m udp --dport 53 -j CT --notrack", "iptables -t raw -A OUTPUT -s 169.254.20.10/32 -p udp -m udp --sport 53 -j CT --notrack"): e.sh("node", r, log=True)
    L = e.sock("dns1", socket.SOCK_STREAM, bind=("10.244.1.20", 53)); L.listen(16)
    def srv(c, a):
        while True:
            h = c.recv(2)
            if not h: break
            d = c.recv(struct.unpack(">H", h)[0]); r = answer(d, "dns1"); c.sendall(struct.pack(">H", len(r)) + r)
        c.close()
    def acc():
        while True:
            try: c, a = L.accept()
            except OSError: return
            threading.Thread(target=srv, args=(c, a), daemon=True).start()
    threading.Thread(target=acc, daemon=True).start()
    e.server("node", "169.254.20.10", who="nodelocal"); e.watch(); e.rebase()
    s = e.sock("cli", bind=("0.0.0.0", 44300)); e.query(s, 1, ("169.254.20.10", 53), who="pod")
    t = e.sock("node", socket.SOCK_STREAM, bind=("0.0.0.0", 44301)); t.settimeout(2); e.rec("connect", who="node", proto="tcp", sport=44301, dst=VIP + ":53"); t.connect((VIP, 53)); e.rec("connected", sport=44301); time.sleep(0.1)
    q = make_q(2); e.rec("send", who="node", proto="tcp", sport=44301, id=2); t.sendall(struct.pack(">H", len(q)) + q); h = t.recv(2); r = t.recv(struct.unpack(">H", h)[0]); e.rec("reply", id=2, sport=44301, bytes=len(r)); e.snap(why="TCP from the node")
    time.sleep(0.2); t.close(); e.rec("client-close", sport=44301); time.sleep(0.2); e.snap(why="closed")
    e.sh("node", "iptables -A INPUT -d 169.254.20.10/32 -p udp -m udp --dport 53 -j DROP", log=True); e.query(s, 3, ("169.254.20.10", 53), who="pod", timeout=0.5)
    e.sh("node", "iptables -I INPUT 1 -s 10.244.1.10/32 -p udp -m udp --dport 53 -j ACCEPT", log=True); e.query(s, 4, ("169.254.20.10", 53), who="pod", timeout=0.5); e.snap(why="end")
finally: e.close()
