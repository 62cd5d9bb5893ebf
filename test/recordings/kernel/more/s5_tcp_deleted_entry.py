import time, threading, socket, struct
from krlib import *
e = Exp("s5_tcp_deleted_entry", "bs5", "the entry of an open TCP connection is deleted by conntrack -D, asked again, closed; deleted while closing; two masqueraded TCP flows with one port")
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("dns1", "10.244.1.20"); e.gw(); e.base_rules(masq_args=""); e.program(["10.244.1.20"], proto="tcp")
    e.pod("cli2", "10.244.1.11")
    L = e.sock("dns1", socket.SOCK_STREAM, bind=("10.244.1.20", 53)); L.listen(16)
    def srv(c, a):
        try:
            while True:
                h = c.recv(2)
                if not h: break
                d = c.recv(struct.unpack(">H", h)[0]); r = answer(d, "dns1"); c.sendall(struct.pack(">H", len(r)) + r); e.rec("server-answered", who="dns1", to="%s:%d" % a)
        except OSError as x: e.rec("server-error", err=str(x))
        c.close()
    def acc():
        while True:
            try: c, a = L.accept()
            except OSError: return
            threading.Thread(target=srv, args=(c, a), daemon=True).start()
    threading.Thread(target=acc, daemon=True).start()
    G = e.sock("gw", socket.SOCK_STREAM, bind=("192.168.100.1", 53)); G.listen(4)
    e.watch(); e.rebase()
    def at(t): time.sleep(max(0, e.t0 + t - time.time()))
    def conn(port, to=3, ns="cli"):
        s = e.sock(ns, socket.SOCK_STREAM, bind=("0.0.0.0", port)); s.settimeout(to); e.rec("connect", proto="tcp", sport=port, dst=VIP + ":53")
        try: s.connect((VIP, 53)); e.rec("connected", sport=port)
        except OSError as x: e.rec("connect-error", sport=port, err=str(x))
        return s
    def ask(s, qid):
        q = make_q(qid); e.rec("send", proto="tcp", sport=s.getsockname()[1], id=qid)
        try: s.sendall(struct.pack(">H", len(q)) + q); h = s.recv(2); r = s.recv(struct.unpack(">H", h)[0]); e.rec("reply", id=qid, sport=s.getsockname()[1], bytes=len(r))
        except OSError as x: e.rec("no-reply", id=qid, err=str(x))
        except struct.error: e.rec("no-reply", id=qid, err="closed")
    
    s = conn(45901); ask(s, 1); e.sh("node", "conntrack -D -p tcp --orig-port-src 45901", log=True); ask(s, 2); e.snap(why="made again by the query"); s.close(); time.sleep(0.2); e.snap(why="closed")
    at(2); t = conn(45902); ask(t, 3); t.shutdown(socket.SHUT_WR); time.sleep(0.1); e.sh("node", "conntrack -D -p tcp --orig-port-src 45902", log=True); time.sleep(0.3); t.close(); time.sleep(0.2); e.snap(why="deleted at its end")
    at(4); e.sh("node", "conntrack -F", log=True)
    e.sh("node", "iptables -t nat -I POSTROUTING 1 -d 192.168.100.1/32 -p tcp -j SNAT --to-source 192.168.100.2:3333", log=True)
    def out(ns, port):
        x = e.sock(ns, socket.SOCK_STREAM, bind=("0.0.0.0", port)); x.settimeout(1.2); e.rec("connect", who=ns, proto="tcp", sport=port, dst="192.168.100.1:53")
        try: x.connect(("192.168.100.1", 53)); e.rec("connected", who=ns, sport=port)
        except OSError as y: e.rec("connect-error", who=ns, sport=port, err=str(y))
        return x
    a = out("cli", 45910); b = out("cli2", 45911); e.snap(why="the second has no port"); a.close(); time.sleep(0.2); e.snap(why="first closed")
finally: e.close()
