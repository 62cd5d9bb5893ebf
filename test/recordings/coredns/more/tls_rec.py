#!/usr/bin/env python3
"""Records CoreDNS with upstreams over TLS: rec_forward.py with servers that speak TLS.

    tls_rec.py CASES.json OUTDIR [--jobs N] [--only ID[,ID]]

A server with `tls` listens on its port (853 where none is named) over TCP alone:
  certificate  {names, addresses, issuer, from, until}: `from` and `until` in days from now; `self_signed`: it has no issuer
  version      1.2: no more than that
  speaks       `stalls` (takes the connection and says nothing), `plain` (answers without TLS), `closes` and `resets` (after the
               client's first flight); absent: TLS
  bare_close   what is idle for `tcp_idle` is closed without close_notify
`authorities` of a process: files that hold the certificates of authorities, by name. Their text is new with each recording.
`connections` in what was observed: when CoreDNS opened each, what the handshake came to, and who ended it when and how.
"""
import asyncio, datetime as dt, json, os, re, socket, ssl, struct, subprocess, sys, tempfile, time
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'harness'))
import rec_forward as base
import dns.message, dns.rdatatype, ipaddress
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization as ser
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOW = dt.datetime.now(dt.timezone.utc).replace(microsecond=0)
name = lambda cn: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, cn)])
pem = lambda c: c.public_bytes(ser.Encoding.PEM).decode()
AUTHORITIES = {}
NAMES = {}                                                    # what the client called the server, by connection

def authority(cn):
    if cn not in AUTHORITIES:
        key = ec.generate_private_key(ec.SECP256R1())
        c = (x509.CertificateBuilder().subject_name(name(cn)).issuer_name(name(cn)).public_key(key.public_key()).serial_number(x509.random_serial_number())
             .not_valid_before(NOW - dt.timedelta(days=30)).not_valid_after(NOW + dt.timedelta(days=3650))
             .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256()))
        AUTHORITIES[cn] = (key, c)
    return AUTHORITIES[cn]

def server_context(spec):
    ce = spec.get('certificate', {}); key = ec.generate_private_key(ec.SECP256R1())
    cn = ce.get('common_name', (ce.get('names') or ['server'])[0]); self_signed = ce.get('self_signed')
    akey, issuer = (key, name(cn)) if self_signed else (lambda a: (a[0], a[1].subject))(authority(ce.get('issuer', 'Example CA')))
    b = (x509.CertificateBuilder().subject_name(name(cn)).issuer_name(issuer).public_key(key.public_key()).serial_number(x509.random_serial_number())
         .not_valid_before(NOW + dt.timedelta(days=ce.get('from', -1))).not_valid_after(NOW + dt.timedelta(days=ce.get('until', 365))))
    sans = [x509.DNSName(n) for n in ce.get('names', [])] + [x509.IPAddress(ipaddress.ip_address(a)) for a in ce.get('addresses', [])]
    if sans: b = b.add_extension(x509.SubjectAlternativeName(sans), critical=False)
    c = b.sign(akey, hashes.SHA256())
    with tempfile.NamedTemporaryFile('w', suffix='.pem') as f:
        f.write(key.private_bytes(ser.Encoding.PEM, ser.PrivateFormat.PKCS8, ser.NoEncryption()).decode() + pem(c)); f.flush()
        ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); ctx.load_cert_chain(f.name)
    ctx.sni_callback = lambda o, n, c: NAMES.__setitem__(id(o), n)
    if spec.get('version') == 1.2: ctx.maximum_version = ssl.TLSVersion.TLSv1_2
    return ctx

class Tls:
    """One server's side of a connection, by hand: asyncio's own waits for the peer's close_notify."""
    def __init__(s, ctx, rd, wr):
        s.rd, s.wr, s.i, s.o = rd, wr, ssl.MemoryBIO(), ssl.MemoryBIO(); s.octets = [0, 0]
        s.obj = ctx.wrap_bio(s.i, s.o, server_side=True); NAMES.pop(id(s.obj), None)
    @property
    def sni(s): return NAMES.get(id(s.obj))
    def flush(s):
        d = s.o.read()
        if d: s.octets[1] += len(d); s.wr.write(d)
    async def do(s, f, idle=None):
        while True:
            try: r = f(); s.flush(); return r
            except ssl.SSLWantReadError:
                s.flush(); d = await asyncio.wait_for(s.rd.read(65536), idle)
                if not d: raise asyncio.IncompleteReadError(b'', 1)
                s.octets[0] += len(d); s.i.write(d)
            except ssl.SSLError: s.flush(); raise
    async def exactly(s, n, idle=None):
        b = b''
        while len(b) < n:
            d = await s.do(lambda: s.obj.read(n - len(b)), idle)
            if not d: raise EOFError
            b += d
        return b

class Upstream(base.Upstream):
    def __init__(s, n, spec, log, t0):
        super().__init__(n, spec, log, t0); s.tls = s.state.pop('tls', None)
        if s.tls is not None: s.port = spec.get('port', 853); s.ctx = server_context(s.tls)
    async def start(s):
        await super().start() if s.tls is None else await s.start_tls()
    async def start_tls(s):
        if s.state['mode'] != 'closed': await s.open()
        s.net(s.state['mode'])
    def net(s, mode):
        if s.tls is None: return super().net(mode)
        for r in getattr(s, 'rules', []): subprocess.run(['iptables', '-D', *r], check=True)
        t = {'blackhole': ['-j', 'DROP'], 'unreachable': ['-j', 'REJECT', '--reject-with', 'icmp-host-unreachable']}.get(mode)
        s.rules = [['INPUT', '-d', s.addr, '-p', 'tcp', '--dport', str(s.port), *t]] if t else []
        for r in s.rules: subprocess.run(['iptables', '-A', *r], check=True)
    async def open(s):
        if s.tls is None: return await super().open()
        s.srv = await asyncio.start_server(s.serve, s.addr, s.port)
    def now(s): return round(time.monotonic() - s.t0[0], 3)
    async def serve(s, rd, wr):
        c = {'server': s.name, 'opened': s.now(), 'handshake': None, 'queries': 0, 'closed': None, 'by': None, 'how': None}; s.conns_log.append(c)
        speaks = s.tls.get('speaks') if s.state.get('speaks') is None else s.state['speaks']; t = Tls(s.ctx, rd, wr); key = object(); idle = s.state.get('tcp_idle')
        def ended(by, how): c['by'], c['how'], c['closed'] = by, how, s.now()
        try:
            if speaks == 'stalls': await rd.read(-1); return ended('coredns', 'fin')
            if speaks == 'closes': await rd.read(1); return ended('server', 'fin')
            if speaks == 'resets':
                await rd.read(1); wr.get_extra_info('socket').setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
                ended('server', 'reset'); return wr.transport.abort()
            if speaks == 'plain': await rd.read(1); wr.write(b'\x00\x0c' + b'\x00' * 12); await rd.read(-1); return ended('coredns', 'fin')
            try: await t.do(t.obj.do_handshake)
            except ssl.SSLError as e: c['handshake'] = {'server_name': t.sni, 'alert': re.sub(r'.*: (\S+ alert )?(.*?) \(_ssl.*', r'\2', str(e))}; return ended('coredns', 'alert')
            finally: await wr.drain()
            c['handshake'] = {'server_name': t.sni, 'version': t.obj.version(), 'resumed': t.obj.session_reused}; s.hs = list(t.octets); c['octets'] = list(t.octets)
            while True:
                try: hd = await t.exactly(2, idle)
                except asyncio.TimeoutError:
                    if not s.tls.get('bare_close'):
                        try: t.obj.unwrap()
                        except ssl.SSLError: pass
                        t.flush()
                    return ended('server', 'bare fin' if s.tls.get('bare_close') else 'close_notify')
                m = dns.message.from_wire(await t.exactly(struct.unpack('!H', hd)[0])); w, word, d = s.reply(m, 'tcp'); c['queries'] += 1
                if m.question[0].rdtype == dns.rdatatype.NS: c['h'] = 1
                s.note(m, 'tls', word, key)
                if word == 'drop': continue
                if s.state.get('tcp') == 'reset': ended('server', 'bare fin'); return wr.transport.abort()
                if d: await asyncio.sleep(d)
                t.obj.write(struct.pack('!H', len(w)) + w); t.flush(); await wr.drain()
        except EOFError: ended('coredns', 'close_notify')
        except asyncio.IncompleteReadError: ended('coredns', 'fin')
        except (ConnectionError, ssl.SSLError, asyncio.CancelledError) as e: ended('coredns', type(e).__name__)
        finally: wr.close()

class Core(base.Core):
    def __init__(s, n, spec, release, dirp):
        spec['files'] = {**spec.get('files', {}), **{f: pem(authority(cn)[1]) for f, cn in spec.get('authorities', {}).items()}}
        super().__init__(n, spec, release, dirp)
    def log(s, raw=False): return [re.sub(r'current time \S+ is (after|before) \S+', r'current time TIME is \1 TIME', l) for l in super().log(raw)]

base.Upstream, base.Core = Upstream, Core
worker = base.run_case
async def run_case(case, release):
    case['tcp_conns'] = True; o = await worker(case, release)
    o['connections'] = [{k: v for k, v in c.items() if k != 'octets' or case.get('octets')} for c in o.pop('tcp_conns', [])]
    return o
base.run_case = run_case

if __name__ == '__main__':
    for c in json.load(open(sys.argv[1])):                   # authorities once for all cases: what a recording keeps is what ran
        for k in c['coredns'].values():
            for cn in k.get('authorities', {}).values(): authority(cn)
    import argparse; from concurrent.futures import ThreadPoolExecutor, as_completed
    ap = argparse.ArgumentParser(); ap.add_argument('cases'); ap.add_argument('out'); ap.add_argument('--jobs', type=int, default=1); ap.add_argument('--only', default='')
    o = ap.parse_args(); only = set(filter(None, o.only.split(','))); cases = [c for c in json.load(open(o.cases)) if not only or c['id'] in only]
    os.makedirs(o.out, exist_ok=True); res = {}
    def write(c):
        for k in c['coredns'].values():
            if k.get('authorities'): k['files'] = {**k.get('files', {}), **{f: pem(authority(cn)[1]) for f, cn in k['authorities'].items()}}
        rec = {**c, 'observed': [res[(c['id'], r)] for r in c['releases'] if res.get((c['id'], r))]}
        txt = re.sub(r'\[\s+([^\[\]{}]*?)\s+\]', lambda m: '[' + re.sub(r'\s*\n\s*', ' ', m[1]) + ']', json.dumps(rec, indent=1, ensure_ascii=False))
        open(os.path.join(o.out, c['id'] + '.json'), 'w').write(txt + '\n'); print(c['id'], [v['release'] for v in rec['observed']], flush=True)
    with ThreadPoolExecutor(o.jobs) as ex:
        fs = [ex.submit(base.job, (c, r)) for c in cases for r in c['releases']]; left = {c['id']: len(c['releases']) for c in cases}
        for f in as_completed(fs):
            i, r, v = f.result(); res[(i, r)] = v; left[i] -= 1
            if not left[i]: write(next(c for c in cases if c['id'] == i))
