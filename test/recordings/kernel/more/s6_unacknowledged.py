import time, threading, socket, struct
from krlib import *
e = Exp("s6_unacknowledged", "bs6", "tcp_max_retrans 1 and timeout_unacknowledged 20: data that nobody acknowledges shorten the entry; acknowledged again they lengthen it")
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("dns1", "10.244.1.20"); e.gw(); e.base_rules(masq_args=""); e.program(["10.244.1.20"], proto="tcp")
    e.sh("node", "sysctl -w net.netfilter.nf_conntrack_tcp_timeout_max_retrans=40 net.netfilter.nf_conntrack_tcp_timeout_unacknowledged=20 net.netfilter.nf_conntrack_tcp_max_retrans=2", log=True)
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
    
    s = conn(46001); ask(s, 1); e.snap(why="open"); e.sh("node", "iptables -I FORWARD 1 -p tcp -m tcp --sport 53 -j DROP", log=True); s.settimeout(2.2); ask(s, 2); e.snap(why="not acknowledged"); e.sh("node", "iptables -D FORWARD 1", log=True); s.settimeout(4)
    time.sleep(2); e.snap(why="acknowledged"); ask(s, 3); e.snap(why="asked again"); s.close(); time.sleep(0.2); e.snap(why="closed")
finally: e.close()
