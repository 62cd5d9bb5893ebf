import socket, struct, threading, time
from krlib6 import *
e = Exp6("j6_tcp_dns", "v6j", "TCP DNS through an ip6tables DNAT rule: 45000 client closes first; 45001 REJECT --reject-with tcp-reset; 45002 a port on which nobody listens")
try:
    e.node(); e.pod("cli", "fd00:10:244:1::10"); e.pod("dns1", "fd00:10:244:1::20"); e.pod("dns2", "fd00:10:244:1::21"); e.gw(); e.base_rules(masq_args=""); e.program(["fd00:10:244:1::20"], proto="tcp")
    L = e.sock("dns1", socket.SOCK_STREAM, bind=("fd00:10:244:1::20", 53)); L.listen(16)
    def srv(c, a):
        while True:
            h = c.recv(2)
            if not h: break
            d = c.recv(struct.unpack(">H", h)[0]); r = answer(d, "dns1"); c.sendall(struct.pack(">H", len(r)) + r); e.rec("server-answered", who="dns1", to="[%s]:%d" % a[:2])
        time.sleep(0.5); c.close()
    def acc():
        while True:
            try: c, a = L.accept()
            except OSError: return
            threading.Thread(target=srv, args=(c, a), daemon=True).start()
    threading.Thread(target=acc, daemon=True).start()
    e.watch(); e.rebase()
    def conn(port, to=3):
        s = e.sock("cli", socket.SOCK_STREAM, bind=("::", port)); s.settimeout(to); e.rec("connect", proto="tcp", sport=port, dst="[%s]:53" % VIP)
        try: s.connect((VIP, 53)); e.rec("connected", sport=port)
        except OSError as x: e.rec("connect-error", sport=port, err=str(x))
        return s
    def ask(s, qid):
        q = make_q(qid); e.rec("send", ns="cli", proto="tcp", sport=s.getsockname()[1], id=qid); s.sendall(struct.pack(">H", len(q)) + q)
        try: h = s.recv(2); r = s.recv(struct.unpack(">H", h)[0]); e.rec("reply", id=qid, sport=s.getsockname()[1], bytes=len(r))
        except OSError as x: e.rec("no-reply", id=qid, err=str(x))
    s = conn(45000); e.snap(why="after connect"); ask(s, 1); e.snap(why="after query"); time.sleep(0.3); s.shutdown(socket.SHUT_WR); e.rec("client-FIN", sport=45000); time.sleep(0.2); e.snap(why="client FIN acked, server still open"); time.sleep(0.5); e.snap(why="both closed"); s.close()
    time.sleep(0.5); e.program([], proto="tcp", mode="reject", reject="tcp-reset"); conn(45001); e.snap(why="reset: no entry")
    e.program(["fd00:10:244:1::21"], proto="tcp"); conn(45002); e.snap(why="closed port"); time.sleep(0.3)
finally: e.close()
