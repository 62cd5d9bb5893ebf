#!/usr/bin/env python3
"""runner.py [-j N] [-k substr] : executes cases.CASES in pooled netns rs0..rsN-1, each case twice, writes ../resolver-traces/<name>.json"""
import json, os, subprocess, sys, threading, queue, time, argparse, re
HERE=os.path.dirname(os.path.abspath(__file__)); OUT=os.environ.get('OUT',os.path.join(os.path.dirname(HERE),'resolver-traces')); os.makedirs(OUT,exist_ok=True)
import importlib.util
ap=argparse.ArgumentParser(); ap.add_argument('-j',type=int,default=6); ap.add_argument('-k',default=''); ap.add_argument('-c',default='cases'); ap.add_argument('--prefix',default='rs'); A=ap.parse_args()
sys.path.insert(0,HERE); CASES=importlib.import_module(A.c).CASES
S=['10.77.0.1','10.77.0.2','10.77.0.3']
def sh(c,check=True): return subprocess.run(c,shell=True,check=check,capture_output=True,text=True)
def mk(ns):
    sh(f'ip netns del {ns}',False); sh(f'ip netns add {ns}'); os.makedirs(f'/etc/netns/{ns}',exist_ok=True)
    sh(f'ip netns exec {ns} sh -c "ip link set lo up; ip link add dummy0 type veth peer name dummy1; ip link set dummy1 up; ip addr add 10.77.0.1/24 dev dummy0; ip addr add 10.77.0.2/24 dev dummy0; ip addr add 10.77.0.3/24 dev dummy0; ip addr add 10.77.0.9/24 dev dummy0; ip link set dummy0 up"')
CL={'glibc':('glibc getaddrinfo','2.36 (Debian 12, 2.36-9+deb12u14)',[HERE+'/gai_glibc']),
 'musl':('musl getaddrinfo (static)','1.2.3',[HERE+'/gai_musl']),
 'musl_new':('musl getaddrinfo (static)','1.2.5 (git 86373b49, 2025-01-03)',[HERE+'/gai_musl_new']),
 'go':('Go net pure resolver','1.26.8 (CGO_ENABLED=0)',[HERE+'/gores']),
 'go119':('Go net pure resolver','1.19.8 (CGO_ENABLED=0)',[HERE+'/gores119']),
 'go121':('Go net pure resolver','1.21.13 (CGO_ENABLED=0)',[HERE+'/gores121']),
 'go122':('Go net pure resolver','1.22.10 (CGO_ENABLED=0)',[HERE+'/gores122']),
 'go123':('Go net pure resolver','1.23.9 (CGO_ENABLED=0)',[HERE+'/gores123']),
 'go125':('Go net pure resolver','1.25.5 (CGO_ENABLED=0)',[HERE+'/gores125']),
 'go127':('Go net pure resolver','1.27.3 (CGO_ENABLED=0)',[HERE+'/gores127']),
 'node':('Node.js','20.20.2 (c-ares 1.34.6, glibc 2.36)',['node',HERE+'/noderes.js']),
 'java17':('Java InetAddress','17.0.15 OpenJDK','/usr/lib/jvm/java-17-openjdk-amd64/bin/java -Xshare:auto -XX:TieredStopAtLevel=1 -cp'.split()+[HERE+'/jv','JRes']),
 'java17v4':('Java InetAddress -Djava.net.preferIPv4Stack=true','17.0.15 OpenJDK','/usr/lib/jvm/java-17-openjdk-amd64/bin/java -Djava.net.preferIPv4Stack=true -XX:TieredStopAtLevel=1 -cp'.split()+[HERE+'/jv','JRes']),
 'java25':('Java InetAddress','25 Temurin','/usr/lib/jvm/temurin-25-jdk-amd64/bin/java -XX:TieredStopAtLevel=1 -cp'.split()+[HERE+'/jv','JRes']),
 'netty':('Netty DnsNameResolver','4.1.115','/usr/lib/jvm/java-17-openjdk-amd64/bin/java -XX:TieredStopAtLevel=1 -cp'.split()+[HERE+'/nt:'+os.environ.get('NETTY_JARS','lib')+'/*','NRes']),
 'nslookup':('nslookup','9.18 (bind9-dnsutils)',[HERE+'/toolwrap.py','nslookup','--']),
 'host':('host','9.18 (bind9-host)',[HERE+'/toolwrap.py','host','--']),
 'bbnslookup':('busybox nslookup','1.35.0',[HERE+'/toolwrap.py','busybox','nslookup','--']),
 'dig':('dig','9.18 (bind9-dnsutils)',[HERE+'/digwrap.py']),
 'py':('Python socket','3.11 / glibc 2.36',[HERE+'/pyres.py'])}
def once(ns,c,k):
    spec=dict(listen=c.get('listen',S),rules=c['rules'],no_tcp=c.get('no_tcp',[]))
    b=os.path.join(__import__('tempfile').gettempdir(), f'rs-run-{ns}'); os.makedirs(b,exist_ok=True)
    json.dump(spec,open(b+'/spec.json','w')); lf=b+'/log.jsonl'
    open(f'/etc/netns/{ns}/resolv.conf','w').write(c['resolv'])
    for f in ('hosts','nsswitch.conf'):
        p=f'/etc/netns/{ns}/{f}'
        if f in c: open(p,'w').write(c[f])
        elif os.path.exists(p): os.remove(p)
    if c.get('pre'): sh(f'ip netns exec {ns} sh -c "{c["pre"]}"')
    srv=subprocess.Popen(['ip','netns','exec',ns,sys.executable,HERE+'/fakedns.py',b+'/spec.json',lf],stdout=subprocess.PIPE,text=True)
    srv.stdout.readline()
    n,v,cmd=CL[c['client']]
    env=dict(os.environ); env.update(c.get('env',{}))
    t_launch=time.monotonic_ns(); hung=False
    P=subprocess.Popen(['ip','netns','exec',ns]+cmd+c['args'],stdout=subprocess.PIPE,stderr=subprocess.PIPE,text=True,env=env)
    try: so,se=P.communicate(timeout=c.get('timeout',150))
    except subprocess.TimeoutExpired:
        P.kill(); so,se=P.communicate(); hung=True
        so+=json.dumps(dict(start=t_launch,end=time.monotonic_ns(),name=c['args'][-1],result='STILL BLOCKED when killed by harness',addrs=[],count=0))
    class p: stdout,stderr=so,se
    time.sleep(c.get('linger',0.15)); srv.terminate(); srv.wait()
    if c.get('post'): sh(f'ip netns exec {ns} sh -c "{c["post"]}"')
    calls=[json.loads(l) for l in p.stdout.splitlines() if l.startswith('{')]
    if not calls: raise Exception('no output: '+p.stderr[-300:])
    for x in calls: x['result']=re.sub(r'10\.77\.0\.1:\d+->','10.77.0.1:<eph>->',re.sub(r', id: \d+','',x['result']))
    calls.sort(key=lambda x:x['start'])
    t0=calls[0]['start']; ms=lambda t:round((t-t0)/1e6,1)
    qs=[]; socks={}; ids={}
    for l in open(lf):
        d=json.loads(l)
        if 'bad' in d: continue
        key=(d['proto'],d['sport']); i=len(qs); q=dict(t_ms=ms(d['t']),server=d['server'],qname=d['qname'],qtype=d['qtype'],proto=d['proto'],edns=d['edns'],flags=d['flags'],srv=d['do']+(f"+{d['delay_ms']}ms" if d['delay_ms'] else ''))
        if key in socks: q['sameSocketAs']=socks[key]
        else: socks[key]=i
        if (d['id'],d['qname'],d['qtype']) in ids: q['sameIdAs']=ids[(d['id'],d['qname'],d['qtype'])]
        else: ids[(d['id'],d['qname'],d['qtype'])]=i
        qs.append(q)
    cc=[dict(name=x['name'],start_ms=ms(x['start']),total_ms=round((x['end']-x['start'])/1e6,1),result=x['result'],addrs=x['addrs'],count=x['count'],**({'errno':x['errno']} if x.get('errno') else {})) for x in calls]
    return qs,cc
def r10(x): return int(round(x/10.0)*10)
def sig(qs,tol): return sorted((round(q['t_ms']/max(tol,50)/2),q['server'],q['qname'],q['qtype'],q['proto']) for q in qs)
def run(ns,c):
    rs=[once(ns,c,i) for i in range(c.get('reps',2))]
    (q1,c1),rest=rs[0],rs[1:]
    tol=c.get('tolerance_ms',20)
    dmax=0; stable=True
    for q2,c2 in rest:
        if len(q1)!=len(q2) or [x['result'] for x in c1]!=[x['result'] for x in c2]: stable=False
        a=sorted(q['t_ms'] for q in q1); b=sorted(q['t_ms'] for q in q2)
        for x,y in zip(a,b): dmax=max(dmax,abs(x-y))
        for x,y in zip(c1,c2): dmax=max(dmax,abs(x['total_ms']-y['total_ms']))
        if sorted((q['qname'],q['qtype'],q['proto'],q['server']) for q in q1)!=sorted((q['qname'],q['qtype'],q['proto'],q['server']) for q in q2): stable=False
    if dmax>tol: stable=False
    n,v,_=CL[c['client']]
    qo=[]
    for q in q1:
        o=dict(t_ms=r10(q['t_ms']),server=q['server'],qname=q['qname'],qtype=q['qtype'],edns=q['edns'],proto=q['proto'])
        if q['flags'] not in('0100',): o['flags']=q['flags']
        for k in('sameSocketAs','sameIdAs'):
            if k in q: o[k]=q[k]
        o['serverDid']=q['srv']; qo.append(o)
    co=[dict(x,start_ms=r10(x['start_ms']),total_ms=r10(x['total_ms'])) for x in c1]
    doc=dict(name=c['name'],client=n,version=v,note=c.get('note',''),resolvConf=c['resolv'],**{k:c[k] for k in('hosts','nsswitch.conf') if k in c},call=c.get('call',' '.join(c['args'])),callArgs=' '.join(c['args']),serverBehaviour=c['rules'],listen=c.get('listen',S),
      expected=dict(queries=qo,result=co[0]['result'] if len(co)==1 else [x['result'] for x in co],total_ms=co[0]['total_ms'] if len(co)==1 else [x['total_ms'] for x in co],calls=co),
      measurement=dict(runs=len(rs),stable=stable,maxDelta_ms=round(dmax,1),tolerance_ms=tol,nondeterministic=c.get('nondet',''),raw_t_ms=[[q['t_ms'] for q in r[0]] for r in rs],raw_total_ms=[[x['total_ms'] for x in r[1]] for r in rs]))
    if not stable or c.get('keepruns'): doc['otherRuns']=[dict(queries=[[r10(q['t_ms']),q['server'],q['qname'],q['qtype'],q['proto']] for q in q2],results=[[x['result'],r10(x['total_ms'])] for x in c2]) for q2,c2 in rest]
    json.dump(doc,open(f'{OUT}/{c["name"]}.json','w'),indent=1)
    tot=' '.join(f"{x['name']}:{x['result']}/{x['count']}@{x['total_ms']}" for x in co)
    return f"{c['name']}: q={len(qo)} {tot[:240]} stable={stable} d={dmax:.1f}\n     "+' '.join(f"{q['t_ms']}/{q['server'][-1]}/{q['qname'][:-1]}/{q['qtype']}{'/tcp' if q['proto']=='tcp' else ''}{'/s%d'%q['sameSocketAs'] if 'sameSocketAs' in q else ''}" for q in qo[:36])
def main():
    Q=queue.Queue()
    cs=[c for c in CASES if A.k in c['name']]
    for c in sorted(cs,key=lambda c:-c.get('est',5)): Q.put(c)
    n=min(A.j,len(cs)); lk=threading.Lock()
    def w(i):
        ns=f'{A.prefix}{i}'; mk(ns); time.sleep(1.6)
        while True:
            try: c=Q.get_nowait()
            except queue.Empty: break
            try: m=run(ns,c)
            except Exception as e: m=f"{c['name']}: ERROR {e!r}"
            with lk: print(m,flush=True)
        sh(f'ip netns del {ns}',False); sh(f'rm -rf /etc/netns/{ns} '+os.path.join(__import__('tempfile').gettempdir(), f'rs-run-{ns}'),False)
    ts=[threading.Thread(target=w,args=(i,)) for i in range(n)]
    [t.start() for t in ts]; [t.join() for t in ts]
main()
