#!/usr/bin/env python3
"""What real iptables makes of rules: each is restored alone into an empty namespace and printed by iptables-save.

Needs root, iproute2's or util-linux's unshare, iptables (nft and legacy). Usage: record.py rules.txt > prints.txt
A line of rules.txt is a table and what an iptables-save text would say there.
"""
import json
import re
import subprocess
import sys

CHAINS = ['PATH-A', 'PATH-B']


def printed(backend: str, table: str, rule: str) -> dict:
    text = '\n'.join([f'*{table}', *(f':{name} - [0:0]' for name in CHAINS), rule, 'COMMIT', ''])
    script = f'/sbin/iptables-{backend}-restore -c && /sbin/iptables-{backend}-save -c -t {table}'
    done = subprocess.run(['unshare', '-n', 'sh', '-c', script], input=text, capture_output=True, text=True)
    if done.returncode != 0:
        return {'refused': re.sub(r'^.*?: ', '', done.stderr.strip().splitlines()[0])}
    return {'lines': [line for line in done.stdout.splitlines() if ' -A ' in line]}


def main() -> None:
    for line in open(sys.argv[1], encoding='utf-8'):
        line = line.rstrip('\n')
        if line == '' or line.startswith('#'):
            continue
        table, rule = line.split(' ', 1)
        nft, legacy = printed('nft', table, rule), printed('legacy', table, rule)
        case = {'table': table, 'given': rule, **nft, **({} if legacy == nft else {'legacy': legacy})}
        print(json.dumps(case, ensure_ascii=False))


main()
