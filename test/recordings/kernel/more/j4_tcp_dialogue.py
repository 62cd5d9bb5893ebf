import time, threading, socket, struct
from krlib import *
e = Exp("j4_tcp_dialogue", "pj4", "TCP: 45501 three queries one after the other, answers at once, client closes; 45502 answers after 0.5 s (the ACK goes alone), server closes; 45503 both close at the same moment; 45501 again from the same port, which is in TIME_WAIT; 45503 the client asks again within 40 ms of the answer, three times")
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("dns1", "10.244.1.20"); e.gw(); e.base_rules(masq_args=""); e.program(["10.244.1.20"], proto="tcp")
    L = e.sock("dns1", socket.SOCK_STREAM, bind=("10.244.1.20", 53)); L.listen(16)
    def srv(c, a):
        try:
            while True:
                h = c.recv(2)
                if not h: break
                d = c.recv(struct.unpack(">H", h)[0])
                if a[1] == 45502: time.sleep(0.5)
                r = answer(d, "dns1"); c.sendall(struct.pack(">H", len(r)) + r); e.rec("server-answered", who="dns1", to="%s:%d" % a, bytes=len(r))
                if a[1] == 45502: break
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
        try: s.connect((VIP, 53)); e.rec("connected", sport=port)
        except OSError as x: e.rec("connect-error", sport=port, err=str(x))
        return s
    def recvn(s, n):
        b = b""
        while len(b) < n: b += s.recv(n - len(b))
        return b
    def ask(s, qid):
        q = make_q(qid); e.rec("send", proto="tcp", sport=s.getsockname()[1], id=qid)
        try: s.sendall(struct.pack(">H", len(q)) + q); h = recvn(s, 2); r = recvn(s, struct.unpack(">H", h)[0]); e.rec("reply", id=qid, sport=s.getsockname()[1], bytes=len(r))
        except (OSError, struct.error) as x: e.rec("no-reply", id=qid, err=str(x))
    def close(s, port): s.close(); e.rec("client-close", sport=port)
    a = conn(45501); e.snap(why="open"); ask(a, 1); time.sleep(0.3); ask(a, 2); time.sleep(0.3); ask(a, 3); time.sleep(0.3); close(a, 45501); time.sleep(0.3); e.snap(why="client closed first")
    b = conn(45502); time.sleep(0.3); ask(b, 4); time.sleep(0.3); e.snap(why="server closed first"); close(b, 45502); time.sleep(0.3); e.snap(why="closed")
    c = conn(45503); time.sleep(0.3); [(ask(c, 10 + i), time.sleep(0.01)) for i in range(4)]; time.sleep(0.5); ask(c, 20); time.sleep(0.3); close(c, 45503); time.sleep(0.3)
    e.snap(why="dialogues")
    time.sleep(2); a = conn(45501); e.snap(why="same port again"); ask(a, 6); time.sleep(0.3); close(a, 45501); time.sleep(0.3); e.snap(why="end")
finally: e.close()
