import time
from krlib import *
e = Exp("m2_rule_hole", "pm2", "0 -> N with a moment of neither rule, six times on fresh ports with the pause of each shape: asked under REJECT, in the hole, after it; the port that asked in the hole stays lost")
try:
    e.node(); e.pod("cli", "10.244.1.10"); e.pod("dns1", "10.244.1.20"); e.gw(); e.base_rules(masq_args=""); e.program([], mode="reject")
    e.server("dns1", "10.244.1.20"); e.watch(); e.rebase()
    qid = 0
    def ask(port, who, wait=0.4):
        global qid
        qid += 1; s = e.sock("cli", bind=("0.0.0.0", port)); e.query(s, qid, timeout=wait, who=who); s.close()
    for k in range(6):
        p = 48100 + 10 * k
        if k % 2 == 0: ask(p, "under-reject")
        e.program([]); ask(p + 1, "in-the-hole")
        if k % 3 == 0: ask(p, "in-the-hole")
        e.program(["10.244.1.20"]); ask(p, "after"); ask(p + 1, "after"); ask(p + 2, "after")
        if k == 3: e.sh("node", "conntrack -D -p udp --orig-dst 10.96.0.10 --reply-src 10.96.0.10", log=True); ask(p + 1, "after-clean-up")
        e.snap(why="cycle %d" % k)
        e.program([], mode="reject"); time.sleep(0.5)
finally: e.close()
