import time, errno
from krlib import *
e = Exp("l6_error_queue", "pl6", "IP_RECVERR and the error queue: what recvmsg with MSG_ERRQUEUE has, before and after a call has told of the error")
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("dns1", "10.244.1.20"); e.gw(); e.base_rules(masq_args=""); e.program(["10.244.1.20"]); e.watch(); e.rebase()
    s = e.sock("cli", bind=("0.0.0.0", 47700)); s.setsockopt(socket.SOL_IP, 11, 1)
    def queue(who, id):
        try: d, anc, flags, a = s.recvmsg(600, 600, socket.MSG_ERRQUEUE); e.rec("recv-error", who=who, id=id, errno=struct.unpack("=I", anc[0][2][:4])[0])
        except OSError as x: e.rec("recv-error", who=who, id=id, errno=x.errno)
    e.query(s, 1, timeout=0.5, who="told first"); time.sleep(0.1); queue("queue after it", 2); queue("queue is empty", 3)
    e.rec("send", who="queue first", proto="udp", sport=47700, dst=VIP + ":53", id=4); s.sendto(make_q(4), (VIP, 53)); time.sleep(0.2); queue("queue first", 4)
    e.query(s, 5, timeout=0.5, who="asked again"); e.rec("note", text=errno.errorcode[111])
finally: e.close()
