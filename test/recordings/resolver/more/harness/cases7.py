"""Pairs of replies: what the first of two servers says to A, and to AAAA; and sequences, names and files that the other tables leave out."""
from cases import *
CASES = []
KINDS = ['answer', 'servfail', 'refused', 'nxdomain', 'nodata', 'formerr', 'notimp', 'drop', 'tc', 'wrongid']
def rules(a, b, where=S1, names=None):
    more = {'name': names} if names else {}
    return [{'server': where, 'qtype': 'A', 'proto': 'udp' if a == 'tc' else '*', 'do': a, **more}, {'server': where, 'qtype': 'AAAA', 'proto': 'udp' if b == 'tc' else '*', 'do': b, **more}]
REST = [{'server': S1, 'do': 'answer'}, {'do': 'answer', 'ip4': '192.0.2.77', 'ip6': '2001:db8::77'}]
SHORT = 'options timeout:1 attempts:1\n'
def every(client, prefix, args):
    k = 0
    for a in KINDS:
        for b in KINDS:
            if 'wrongid' in (a, b) and 'answer' not in (a, b): continue
            k += 1
            CASES.append(dict(client=client, name=f'{prefix}-x{k:02d}-a-{a}-aaaa-{b}', resolv=NS2 + SHORT, args=args, rules=rules(a, b) + REST, est=3))
            if k % 4 == 0:
                CASES.append(dict(client=client, name=f'{prefix}-y{k:02d}-search-a-{a}-aaaa-{b}', resolv='search one.test two.test\n' + NS1 + 'options timeout:1 ndots:3\n', args=args, rules=rules(a, b, S1, r'host\.example\.com\.one\.test\.') + [{'name': r'.*two\.test\.', 'do': 'nxdomain'}] + REST, est=4))
every('glibc', 'glibc', [H])
every('musl_new', 'musl125', [H])
every('musl', 'musl123', [H])
every('go119', 'go119', ['ip:' + H])
