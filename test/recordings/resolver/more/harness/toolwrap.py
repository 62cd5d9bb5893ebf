#!/usr/bin/env python3
"""toolwrap.py PROGRAM… -- NAME…: one run of the program a name. result: exit code and the last line that tells how it went."""
import sys, time, subprocess, json
i = sys.argv.index('--'); prog = sys.argv[1:i]
for n in sys.argv[i+1:]:
    s = time.monotonic_ns(); p = subprocess.run(prog + [n], capture_output=True, text=True); e = time.monotonic_ns()
    lines = [l.strip() for l in (p.stdout + p.stderr).splitlines() if l.strip()]
    told = [l for l in lines if not l.startswith(('Server:', 'Non-auth')) and not l.startswith('Name:')]
    addrs = [l.split()[-1] for l in lines if ('has address' in l or 'has IPv6' in l or (l.startswith('Address') and '#53' not in l and ':53' not in l))]
    print(json.dumps(dict(start=s, end=e, name=n, result=f'rc={p.returncode} {"" if addrs else told[-1] if told else ""}'.strip(), addrs=addrs, count=len(addrs))))
