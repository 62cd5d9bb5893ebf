import time, threading, socket, struct
from krlib import *
e = Exp("j5_tcp_half_open", "pj5", "TCP through DNAT, half-open: the pod comes back with its address but without the connection; 45601 the client sends after that: RST; 45602 the client only closes; 45603 SYN while the pod is away, it comes back and answers a retransmission; 45604 the entry is deleted under an established connection, the client goes on (picked up loosely, not translated); 45605 the rule moves while it is open")
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("dns1", "10.244.1.20"); e.pod("dns2", "10.244.1.21"); e.gw(); e.base_rules(masq_args=""); e.program(["10.244.1.20"], proto="tcp")
    def srv(c, a):
        try:
            while True:
                h = c.recv(2)
                if not h: break
                d = c.recv(struct.unpack(">H", h)[0]); r = answer(d, "dns"); c.sendall(struct.pack(">H", len(r)) + r); e.rec("server-answered", who="dns", to="%s:%d" % a)
        except OSError as x: e.rec("server-error", err=str(x))
        c.close()
    def listen(ns, ip):
        L = e.sock(ns, socket.SOCK_STREAM, bind=(ip, 53)); L.listen(16)
        def acc():
            while True:
                try: c, a = L.accept()
                except OSError: return
                threading.Thread(target=srv, args=(c, a), daemon=True).start()
        threading.Thread(target=acc, daemon=True).start()
    listen("dns1", "10.244.1.20"); listen("dns2", "10.244.1.21")
    e.watch(); e.rebase()
    def at(t): time.sleep(max(0, e.t0 + t - time.time()))
    keep = []
    def conn(port, to=3):
        s = e.sock("cli", socket.SOCK_STREAM, bind=("0.0.0.0", port)); s.settimeout(to); keep.append(s); e.rec("connect", proto="tcp", sport=port, dst=VIP + ":53")
        try: s.connect((VIP, 53)); e.rec("connected", sport=port); time.sleep(0.05)
        except OSError as x: e.rec("connect-error", sport=port, err=str(x))
        return s
    def ask(s, qid):
        q = make_q(qid); e.rec("send", proto="tcp", sport=s.getsockname()[1], id=qid)
        try: s.sendall(struct.pack(">H", len(q)) + q); h = s.recv(2); r = s.recv(struct.unpack(">H", h)[0]); e.rec("reply", id=qid, sport=s.getsockname()[1], bytes=len(r))
        except (OSError, struct.error) as x: e.rec("no-reply", id=qid, err=str(x))
        time.sleep(0.05)
    a = conn(45601); ask(a, 1); b = conn(45602); ask(b, 2); time.sleep(0.2)
    e.sh("node", "ip link del v-dns1"); e.rec("topology", op="pod-del", pod="dns1", ip="10.244.1.20")
    at(2); th = threading.Thread(target=conn, args=(45603, 6)); th.start()
    at(3.5); e.pod("dns1", "10.244.1.20"); listen("dns1", "10.244.1.20"); th.join(); e.snap(why="the pod is back")
    at(6); ask(a, 3); e.snap(why="RST"); b.close(); e.rec("client-close", sport=45602); time.sleep(0.2); e.snap(why="closed")
    at(8); c = conn(45604); ask(c, 4); e.sh("node", "conntrack -D -p tcp --orig-port-src 45604", log=True); c.settimeout(2); ask(c, 5); e.snap(why="picked up loosely")
    at(12); d = conn(45605); ask(d, 6); e.program(["10.244.1.21"], proto="tcp"); ask(d, 7); f = conn(45606); ask(f, 8); e.snap(why="old connection, old pod; new one, new pod")
finally: e.close()
