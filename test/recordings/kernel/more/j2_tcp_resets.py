import time, threading, socket, struct
from krlib import *
e = Exp("j2_tcp_resets", "pj2", "TCP through DNAT: 45301 server resets after its answer; 45302 server closes with a query unread; 45303 connect to a closed port; 45304 half-open: the pod is replaced by one without the connection, the client sends; 45305 client closes with the answer unread; 45306 nothing closes: entry stays ESTABLISHED")
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("dns1", "10.244.1.20"); e.gw(); e.base_rules(masq_args=""); e.program(["10.244.1.20"], proto="tcp")
    L = e.sock("dns1", socket.SOCK_STREAM, bind=("10.244.1.20", 53)); L.listen(16)
    def srv(c, a):
        try:
            if a[1] == 45302: time.sleep(0.4); c.close(); return
            while True:
                h = c.recv(2)
                if not h: break
                d = c.recv(struct.unpack(">H", h)[0]); r = answer(d, "dns1"); c.sendall(struct.pack(">H", len(r)) + r); e.rec("server-answered", who="dns1", to="%s:%d" % a)
                if a[1] == 45301: time.sleep(0.3); c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)); break
        except OSError as x: e.rec("server-error", err=str(x))
        c.close()
    def acc():
        while True:
            try: c, a = L.accept()
            except OSError: return
            threading.Thread(target=srv, args=(c, a), daemon=True).start()
    threading.Thread(target=acc, daemon=True).start()
    e.watch(); e.rebase()
    def conn(port, to=3):
        s = e.sock("cli", socket.SOCK_STREAM, bind=("0.0.0.0", port)); s.settimeout(to); e.rec("connect", proto="tcp", sport=port, dst=VIP + ":53")
        try: s.connect((VIP, 53)); e.rec("connected", sport=port); time.sleep(0.05)
        except OSError as x: e.rec("connect-error", sport=port, err=str(x))
        return s
    def ask(s, qid):
        time.sleep(0.05); q = make_q(qid); e.rec("send", proto="tcp", sport=s.getsockname()[1], id=qid)
        try: s.sendall(struct.pack(">H", len(q)) + q); h = s.recv(2); r = s.recv(struct.unpack(">H", h)[0]); e.rec("reply", id=qid, sport=s.getsockname()[1], bytes=len(r))
        except (OSError, struct.error) as x: e.rec("no-reply", id=qid, err=str(x))
    a = conn(45301); ask(a, 1); time.sleep(0.6); e.snap(why="server has reset"); ask(a, 2); e.snap(why="asked again")
    b = conn(45302); ask(b, 3); time.sleep(0.2); e.snap(why="closed with data unread")
    x = conn(45306); ask(x, 8)
    L.shutdown(socket.SHUT_RDWR); L.close(); time.sleep(0.3)
    c = conn(45303); e.snap(why="closed port")
    L = e.sock("dns1", socket.SOCK_STREAM, bind=("10.244.1.20", 53)); L.listen(16); threading.Thread(target=acc, daemon=True).start()
    d = conn(45305); time.sleep(0.05); q = make_q(5); e.rec("send", proto="tcp", sport=45305, id=5); d.sendall(struct.pack(">H", len(q)) + q); time.sleep(0.3); d.close(); e.rec("client-close", sport=45305); time.sleep(0.2); e.snap(why="client closed with the answer unread")
    time.sleep(1); e.snap(why="end")
finally: e.close()
