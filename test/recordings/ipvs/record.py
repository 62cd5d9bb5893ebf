"""Records IP Virtual Server in namespaces of a Linux with ip_vs: `python3 record.py OUT_DIR`, as root, with ipvsadm,
iproute2, iptables and conntrack. A case is a list of steps; each observed value stands beside its step."""
import json, os, socket, struct, subprocess, sys, threading, time, ctypes

VIP = "10.96.0.10"
PODS = {"a": "10.244.3.9", "c": "10.244.4.4", "b1": "10.244.1.5", "b2": "10.244.2.7", "b3": "10.244.5.6"}
libc = ctypes.CDLL(None, use_errno=True)


def sh(ns, command, check=True):
    full = (["ip", "netns", "exec", ns] if ns else []) + ["sh", "-c", command]
    done = subprocess.run(full, capture_output=True, text=True)
    if check and done.returncode: raise RuntimeError("%s: %s: %s" % (ns, command, done.stderr))
    return (done.stdout + done.stderr).rstrip("\n")


class inside:
    def __init__(self, ns): self.ns = ns
    def __enter__(self):
        self.home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open("/run/netns/" + self.ns, os.O_RDONLY)
        if libc.setns(there, 0x40000000): raise OSError(ctypes.get_errno(), "setns")
        os.close(there)
    def __exit__(self, *_):
        libc.setns(self.home, 0x40000000); os.close(self.home)


def world():
    sh(None, "for n in node a c b1 b2 b3; do ip netns del $n 2>/dev/null; ip netns add $n; ip netns exec $n ip link set lo up; done", False)
    sh("node", "sysctl -qw net.ipv4.ip_forward=1 net.ipv4.vs.conntrack=1")
    for pod, address in PODS.items():
        sh("node", f"ip link add v-{pod} type veth peer name eth0 netns {pod}; ip addr add 10.244.0.1/32 dev v-{pod}; ip link set v-{pod} up")
        sh(pod, f"ip addr add {address}/32 dev eth0; ip link set eth0 up; ip route add 10.244.0.1 dev eth0; ip route add default via 10.244.0.1 dev eth0")
        sh("node", f"ip route add {address}/32 dev v-{pod}")
    sh("node", f"ip link add kube-ipvs0 type dummy; ip addr add {VIP}/32 dev kube-ipvs0")
    rules = "\n".join(["*nat", ":KUBE-SERVICES - [0:0]", ":KUBE-POSTROUTING - [0:0]", ":KUBE-MARK-MASQ - [0:0]",
        "-A PREROUTING -j KUBE-SERVICES", "-A OUTPUT -j KUBE-SERVICES", "-A POSTROUTING -j KUBE-POSTROUTING",
        "-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000",
        "-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN",
        "-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0",
        "-A KUBE-POSTROUTING -j MASQUERADE",
        f"-A KUBE-SERVICES ! -s 10.244.0.0/16 -d {VIP}/32 -j KUBE-MARK-MASQ", "COMMIT", ""])
    p = subprocess.run(["ip", "netns", "exec", "node", "iptables-legacy-restore"], input=rules, text=True, capture_output=True)
    if p.returncode: raise RuntimeError(p.stderr)
    return rules


class Servers:
    """UDP and TCP servers on port 53 of the pods: the answer is the pod's name."""
    def __init__(self):
        self.stopping = False; self.udp = {}
        for pod in ("b1", "b2", "b3"): self.start(pod)
    def start(self, pod):
        with inside(pod):
            u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(("0.0.0.0", 53))
            t = socket.socket(); t.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); t.bind(("0.0.0.0", 53)); t.listen(16)
        self.udp[pod] = u
        def serve_udp():
            while True:
                try: data, peer = u.recvfrom(512)
                except OSError: return
                if peer is None: return
                if data.startswith(b"late"):
                    threading.Timer(float(data[4:]), lambda: u.sendto(pod.encode(), peer)).start()
                elif data != b"silent": u.sendto(pod.encode(), peer)
        def serve_tcp():
            while True:
                try: s, _ = t.accept()
                except OSError: return
                def one(s=s):
                    while True:
                        try: d = s.recv(64)
                        except OSError: return
                        if not d: s.close(); return
                        if d == b"close": s.close(); return
                        s.send(pod.encode())
                threading.Thread(target=one, daemon=True).start()
        threading.Thread(target=serve_udp, daemon=True).start(); threading.Thread(target=serve_tcp, daemon=True).start()


class Case:
    def __init__(self, name, about):
        self.name, self.about, self.steps = name, about, []
        self.rules = world(); self.servers = Servers(); self.udp, self.tcp = {}, {}
        self.t0 = time.time()
    def at(self): return round(time.time() - self.t0, 2)
    def note(self, **row): self.steps.append({"t": self.at(), **row})
    def sleep(self, seconds): time.sleep(seconds)
    def run(self, command, ns="node"):
        self.note(do="command", on=ns, command=command, out=sh(ns, command, False))
    def close_port(self, pod):
        # A blocked recvfrom keeps the port: shutdown wakes it.
        self.note(do="close-port", on=pod)
        fd = self.servers.udp[pod].detach(); libc.shutdown(fd, 2); os.close(fd)
    def query(self, pod, port, to=VIP, dport=53, say=b"q", wait=0.5):
        key = (pod, port, to, dport)
        if key not in self.udp:
            with inside(pod):
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("0.0.0.0", port)); s.connect((to, dport))
            self.udp[key] = s
        s = self.udp[key]; s.settimeout(wait); t = self.at()
        try:
            s.send(say)
            got = s.recv(64).decode()
        except socket.timeout: got = "nothing"
        except OSError as e: got = {111: "ECONNREFUSED", 113: "EHOSTUNREACH", 1: "EPERM"}.get(e.errno, e.strerror)
        self.steps.append({"t": t, "do": "query", "from": pod, "port": port, "to": "%s:%d" % (to, dport), "say": say.decode(), "wait": wait, "got": got})
        return got
    def connect(self, pod, port, to=VIP, dport=53, wait=0.5):
        with inside(pod):
            s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("0.0.0.0", port)); s.settimeout(wait)
        t = self.at()
        try:
            s.connect((to, dport)); s.send(b"q"); got = s.recv(64).decode()
        except socket.timeout: got = "nothing"
        except OSError as e: got = {111: "ECONNREFUSED", 113: "EHOSTUNREACH", 104: "ECONNRESET"}.get(e.errno, e.strerror)
        self.tcp[(pod, port)] = s
        self.steps.append({"t": t, "do": "connect", "from": pod, "port": port, "to": "%s:%d" % (to, dport), "wait": wait, "got": got})
    def tcp_do(self, pod, port, what):
        s = self.tcp[(pod, port)]
        self.note(do="tcp", **{"from": pod}, port=port, what=what)
        if what == "close": s.close()
        elif what == "reset": s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)); s.close()
        elif what == "server-closes": s.send(b"close")
        elif what == "say": s.send(b"q"); s.recv(64)
        time.sleep(0.3)
    def service(self, scheduler="rr", servers=("b1", "b2"), more="", protocols="ut", weights=None):
        for p in protocols:
            self.run(f"ipvsadm -A -{p} {VIP}:53 -s {scheduler} {more}".strip())
            for i, b in enumerate(servers): self.run(f"ipvsadm -a -{p} {VIP}:53 -r {PODS[b]}:53 -m -w {(weights or {}).get(b, 1)}")
    def lists(self):
        self.run("ipvsadm -Ln"); self.run("ipvsadm -Lnc")
    def finish(self, out):
        path = os.path.join(out, self.name + ".json")
        meta = {"name": self.name, "about": self.about, "kernel": os.uname().release, "ipvsadm": "1.31", "hz": 100,
                "world": {"vip": VIP, "pods": PODS, "rules": self.rules.splitlines()}, "steps": self.steps}
        with open(path, "w") as f: f.write("{\n" + ",\n".join(" %s: %s" % (json.dumps(k), json.dumps(v) if k != "steps" else "[\n" + ",\n".join("  " + json.dumps(s) for s in v) + "\n ]") for k, v in meta.items()) + "\n}\n")
        for s in list(self.udp.values()) + list(self.tcp.values()): s.close()


def rr_order():
    c = Case("rr-order", "round robin: one position for all clients, the newest server first; a known flow stays")
    c.service()
    for pod, port in [("a", 40001), ("a", 40002), ("c", 40001), ("c", 40003), ("a", 40001), ("a", 40002), ("a", 40004)]: c.query(pod, port)
    c.lists(); c.run("conntrack -L -p udp 2>/dev/null | sort")
    c.run(f"ipvsadm -a -u {VIP}:53 -r {PODS['b3']}:53 -m -w 1")
    for port in range(40010, 40016): c.query("a", port)
    c.run(f"ipvsadm -d -u {VIP}:53 -r {PODS['b2']}:53")
    for port in range(40020, 40024): c.query("a", port)
    return c

def udp_timer():
    c = Case("udp-timer", "a UDP connection's time: renewed by packets of either direction; --set; when it really ends")
    c.service(protocols="u")
    c.query("a", 40001); c.run("ipvsadm -Lnc"); c.sleep(10); c.run("ipvsadm -Lnc")
    c.query("a", 40001, say=b"silent", wait=0.1); c.run("ipvsadm -Lnc")
    c.query("a", 40002, say=b"late5", wait=6); c.run("ipvsadm -Lnc")
    c.run("ipvsadm --set 0 0 20"); c.run("ipvsadm -L --timeout"); c.query("a", 40003); c.run("ipvsadm -Lnc")
    for _ in range(9): c.sleep(3); c.run("ipvsadm -Lnc")
    return c

def udp_300():
    c = Case("udp-300", "one query: its connection and conntrack's entry over 310 s")
    c.service(protocols="u")
    c.query("a", 40001); c.run("ipvsadm -Ln"); c.run("conntrack -L -p udp 2>/dev/null")
    c.sleep(29); c.run("conntrack -L -p udp 2>/dev/null"); c.sleep(3); c.run("conntrack -L -p udp 2>/dev/null"); c.run("ipvsadm -Lnc")
    c.sleep(200); c.run("ipvsadm -Lnc"); c.query("a", 40001); c.run("conntrack -L -p udp 2>/dev/null"); c.run("ipvsadm -Lnc")
    c.sleep(290); c.run("ipvsadm -Lnc"); c.sleep(9); c.run("ipvsadm -Lnc"); c.sleep(8); c.run("ipvsadm -Lnc"); c.run("ipvsadm -Ln")
    return c

def deleted(expire, name):
    c = Case(name, f"a real server is deleted under a busy fixed port, expire_nodest_conn={expire}")
    c.run(f"sysctl -qw net.ipv4.vs.expire_nodest_conn={expire}")
    c.service(protocols="u")
    c.query("a", 40001); c.query("a", 40002)
    c.lists()
    c.run(f"ipvsadm -d -u {VIP}:53 -r {PODS['b2']}:53"); c.sleep(0.5); c.lists(); c.run("conntrack -L -p udp 2>/dev/null | sort")
    for _ in range(3): c.query("a", 40001, wait=0.3)
    for _ in range(2): c.query("a", 40002, wait=0.3)
    c.lists()
    c.run(f"ipvsadm -a -u {VIP}:53 -r {PODS['b2']}:53 -m -w 1"); c.query("a", 40001, wait=0.3); c.query("a", 40009); c.lists()
    return c

def weight_zero():
    c = Case("weight-zero", "weight 0: known flows stay with the server, new ones go elsewhere")
    c.run("sysctl -qw net.ipv4.vs.expire_nodest_conn=1")
    c.service(protocols="u")
    c.query("a", 40001); c.query("a", 40002)
    c.run(f"ipvsadm -e -u {VIP}:53 -r {PODS['b2']}:53 -m -w 0")
    for port in (40001, 40003, 40004, 40001): c.query("a", port)
    c.lists()
    c.run(f"ipvsadm -e -u {VIP}:53 -r {PODS['b1']}:53 -m -w 0"); c.query("a", 40005); c.query("a", 40001)
    return c

def no_server():
    c = Case("no-server", "a virtual server without real ones: port unreachable, from the virtual address; no entry anywhere")
    c.service(servers=())
    c.query("a", 40001); c.connect("a", 50001)
    c.run("conntrack -L 2>/dev/null"); c.lists()
    c.query("a", 40002, dport=54); c.run("conntrack -L 2>/dev/null")
    return c

def closed_port():
    c = Case("closed-port", "a real server whose port is closed: the error comes from the virtual server's address")
    c.service(protocols="u", servers=("b1",))
    c.query("a", 40001); c.close_port("b1"); c.query("a", 40001); c.query("a", 40002); c.lists()
    return c

def host_client():
    c = Case("host-client", "a process of the node itself: its source is the virtual address, masqueraded on the way")
    c.service()
    c.query("node", 40001); c.connect("node", 50001); c.run("ipvsadm -Lnc"); c.run("conntrack -L 2>/dev/null | sort")
    return c

def scheduler(name, weights, servers=("b1", "b2", "b3")):
    c = Case("scheduler-" + name, f"{name} with weights {weights}: 12 flows over UDP, 6 over TCP that stay open, then 6 over UDP from another client")
    c.service(scheduler=name, servers=servers, weights=weights)
    for port in range(40001, 40013): c.query("a", port)
    for port in range(50001, 50007): c.connect("a", port)
    for port in range(40001, 40007): c.query("c", port)
    c.run("ipvsadm -Ln")
    return c

def tcp_states():
    c = Case("tcp-states", "states and times of TCP connections")
    c.service(protocols="t")
    c.connect("a", 50001); c.connect("a", 50002); c.connect("a", 50003); c.lists()
    c.tcp_do("a", 50001, "close"); c.run("ipvsadm -Lnc")
    c.tcp_do("a", 50002, "server-closes"); c.run("ipvsadm -Lnc"); c.tcp_do("a", 50002, "close"); c.run("ipvsadm -Lnc")
    c.tcp_do("a", 50003, "reset"); c.run("ipvsadm -Lnc"); c.run("ipvsadm -Ln")
    return c

def tcp_reuse(mode):
    c = Case("tcp-reuse-%d" % mode, f"a client port used again while its connection is in TIME_WAIT, conn_reuse_mode={mode}; and its server then weight 0")
    c.run(f"sysctl -qw net.ipv4.vs.conn_reuse_mode={mode} net.ipv4.vs.expire_nodest_conn=1")
    c.service(protocols="t")
    c.connect("a", 50001); c.tcp_do("a", 50001, "server-closes"); c.tcp_do("a", 50001, "close"); c.run("ipvsadm -Lnc")
    c.connect("a", 50001); c.run("ipvsadm -Lnc"); c.tcp_do("a", 50001, "server-closes"); c.tcp_do("a", 50001, "close")
    c.run(f"ipvsadm -e -t {VIP}:53 -r {PODS['b2']}:53 -m -w 0; ipvsadm -e -t {VIP}:53 -r {PODS['b1']}:53 -m -w 0; ipvsadm -a -t {VIP}:53 -r {PODS['b3']}:53 -m -w 1")
    c.connect("a", 50001); c.run("ipvsadm -Lnc")
    return c

def persistence():
    c = Case("persistence", "sessionAffinity: a client stays with a server; weight 0 and expire_quiescent_template")
    c.run("sysctl -qw net.ipv4.vs.expire_quiescent_template=1")
    c.service(more="-p 60")
    for port in (40001, 40002): c.query("a", port)
    c.query("c", 40001); c.connect("a", 50001); c.lists()
    c.run(f"ipvsadm -e -u {VIP}:53 -r {PODS['b2']}:53 -m -w 0")
    for port in (40001, 40003): c.query("a", port)
    c.query("c", 40002); c.lists()
    return c

CASES = [rr_order, udp_timer, lambda: deleted(1, "deleted-expire-1"), lambda: deleted(0, "deleted-expire-0"), weight_zero, no_server,
         closed_port, host_client, tcp_states, lambda: tcp_reuse(1), lambda: tcp_reuse(0), persistence,
         lambda: scheduler("wrr", {"b1": 1, "b2": 3, "b3": 2}), lambda: scheduler("lc", {}), lambda: scheduler("wlc", {"b1": 1, "b2": 3, "b3": 2}),
         lambda: scheduler("sh", {}), lambda: scheduler("dh", {}), lambda: scheduler("sed", {"b1": 1, "b2": 3, "b3": 2}), lambda: scheduler("nq", {"b1": 1, "b2": 3, "b3": 2}), udp_300]

if __name__ == "__main__":
    out = sys.argv[1]; os.makedirs(out, exist_ok=True)
    wanted = sys.argv[2:]
    for make in CASES:
        started = time.time()
        try:
            case = make()
            case.finish(out); print(case.name, round(time.time() - started, 1), flush=True)
        except Exception as e:
            import traceback; traceback.print_exc(); print("FAILED", e, flush=True)
