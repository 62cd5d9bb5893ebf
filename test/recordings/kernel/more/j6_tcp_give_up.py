import time, threading, socket, struct
from krlib import *
e = Exp("j6_tcp_give_up", "pj6", "when TCP itself gives up, by sysctls of the client's namespace: 46001 tcp_syn_retries=1 to a dead pod; 46002 tcp_retries2=3, a query to a pod that vanished; 46003 tcp_orphan_retries=2, closed after the pod vanished; 46004 the same with data on its way; 46005 tcp_syn_linear_timeouts=0, tcp_syn_retries=2")
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("dns1", "10.244.1.20"); e.gw(); e.base_rules(masq_args=""); e.program(["10.244.1.20"], proto="tcp")
    L = e.sock("dns1", socket.SOCK_STREAM, bind=("10.244.1.20", 53)); L.listen(16)
    def srv(c, a):
        try:
            while True:
                h = c.recv(2)
                if not h: break
                d = c.recv(struct.unpack(">H", h)[0]); r = answer(d, "dns1"); c.sendall(struct.pack(">H", len(r)) + r)
        except OSError as x: pass
        c.close()
    def acc():
        while True:
            try: c, a = L.accept()
            except OSError: return
            threading.Thread(target=srv, args=(c, a), daemon=True).start()
    threading.Thread(target=acc, daemon=True).start()
    e.watch(); e.rebase()
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
    b, c, d = conn(46002), conn(46003), conn(46004); ask(b, 1); ask(c, 2); ask(d, 3); time.sleep(0.2)
    e.sh("cli", "sysctl -w net.ipv4.tcp_syn_retries=1 net.ipv4.tcp_retries2=3 net.ipv4.tcp_orphan_retries=2", log=True)
    e.sh("node", "ip link del v-dns1"); e.rec("topology", op="pod-del", pod="dns1", ip="10.244.1.20"); time.sleep(0.05)
    b.settimeout(30); th = threading.Thread(target=ask, args=(b, 4)); th.start(); time.sleep(0.1)
    c.close(); e.rec("client-close", sport=46003); time.sleep(0.1)
    q = make_q(5); e.rec("send", proto="tcp", sport=46004, id=5); d.sendall(struct.pack(">H", len(q)) + q); d.close(); e.rec("client-close", sport=46004); time.sleep(0.1)
    a = conn(46001, to=20); th.join(); e.snap(why="given up")
    e.sh("cli", "sysctl -w net.ipv4.tcp_syn_linear_timeouts=0 net.ipv4.tcp_syn_retries=2", log=True); f = conn(46005, to=20); e.snap(why="given up, without linear time-outs")
finally: e.close()
