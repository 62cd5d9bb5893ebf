import time, threading, socket, struct
from krlib import *
e = Exp("j3_tcp_unacknowledged", "pj3", "TCP and a pod that vanishes: 45401 the client closes (its FIN is never acknowledged); 45402 asks, gives up after 4 s, closes; 45403 asks and stays; 45404 SYN to the dead pod for 20 s, then the application gives up; 45405 a SYN after the rule has changed to another pod")
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("dns1", "10.244.1.20"); e.pod("dns2", "10.244.1.21"); e.gw(); e.base_rules(masq_args=""); e.program(["10.244.1.20"], proto="tcp")
    def srv(c, a):
        try:
            while True:
                h = c.recv(2)
                if not h: break
                d = c.recv(struct.unpack(">H", h)[0]); r = answer(d, "dns1"); c.sendall(struct.pack(">H", len(r)) + r); e.rec("server-answered", who="dns1", to="%s:%d" % a)
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
    def conn(port, to=3):
        s = e.sock("cli", socket.SOCK_STREAM, bind=("0.0.0.0", port)); s.settimeout(to); e.rec("connect", proto="tcp", sport=port, dst=VIP + ":53")
        try: s.connect((VIP, 53)); e.rec("connected", sport=port); time.sleep(0.05)
        except OSError as x: e.rec("connect-error", sport=port, err=str(x))
        return s
    def ask(s, qid):
        time.sleep(0.05); q = make_q(qid); e.rec("send", proto="tcp", sport=s.getsockname()[1], id=qid)
        try: s.sendall(struct.pack(">H", len(q)) + q); h = s.recv(2); r = s.recv(struct.unpack(">H", h)[0]); e.rec("reply", id=qid, sport=s.getsockname()[1], bytes=len(r))
        except (OSError, struct.error) as x: e.rec("no-reply", id=qid, err=str(x))
    a, b, c = conn(45401), conn(45402), conn(45403); ask(a, 1); ask(b, 2); ask(c, 3); time.sleep(0.5)
    e.sh("node", "ip link del v-dns1"); e.rec("topology", op="pod-del", pod="dns1", ip="10.244.1.20")
    a.close(); e.rec("client-close", sport=45401); b.settimeout(4); c.settimeout(25)
    th = threading.Thread(target=ask, args=(c, 5)); th.start(); ask(b, 4); b.close(); e.rec("client-close", sport=45402)
    e.snap(why="after 4 s"); s = conn(45404, to=20); s.close(); e.snap(why="after 24 s"); th.join()
    e.program(["10.244.1.21"], proto="tcp"); f = conn(45405); ask(f, 6); f.close(); e.rec("client-close", sport=45405); time.sleep(0.3); e.snap(why="new connection, other pod")
finally: e.close()
