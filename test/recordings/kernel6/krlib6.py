"""krlib.py over IPv6: the same topology, rules and records with ip6tables and /128 pods (namespaces krv6*)."""
import os, socket, struct, sys, threading, time
HERE6 = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE6, "..", "kernel"))
import krlib
from krlib import answer, make_q, parse_ct, svc_chain, sep_chain
krlib.HERE = HERE6
VIP, PODCIDR = "fd00:10:96::a", "fd00:10:244::/56"
NODE = "fd00:10:244:1::1"
# Everything but neighbour discovery and multicast listener reports, which the kernel sends when it likes.
PCAP = "ip or (ip6 and not (icmp6 and ip6[40] >= 130 and ip6[40] <= 137) and not ip6 proto 0)"

class Exp6(krlib.Exp):
    owners = {}  # namespaces by file descriptor of their sockets
    def ns(self, x):
        krlib.subprocess.run(["ip", "netns", "del", self.n(x)], capture_output=True)
        krlib.subprocess.run(["ip", "netns", "add", self.n(x)], check=True); self.nss.append(x)
        self.sh(x, "sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.accept_ra=0 net.ipv6.conf.default.router_solicitations=0; ip link set lo up")
    def node(self):
        self.ns("node"); self.sh("node", "sysctl -qw net.ipv6.conf.all.forwarding=1")
    def pod(self, x, ip, mtu=1500):
        self.ns(x)
        self.sh("node", f"ip link add v-{x} mtu {mtu} type veth peer name eth0 mtu {mtu} netns {self.n(x)}; ip addr add {NODE}/128 dev v-{x} nodad; ip link set v-{x} up")
        self.sh(x, f"ip addr add {ip}/128 dev eth0 nodad; ip link set eth0 up; ip -6 route add {NODE} dev eth0; ip -6 route add default via {NODE} dev eth0")
        self.sh("node", f"ip -6 route add {ip}/128 dev v-{x}")
        self.rec("topology", op="pod-add", pod=x, ip=ip, link=f"v-{x}<->eth0", node_route=f"{ip}/128 dev v-{x}")
    def gw(self):
        self.ns("gw")
        self.sh("node", f"ip link add uplink type veth peer name eth0 netns {self.n('gw')}; ip addr add fd00:100::2/64 dev uplink nodad; ip link set uplink up")
        self.sh("gw", "ip addr add fd00:100::1/64 dev eth0 nodad; ip link set eth0 up; sysctl -qw net.ipv6.conf.all.forwarding=1; ip -6 route add blackhole default")
        self.sh("node", "ip -6 route add default via fd00:100::1 dev uplink")
        self.rec("topology", op="gw-add", node_uplink="fd00:100::2/64", gw="fd00:100::1", gw_behaviour="forwards nothing: blackhole default route (silent drop)")
    def base_rules(self, masq_args="--random-fully"):
        rules = f"""*nat
:KUBE-SERVICES - [0:0]
:KUBE-MARK-MASQ - [0:0]
:KUBE-POSTROUTING - [0:0]
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
-A POSTROUTING -s {PODCIDR} ! -d {PODCIDR} -m comment --comment "CNI/ip-masq: pod to outside" -j MASQUERADE {masq_args}
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0
-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE {masq_args}
COMMIT
*filter
:KUBE-SERVICES - [0:0]
:KUBE-FORWARD - [0:0]
-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
-A KUBE-FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT
-A KUBE-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
"""
        self.sh("node", "ip6tables-restore", inp=rules)
        self.seps = set()
    def program(self, eps, proto="udp", mode=None, reject="icmp6-port-unreachable"):
        spn = "kube-system/kube-dns:dns" + ("-tcp" if proto == "tcp" else "")
        svc = svc_chain(spn, proto)
        lines = ["*nat", ":KUBE-SERVICES - [0:0]"]
        new = {ep: sep_chain(spn, proto, f"[{ep}]:53") for ep in eps}
        old = set(self.seps) - set(new.values())
        if eps or svc in self.seps or old: lines += [f":{svc} - [0:0]"]
        for c in list(new.values()) + list(old): lines.append(f":{c} - [0:0]")
        if eps:
            lines.append(f'-A KUBE-SERVICES -d {VIP}/128 -p {proto} -m comment --comment "{spn} cluster IP" -m {proto} --dport 53 -j {svc}')
            lines.append(f'-A {svc} ! -s {PODCIDR} -d {VIP}/128 -p {proto} -m comment --comment "{spn} cluster IP" -m {proto} --dport 53 -j KUBE-MARK-MASQ')
            for i, ep in enumerate(eps):
                left = len(eps) - i
                st = f"-m statistic --mode random --probability {1.0/left:.10f} " if left > 1 else ""
                lines.append(f'-A {svc} -m comment --comment "{spn} -> [{ep}]:53" {st}-j {new[ep]}')
                lines.append(f'-A {new[ep]} -s {ep}/128 -m comment --comment "{spn}" -j KUBE-MARK-MASQ')
                lines.append(f'-A {new[ep]} -p {proto} -m comment --comment "{spn}" -m {proto} -j DNAT --to-destination [{ep}]:53')
        for c in old: lines.append(f"-X {c}")
        lines.append("COMMIT")
        self.seps = set(new.values())
        fl = ["*filter", ":KUBE-SERVICES - [0:0]"]
        if mode == "reject":
            fl.append(f'-A KUBE-SERVICES -d {VIP}/128 -p {proto} -m comment --comment "{spn} has no endpoints" -m {proto} --dport 53 -j REJECT --reject-with {reject}')
        fl.append("COMMIT")
        self.sh("node", "ip6tables-restore --noflush", inp="\n".join(fl + lines) + "\n")
        self.rec("rules", eps=eps, proto=proto, no_endpoints=mode, ip6tables_save=self.save())
    def save(self):
        return [l for l in self.sh("node", "ip6tables-save -t raw; ip6tables-save -t filter; ip6tables-save -t nat").splitlines() if l and not l.startswith("#")]
    def watch(self, ns="node", pcap=PCAP): super().watch(ns, pcap)
    def snap(self, ns="node", why=""):
        out = krlib.subprocess.run(["ip", "netns", "exec", self.n(ns), "conntrack", "-L", "-f", "ipv6", "-o", "id"], capture_output=True, text=True).stdout
        es = [parse_ct(l) for l in out.splitlines() if l.strip()]
        self.rec("ct-list", ns=ns, why=why, entries=es); return es
    def sock(self, ns, typ=socket.SOCK_DGRAM, bind=None):
        with self.inside(ns):
            s = socket.socket(socket.AF_INET6, typ)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if bind: s.bind(bind)
        self.owners[s.fileno()] = ns
        return s
    def server(self, ns, ip, who=None, delay=0, pad=0, port=53):
        s = self.sock(ns, bind=(ip, port)); s.settimeout(0.2); flag = {"stop": False}
        def loop():
            while not (flag["stop"] or self.stop):
                try: d, a = s.recvfrom(4096)
                except socket.timeout: continue
                except OSError: return
                if delay: time.sleep(delay)
                r = answer(d, who or ns, pad)
                try: s.sendto(r, a)
                except OSError as e: self.rec("server-error", who=ns, err=str(e)); continue
                self.rec("server-answered", who=who or ns, to="[%s]:%d" % a[:2], id=struct.unpack(">H", d[:2])[0], bytes=len(r))
            s.close()
        th = threading.Thread(target=loop, daemon=True); th.start()
        def stop(): flag["stop"] = True; th.join(1)
        return stop
    def query(self, s, qid, dst=(VIP, 53), timeout=1.0, qtype=1, who="client"):
        src = s.getsockname(); q = make_q(qid, qtype)
        t = self.rec("send", ns=self.owners[s.fileno()], who=who, proto="udp", sport=src[1], dst="[%s]:%d" % dst, id=qid)
        try: s.sendto(q, dst)
        except OSError as e: self.rec("send-error", who=who, id=qid, errno=e.errno, err=e.strerror); return None
        end = time.time() + timeout
        while True:
            left = end - time.time()
            if left <= 0: self.rec("no-reply", who=who, id=qid, waited=timeout); return None
            s.settimeout(left)
            try: d, a = s.recvfrom(4096)
            except socket.timeout: continue
            except OSError as e: self.rec("recv-error", who=who, id=qid, errno=e.errno, err=e.strerror); return "err"
            rid = struct.unpack(">H", d[:2])[0]
            self.rec("reply", who=who, id=rid, frm="[%s]:%d" % a[:2], sport=src[1], rtt_ms=round((time.time() - self.t0 - t) * 1000, 3), answer=socket.inet_ntoa(d[-4:]), bytes=len(d))
            if rid == qid: return d

class Conn:
    """A connected socket: send instead of sendto."""
    def fileno(self): return self.s.fileno()
    def __init__(self, s): self.s = s
    def getsockname(self): return self.s.getsockname()
    def sendto(self, d, a): return self.s.send(d)
    def settimeout(self, t): self.s.settimeout(t)
    def recvfrom(self, n): return self.s.recvfrom(n)
