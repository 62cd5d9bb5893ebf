"""How resolv.conf, /etc/hosts and nsswitch.conf are read."""
from cases import *
CASES = []
def case(client, name, resolv, args, rules, **more):
    CASES.append(dict(client=client, name=name, resolv=resolv, args=args if isinstance(args, list) else args.split(), rules=rules, **more))
# Whoever is asked tells by its address who was asked.
WHO = [{'server': S1, 'name': r'x\.y\.', 'do': 'answer', 'ip4': '192.0.2.1'}, {'server': S2, 'name': r'x\.y\.', 'do': 'answer', 'ip4': '192.0.2.2'}, {'server': S3, 'name': r'x\.y\.', 'do': 'answer', 'ip4': '192.0.2.3'}, {'do': 'nxdomain'}]
R = [
 ('crlf', f'search a.test\r\nnameserver {S1}\r\noptions ndots:5\r\n'),
 ('comment-glued', f'nameserver {S1};x\nnameserver {S2}#x\nnameserver {S3}\n'),
 ('comment-after-search', f'search a.test # b.test\nnameserver {S1} ; first\noptions ndots:3 # timeout:1\n'),
 ('no-final-newline', f'search a.test\noptions ndots:5\nnameserver {S1}'),
 ('empty-search', f'search a.test\nsearch\nsearch \nnameserver {S1}\noptions ndots:5\n'),
 ('domain-two-words', f'domain a.test b.test\nnameserver {S1}\noptions ndots:5\n'),
 ('options-equals', f'search a.test\nnameserver {S1}\noptions ndots=5\n'),
 ('upper-case', f'SEARCH a.test\nNAMESERVER {S2}\nnameserver {S1}\nOPTIONS ndots:5\n'),
 ('upper-option', f'search a.test\nnameserver {S1}\noptions NDOTS:5\n'),
 ('short-address', f'nameserver 10.77.1\nsearch a.test\n'),
 ('octal-address', f'nameserver 012.0115.0.01\nnameserver {S2}\n'),
 ('two-on-a-line', f'nameserver {S1} {S2}\nnameserver {S3}\n'),
 ('option-inside-word', f'search a.test\nnameserver {S1}\noptions xndots:5\n'),
 ('option-prefix', f'search a.test\nnameserver {S1}\noptions ndots:5x edns0x\n'),
 ('ndots-twice', f'search a.test\nnameserver {S1}\noptions ndots:5 ndots:1\n'),
 ('ndots-negative', f'search a.test\nnameserver {S1}\noptions ndots:-3\n'),
 ('ndots-empty', f'search a.test\nnameserver {S1}\noptions ndots:\n'),
 ('tabs', f'search\ta.test\tb.test\nnameserver\t{S1}\noptions\tndots:5\n'),
 ('two-blanks', f'search  a.test   b.test  \nnameserver   {S1}  \noptions   ndots:5  \n'),
 ('search-only-dot', f'search .\nnameserver {S1}\noptions ndots:5\n'),
 ('ipv6-first', f'nameserver ::1\nnameserver {S1}\noptions ndots:1\n'),
 ('other-keywords', f'lookup file bind\nfamily inet4\nsortlist 10.0.0.0\ninclude x\nnameserver {S1}\nsearch a.test\noptions ndots:5\n'),
 ('empty', ''),
 ('search-same-twice', f'search a.test a.test b.test\nnameserver {S1}\noptions ndots:5\n'),
 ('seven-domains', 'search ' + ' '.join(f'd{i}.test' for i in range(7)) + f'\nnameserver {S1}\noptions ndots:5\n'),
 ('search-300-characters', 'search ' + ' '.join(f'd{i}-{"x"*50}.test' for i in range(5)) + f'\nnameserver {S1}\noptions ndots:5\n'),
 ('bad-address', f'nameserver kube-dns\nnameserver 10.77.0\nnameserver 10.77.0.256\nnameserver {S2}\n'),
 ('address-with-port', f'nameserver {S1}:53\nnameserver [{S1}]:53\nnameserver {S2}\n'),
 ('colon-comment-line', f'; nameserver {S2}\n#nameserver {S3}\n # nameserver {S3}\nnameserver {S1}\n'),
 ('search-upper-case', f'search A.Test\nnameserver {S1}\noptions ndots:5\n'),
]
for i, (name, resolv) in enumerate(R):
    for client, prefix in (('glibc', 'glibc'), ('musl', 'musl123'), ('musl_new', 'musl125')):
        case(client, f'{prefix}-r{i:02d}-{name}', resolv, ['x.y', 'x'], WHO)
    case('go', f'go-r{i:02d}-{name}', resolv, ['ip:x.y', 'ip:x'], WHO)
    case('node', f'node-r{i:02d}-{name}', resolv, ['resolve4:x.y'], WHO, timeout=60)
HOSTS = '127.0.0.1 localhost\n::1 localhost\n192.0.2.81 One.example.com one # two\n192.0.2.82 two.example.com one\n2001:db8::82 two.example.com\nnot-an-address three\n192.0.2.84\tfour.example.com\tfour\n2001:db8::85 six\n  192.0.2.86 indented\n'
HR = [{'do': 'answer', 'ip4': '192.0.2.1'}]
HK = SEARCH + NS1 + 'options ndots:5\n'
NAMES = ['one', 'ONE', 'one.example.com', 'two.example.com', 'three', 'four.', 'four', 'six', 'indented', 'localhost']
SW = [
 ('files-dns', 'hosts: files dns\n', NAMES),
 ('dns-files', 'hosts: dns files\n', ['one', 'four']),
 ('files', 'hosts: files\n', ['one', 'nine.example.com']),
 ('dns', 'hosts: dns\n', ['one', 'localhost']),
 ('files-notfound-return', 'hosts: files [NOTFOUND=return] dns\n', ['one', 'nine.example.com']),
 ('dns-unavail-return', 'hosts: dns [!UNAVAIL=return] files\n', ['one']),
 ('myhostname', 'hosts: files myhostname dns\n', ['one', 'nine.example.com']),
 ('unknown-module', 'hosts: files nosuch [NOTFOUND=return] dns # comment\n', ['nine.example.com']),
 ('upper', 'HOSTS: files\nhosts: dns\n', ['one']),
]
for i, (name, text, names) in enumerate(SW):
    for client, prefix in (('glibc', 'glibc'), ('musl_new', 'musl125')):
        case(client, f'{prefix}-h{i:02d}-{name}', HK, names, HR, hosts=HOSTS, **{'nsswitch.conf': text})
    case('go', f'go-h{i:02d}-{name}', HK, ['ip:' + n for n in names], HR, hosts=HOSTS, **{'nsswitch.conf': text})
NXR = [{'do': 'nxdomain'}]
for name, text in (('dns-files', 'hosts: dns files\n'), ('dns-unavail-return', 'hosts: dns [!UNAVAIL=return] files\n')):
    case('glibc', f'glibc-h1-{name}-nx', HK, ['one', 'nine'], NXR, hosts=HOSTS, **{'nsswitch.conf': text})
    case('go', f'go-h1-{name}-nx', HK, ['ip:one', 'ip:nine'], NXR, hosts=HOSTS, **{'nsswitch.conf': text})
    for kind, rules in (('dead', DEAD), ('servfail', [{'do': 'servfail'}])):
        case('glibc', f'glibc-h1-{name}-{kind}', opt(HK, 'timeout:1 attempts:1'), ['one'], rules, hosts=HOSTS, **{'nsswitch.conf': text})
        case('go', f'go-h1-{name}-{kind}', opt(HK, 'timeout:1 attempts:1'), ['ip:one'], rules, hosts=HOSTS, **{'nsswitch.conf': text})
    case('glibc', f'glibc-h1-{name}-closed', HK.replace(S1, CLOSED), ['one'], DEAD, hosts=HOSTS, **{'nsswitch.conf': text})
for client, flag in (('glibc', '-4'), ('glibc', '-6'), ('musl_new', '-4'), ('musl_new', '-6'), ('musl', '-4')):
    prefix = {'glibc': 'glibc', 'musl_new': 'musl125', 'musl': 'musl123'}[client]
    case(client, f'{prefix}-h2-family{flag}', HK, [flag, 'one', 'two.example.com', 'six', 'localhost'], HR, hosts=HOSTS, **{'nsswitch.conf': 'hosts: files dns\n'})
for kind in ('ip4', 'ip6'):
    case('go', f'go-h2-family-{kind}', HK, [f'{kind}:{n}' for n in ('one', 'two.example.com', 'six', 'localhost')], HR, hosts=HOSTS, **{'nsswitch.conf': 'hosts: files dns\n'})
case('node', 'node-h2-resolve4', HK, ['resolve4:one', 'lookup:one', 'lookup:two.example.com', 'resolve4:localhost'], HR, hosts=HOSTS, **{'nsswitch.conf': 'hosts: files dns\n'})
case('java17', 'java17-h2', HK, ['one', 'two.example.com', 'six'], HR, hosts=HOSTS, tolerance_ms=150, **{'nsswitch.conf': 'hosts: files dns\n'})
