#!/usr/bin/env python3
"""errno20.py OUT: the four musl calls whose errno differs from run to run, twenty times each: how often which errno."""
import collections, json, os, subprocess, sys, time
HERE = os.path.dirname(os.path.abspath(__file__)); REC = sys.argv[2]; ns = 'rc8e'
sh = lambda c: subprocess.run(c, shell=True, check=True)
subprocess.run(f'ip netns del {ns}', shell=True, capture_output=True); sh(f'ip netns add {ns}'); os.makedirs(f'/etc/netns/{ns}', exist_ok=True)
sh(f'ip netns exec {ns} sh -c "ip link set lo up; ip link add dummy0 type veth peer name dummy1; ip link set dummy1 up; ip addr add 10.77.0.1/24 dev dummy0; ip addr add 10.77.0.2/24 dev dummy0; ip addr add 10.77.0.3/24 dev dummy0; ip link set dummy0 up"')
time.sleep(1.6); out = []
for name, client in (('musl123-06-absfirst-nx-no-search', 'gai_musl'), ('musl123-15-tc-empty', 'gai_musl'), ('musl125-06-absfirst-nx-no-search', 'gai_musl_new'), ('musl125-16-nx-race-two-servers', 'gai_musl_new')):
    r = json.load(open(f'{REC}/{name}.json')); spec = f'/tmp/{ns}.json'; json.dump(dict(listen=r['listen'], rules=r['serverBehaviour']), open(spec, 'w'))
    open(f'/etc/netns/{ns}/resolv.conf', 'w').write(r['resolvConf']); seen = collections.Counter()
    for _ in range(20):
        s = subprocess.Popen(['ip', 'netns', 'exec', ns, sys.executable, HERE + '/fakedns.py', spec, f'/tmp/{ns}.log'], stdout=subprocess.PIPE); s.stdout.readline()
        o = subprocess.run(['ip', 'netns', 'exec', ns, f'{HERE}/{client}'] + r['callArgs'].split(), capture_output=True, text=True).stdout
        s.terminate(); s.wait(); seen[json.loads(o)['errno']] += 1
    out.append(dict(name=name, runs=20, errno=dict(sorted(seen.items()))))
json.dump(out, open(sys.argv[1], 'w'), indent=1); print(out)
subprocess.run(f'ip netns del {ns}; rm -rf /etc/netns/{ns} /tmp/{ns}.json /tmp/{ns}.log', shell=True)
