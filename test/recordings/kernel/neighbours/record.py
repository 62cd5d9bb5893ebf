"""As root: python3 record.py > runs.txt. A pod on a bridge goes while somebody goes on sending to it through the node.

Made as flannel's nodes are (CNI plugin `bridge`): pods are ports of cni0, whose own MAC is set, so that it does not follow
its ports'. A client behind the node asks the pod every so often; then the pod's link is deleted, as at its end.
One line a run, seconds since the first query: `reachable` (drawn by the kernel, ip ntable), `every`, `gone`, the state of
the node's neighbour entry whenever it changes (read each 50 ms), and when the client was told "No route to host"."""
import json, socket, subprocess, sys, threading, time

RUNS = [(1, 20), (1, 50), (1, 60), (2, 33), (12, 50), (60, 100), (3, 40), (1, 12)]

def sh(ns, command):
    return subprocess.run(["ip", "netns", "exec", ns, "sh", "-ec", command], check=True, capture_output=True, text=True).stdout

def run(n, every, gone, rows):
    node, pod, other, client = [f"nb{n}{x}" for x in "npoc"]
    for ns in (node, pod, other, client):
        subprocess.run(["ip", "netns", "add", ns], check=True)
        sh(ns, "ip link set lo up; sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1")
    try:
        sh(node, "sysctl -qw net.ipv4.ip_forward=1; ip link add cni0 type bridge; ip link set cni0 type bridge mcast_snooping 0; "
                 "ip addr add 10.244.2.1/24 dev cni0; ip link set cni0 up; ip link set cni0 address 0a:58:0a:f4:02:01; "
                 f"ip link add veth-c type veth peer name eth0 netns {client}; ip addr add 10.244.1.1/24 dev veth-c; ip link set veth-c up")
        sh(client, "ip addr add 10.244.1.10/24 dev eth0; ip link set eth0 up; ip route add default via 10.244.1.1")
        for ns, address in ((pod, "10.244.2.20"), (other, "10.244.2.21")):
            sh(node, f"ip link add veth-{ns} type veth peer name eth0 netns {ns}; ip link set veth-{ns} master cni0 up")
            sh(ns, f"ip addr add {address}/24 dev eth0; ip link set eth0 up; ip route add default via 10.244.2.1")
        words = sh(node, "ip -o ntable show dev cni0 name arp_cache").split()
        row = {"reachable": int(words[words.index("reachable") + 1]) / 1000, "every": every, "gone": None, "states": [], "told": []}
        asker = subprocess.Popen(["ip", "netns", "exec", client, sys.executable, "-c", f"""
import socket, sys, threading, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.setsockopt(socket.IPPROTO_IP, 11, 1); s.connect(("10.244.2.20", 9))
start = time.time(); print(start, flush=True)
for k in range(10 ** 6):
    while time.time() < start + {every} * k:
        try: s.settimeout(max(0.001, start + {every} * k - time.time())); s.recv(9)
        except TimeoutError: pass
        except OSError as e:
            if e.errno == 113: print("told", time.time(), flush=True)
    try: s.send(b"x")
    except OSError as e:
        print("told" if e.errno == 113 else e.errno, time.time(), flush=True); s.send(b"x")
"""], stdout=subprocess.PIPE, text=True)
        start = float(asker.stdout.readline())
        def listen():
            for line in asker.stdout:
                if line.startswith("told"): row["told"].append(round(float(line.split()[1]) - start, 2))
        listener = threading.Thread(target=listen); listener.start()
        state, until = "", gone + max(70, 2 * every)
        while time.time() < start + until:
            now = time.time() - start
            if row["gone"] is None and now >= gone:
                sh(node, f"ip link del veth-{pod}"); row["gone"] = round(time.time() - start, 2)
            seen = (sh(node, "ip neigh show 10.244.2.20 dev cni0").split() or ["none"])[-1]
            if seen != state: row["states"].append([round(now, 2), seen]); state = seen
            if len(row["told"]) >= 2: break
            time.sleep(0.05)
        asker.kill(); listener.join(); row["told"] = row["told"][:2]; rows[n] = row
    finally:
        for ns in (node, pod, other, client): subprocess.run(["ip", "netns", "del", ns])

rows = {}
threads = [threading.Thread(target=run, args=(n, every, gone, rows)) for n, (every, gone) in enumerate(RUNS)]
for thread in threads: thread.start()
for thread in threads: thread.join()
for n in sorted(rows): print(json.dumps(rows[n]))
