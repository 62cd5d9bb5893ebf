"""What Go's own resolver changed with a release: nsswitch.conf, odd names, replies over TCP with TC, referrals without RA, replies larger than asked for, and a resolv.conf without a server."""
from cases import *
CASES = []
RELEASES = ['go119', 'go121', 'go122', 'go123', 'go125', 'go', 'go127']
HOSTS = '127.0.0.1 localhost\n192.0.2.50 host.example.com only-here\n2001:db8::50 host.example.com\n'
def case(client, name, resolv, args, rules, **more):
    CASES.append(dict(client=client, name=name, resolv=resolv, args=args if isinstance(args, list) else args.split(), rules=rules, **more))
def every(name, resolv, args, rules=OK, releases=RELEASES, **more):
    for r in releases: case(r, f'{"go126" if r == "go" else r}-{name}', resolv, args, rules, est=1, **more)
NSS = ['files myhostname', 'myhostname files', 'dns myhostname files', 'resolve [!UNAVAIL=return] files', 'files resolve', 'resolve',
 'mymachines resolve [!UNAVAIL=return] files myhostname dns', 'files mdns4_minimal [NOTFOUND=return] dns', 'mdns4_minimal [NOTFOUND=return] dns files',
 'mdns4 dns', 'dns [NOTFOUND=return] files', 'dns [SUCCESS=return] files', 'files [SUCCESS=merge] dns', 'db files', 'dns db files', 'files\\tdns', '\\tdns files', 'dns\\tfiles', 'dns [NOTFOUND return] files', 'dns [!] files',
 'dns [NOTFOUND=return files', 'dns files [', 'FILES dns', 'dns dns files', 'dns[NOTFOUND=return] files', 'dns [ NOTFOUND=return ] files']
for k, line in enumerate(NSS):
    every(f'k{k:02d}-hosts', NS1, 'ip:host.example.com ip:only-here ip:host.local ip:localhost'.split(), hosts=HOSTS, **{'nsswitch.conf': 'hosts: ' + line.replace('\\t', '\t') + '\n'})
FILES = ['', 'passwd: files\n', 'hosts:\n', 'nonsense\nhosts: dns files\n', 'hosts: dns files\nnonsense\n', 'hosts: dns\nhosts: files\n', '  hosts: dns files\n', 'hosts : dns files\n', 'hosts: dns # files\n', '# x\n\nhosts:dns files\n']
for k, text in enumerate(FILES):
    every(f'k{40+k}-nsswitch', NS1, ['ip:host.example.com', 'ip:only-here'], hosts=HOSTS, **{'nsswitch.conf': text})
for k, w in enumerate(['edns0', 'trust-ad', 'no-reload', 'single-request', 'debug', 'inet6', 'ndots:2 foo']):
    every(f'k{50+k}-word-and-dns-files', NS1 + f'options {w}\n', ['ip:host.example.com'], hosts=HOSTS, **{'nsswitch.conf': 'hosts: dns files\n'})
SE = 'search a.test b.test\n'
every('l00-onion', SE + NS1, 'ip:x.onion ip:x.onion. ip:x.ONION ip:onion'.split(), [{'do': 'nxdomain'}])
every('l01-onion-search', 'search onion b.test\n' + NS1 + 'options ndots:3\n', 'ip:x.y ip:x'.split(), [{'do': 'nxdomain'}])
def long(n): return ('a' * 49 + '.') * (n // 50) + 'b' * (n % 50)
every('l02-lengths', SE + NS1, ['ip:' + long(n) + d for n in (244, 245, 246, 247, 248, 249, 252, 253, 254, 255) for d in ('', '.')], [{'do': 'nxdomain'}])
every('l03-lengths-ndots', 'search c b.test\n' + NS1 + 'options ndots:9\n', ['ip:' + long(n) for n in (249, 251, 252, 253, 254)], [{'do': 'nxdomain'}])
every('l04-odd', SE + NS1, ['ip:a\\b', 'ip:a%b', 'ip:_x._y', 'ip:-a', 'ip:a-', 'ip:1', 'ip:1.2', 'ip:1e1', 'ip:a..b', 'ip:.', 'ip:.a', 'ip:ü', 'ip:A_b', 'ip:x--y', 'ip:a.-b', 'ip:1.2.3.4', 'ip:01.2.3.4', 'ip:1.2.3.4.5', 'ip:fe80::1%eth0', 'ip4:::1', 'ip6:1.2.3.4', 'ip4:::ffff:1.2.3.4', 'ip6:::ffff:1.2.3.4'], [{'do': 'nxdomain'}])
every('l05-search-dot', 'search . a.test\n' + NS1, ['ip:host', 'ip:host.x'], [{'name': r'host\.', 'do': 'answer'}, {'do': 'nxdomain'}])
every('l06-search-only-dot', 'search .\n' + NS1 + 'options ndots:2\n', ['ip:host', 'ip:host.x'], [{'do': 'servfail'}])
every('l07-search-odd', 'search a..test b_c.test -d.test ' + 'e' * 64 + '.test ok.test\n' + NS1 + 'options ndots:2\n', ['ip:host'], [{'name': r'host\.', 'do': 'answer'}, {'do': 'nxdomain'}])
every('l08-hosts-odd', NS1, 'ip:z1 ip:z2 ip:z3 ip:z4 ip:z5 ip:Z6 ip:z7.'.split(), [{'do': 'nxdomain'}], hosts='010.0.0.1 z1\nfe80::1%eth0 z2\n::ffff:1.2.3.4 z3\n1.2.3 z4\n1.2.3.4z z5\n1.2.3.4 z6 # c\n1.2.3.5\tz7\n1.2.3.6 z7\n')
every('l09-servers-odd', 'nameserver 010.77.0.1\nnameserver 10.77.0.2x\nnameserver 10.77.0.02\nnameserver ::ffff:10.77.0.2\nnameserver 10.77.0.1\n', ['ip:' + H], [{'do': 'answer'}])
every('l10-hosts-number', NS1, ['ip:1.2', 'ip:-x', 'ip:a..b', 'ip:x_y'], [{'do': 'nxdomain'}], hosts='192.0.2.1 1.2 -x a..b x_y\n')
every('m00-tc-by-tcp', NS1, ['ip:' + H], [{'proto': 'udp', 'do': 'tc'}, {'do': 'answer', 'tcp_tc': True}])
every('m01-tc-by-tcp-two', NS2 + 'options timeout:1 attempts:1\n', ['ip:' + H], [first('tc', proto='udp'), first('answer', tcp_tc=True), {'do': 'answer', 'ip4': '192.0.2.77', 'ip6': '2001:db8::77'}])
every('m02-tc-by-tcp-use-vc', NS1 + 'options use-vc\n', ['ip:' + H], [{'do': 'answer', 'tcp_tc': True}])
every('m03-tc-by-tcp-empty', NS1, ['ip:' + H], [{'proto': 'udp', 'do': 'tc'}, {'do': 'nodata', 'tcp_tc': True}])
every('m10-no-ra-nodata', NS2, ['ip:' + H], [first('nodata', ra=False), {'do': 'answer'}])
every('m11-no-ra-nodata-no-opt', NS2, ['ip:' + H], [first('nodata', ra=False, opt=False), {'do': 'answer'}])
every('m12-no-ra-answer', NS2, ['ip:' + H], [first('answer', ra=False, opt=False), {'do': 'answer'}])
every('m13-no-ra-aaaa-only', NS2, ['ip:' + H], [first('nodata', ra=False, qtype='AAAA'), first('answer', ra=False), {'do': 'answer'}])
every('m14-no-ra-nx', NS2, ['ip:' + H], [first('nxdomain', ra=False), {'do': 'answer'}])
for n in (25, 29, 30, 31, 70, 74, 75, 80): every(f'm2-larger-than-asked-{n}A', NS1, ['ip4:' + H], [{'do': 'large', 'n': n, 'limit': 'none'}])
every('m30-larger-than-asked-both', NS1, ['ip:' + H], [{'do': 'large', 'n': 90, 'limit': 'none'}])
every('m31-each-rcode', NS2 + 'options timeout:1 attempts:1\n', ['ip:' + x + '.test' for x in ('servfail', 'refused', 'formerr', 'notimp', 'nxdomain', 'nodata', 'wrongid', 'drop')], [{'name': x + r'\.test\.', 'do': x} for x in ('servfail', 'refused', 'formerr', 'notimp', 'nxdomain', 'nodata', 'wrongid', 'drop')])
NEW = 'sh:printf "nameserver 10.77.0.1\\n" > /etc/resolv.conf'
every('n00-empty-then-server', '', ['ip:' + H, NEW, 'ip:' + H, 'sleep:2000', 'ip:' + H, 'sleep:4000', 'ip:' + H], [{'server': '127.0.0.1', 'do': 'nxdomain'}, {'do': 'answer'}], listen=['127.0.0.1', S1])
every('n01-server-then-empty', NS1, ['ip:' + H, 'sh:printf "" > /etc/resolv.conf', 'sleep:5500', 'ip:' + H, NEW, 'ip:' + H, 'sleep:5500', 'ip:' + H], [{'server': '127.0.0.1', 'do': 'nxdomain'}, {'do': 'answer'}], listen=['127.0.0.1', S1])
every('n02-only-options', 'search a.test\noptions timeout:1 attempts:1\n', ['ip:' + H, NEW, 'ip:' + H], [{'server': '127.0.0.1', 'do': 'nxdomain'}, {'do': 'answer'}], listen=['127.0.0.1', S1])
