#!/usr/bin/env python3
"""Scriptable fake DNS server (UDP+TCP). Usage: fakedns.py SPEC.json LOG.jsonl
SPEC: {"listen":[ip,...], "rules":[{server?,name?(regex),qtype?,proto?,nth?(1-based, per rule),max?,do,delay_ms?,n?,ttl?,ip4?,ip6?}]}
First matching rule wins; no match -> nxdomain.
do: answer drop servfail nxdomain nodata refused formerr notimp tc wrongid large cname rst(tcp close)"""
import sys, json, socket, selectors, struct, time, heapq, re, itertools
spec=json.load(open(sys.argv[1])); log=open(sys.argv[2],'w',buffering=1)
QT={1:'A',28:'AAAA',12:'PTR',33:'SRV',16:'TXT',255:'ANY',65:'HTTPS',6:'SOA',2:'NS',5:'CNAME',15:'MX'}
RC=dict(servfail=2,nxdomain=3,refused=5,formerr=1,notimp=4)
sel=selectors.DefaultSelector(); heap=[]; ctr=itertools.count(); hits={}
def parse(b):
    i,fl,qd,an,ns,ar=struct.unpack('!6H',b[:12]); o=12; labels=[]
    while b[o]:
        l=b[o]; labels.append(b[o+1:o+1+l].decode('latin1')); o+=1+l
    o+=1; qt,qc=struct.unpack('!HH',b[o:o+4]); o+=4; qend=o; ed=None
    for _ in range(an+ns+ar):
        if b[o]==0: o+=1
        else: break
        t,c,ttl,rl=struct.unpack('!HHIH',b[o:o+10]); rd=b[o+10:o+10+rl]; o+=10+rl
        if t==41:
            opts=[]; p=0
            while p+4<=len(rd):
                oc,ol=struct.unpack('!HH',rd[p:p+4]); opts.append(oc); p+=4+ol
            ed={'size':c,'do':bool(ttl&0x8000),'opts':opts}
    return dict(id=i,fl=fl,name='.'.join(labels)+'.',qt=qt,q=b[12:qend],ed=ed,len=len(b))
def pick(q,server,proto):
    for k,r in enumerate(spec['rules']):
        if r.get('server','*') not in ('*',server): continue
        if r.get('proto','*') not in ('*',proto): continue
        if r.get('qtype','*') not in ('*',QT.get(q['qt'],str(q['qt']))): continue
        if not re.fullmatch(r.get('name','.*'),q['name'],re.I): continue
        h=hits[k]=hits.get(k,0)+1
        if 'nth' in r and h!=r['nth']: continue
        if 'max' in r and h>r['max']: continue
        return r
    return {'do':'nxdomain'}
def build(q,r,proto):
    do=r['do']; ttl=r.get('ttl',30); rid=q['id']; fl=0x8180|(q['fl']&0x0100); ans=b''; na=0; auth=b''; nauth=0; ad=b''; nad=0
    if r.get('ra')==False: fl&=~0x80
    if q['ed'] and r.get('opt')!=False: ad=b'\0'+struct.pack('!HHIH',41,1232,0,0); nad=1
    rc=RC.get(do,0)
    def soa():
        return b'\xc0\x0c'+struct.pack('!HHIH',6,1,30,22)+b'\0\0'+struct.pack('!5I',1,3600,600,86400,30)
    if do in('nxdomain','nodata'): auth=soa(); nauth=1
    n=r.get('n',1)
    if do=='large': n=r.get('n',60)
    if do in('answer','wrongid','large') or (do=='tc' and proto=='tcp'):
        for k in range(n):
            if q['qt']==1:
                ip=r.get('ip4','192.0.2.10').split('.'); ip=[int(x) for x in ip]; ip[3]=(ip[3]+k)%256
                ans+=b'\xc0\x0c'+struct.pack('!HHIH',1,1,ttl,4)+bytes(ip); na+=1
            elif q['qt']==28:
                ip=socket.inet_pton(socket.AF_INET6,r.get('ip6','2001:db8::10')); ip=ip[:15]+bytes([(ip[15]+k)%256])
                ans+=b'\xc0\x0c'+struct.pack('!HHIH',28,1,ttl,16)+ip; na+=1
        if na==0: auth=soa(); nauth=1
    if (do=='tc' and proto=='udp') or (r.get('tcp_tc') and proto=='tcp'): fl|=0x0200
    if do=='wrongid': rid^=0x5555
    out=struct.pack('!6H',rid,fl|rc,1,na,nauth,nad)+q['q']+ans+auth+ad
    lim=(q['ed']['size'] if q['ed'] else 512)
    if proto=='udp' and r.get('limit')!='none' and len(out)>max(512,lim):
        out=struct.pack('!6H',rid,(fl|rc|0x0200),1,0,0,nad)+q['q']+ad
    return out
def handle(b,server,proto,peer,send,close=None):
    t=time.monotonic_ns()
    try: q=parse(b)
    except Exception as e: log.write(json.dumps({'bad':repr(e)})+'\n'); return
    r=pick(q,server,proto)
    log.write(json.dumps(dict(t=t,server=server,sport=peer[1],id=q['id'],qname=q['name'],qtype=QT.get(q['qt'],str(q['qt'])),flags='%04x'%q['fl'],edns=q['ed'],proto=proto,len=q['len'],do=r['do'],delay_ms=r.get('delay_ms',0)))+'\n')
    if r['do']=='drop': return
    if r['do']=='rst':
        if close: close()
        return
    out=build(q,r,proto)
    if r.get('delay_ms'): heapq.heappush(heap,(t+r['delay_ms']*1000000,next(ctr),send,out))
    else: send(out)
def udp(ip,s):
    def f():
        b,p=s.recvfrom(4096)
        def send(o,p=p):
            try: s.sendto(o,p)
            except OSError: pass
        handle(b,ip,'udp',p,send)
    return f
def tcpl(ip,l):
    def f():
        c,p=l.accept(); c.setblocking(False); st={'b':b''}
        def close():
            try: sel.unregister(c)
            except Exception: pass
            c.close()
        def rd():
            try: d=c.recv(65536)
            except OSError: d=b''
            if not d: return close()
            st['b']+=d
            while len(st['b'])>=2:
                n=struct.unpack('!H',st['b'][:2])[0]
                if len(st['b'])<2+n: break
                m=st['b'][2:2+n]; st['b']=st['b'][2+n:]
                def send(o):
                    try: c.sendall(struct.pack('!H',len(o))+o)
                    except OSError: pass
                handle(m,ip,'tcp',p,send,close)
        sel.register(c,selectors.EVENT_READ,rd)
    return f
for ip in spec['listen']:
    s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.bind((ip,53)); s.setblocking(False); sel.register(s,selectors.EVENT_READ,udp(ip,s))
    if ip in spec.get('no_tcp',[]): continue
    l=socket.socket(); l.setsockopt(socket.SOL_SOCKET,socket.SO_REUSEADDR,1); l.bind((ip,53)); l.listen(32); l.setblocking(False); sel.register(l,selectors.EVENT_READ,tcpl(ip,l))
print('ready',flush=True)
while True:
    now=time.monotonic_ns()
    while heap and heap[0][0]<=now:
        _,_,f,o=heapq.heappop(heap); f(o)
    to=max(0,(heap[0][0]-now)/1e9) if heap else None
    for k,_ in sel.select(to): k.data()
