"""c-ares over TCP that takes its time: Node 20.20.2 (c-ares 1.34.6) and others."""
from cases import *
CASES=[]
TC=[{'proto':'udp','do':'tc'}]
def t(name, resolv, args, rules, client='node', **more):
    CASES.append(dict(client=client,name='node-t'+name,resolv=resolv,args=args if isinstance(args,list) else [args],rules=rules,est=10,**more))
R='resolve4:'+H
t('00-tcp-late-3s',NS1,R,TC+[{'do':'answer','delay_ms':3000}])
t('01-tcp-drop',NS1,R,TC+[{'do':'drop'}])
t('02-tcp-late-3s-two-servers',NS2,R,[first('tc',proto='udp'),first('answer',delay_ms=3000),{'do':'answer','ip4':'192.0.2.77'}])
t('03-par-tcp-late-2500',NS1,'parresolve:3:h%i.example.com',TC+[{'do':'answer','delay_ms':2500}])
t('04-use-vc-late-2500',NS1+'options use-vc\n',R,[{'do':'answer','delay_ms':2500}])
t('05-tcp-drop-then-second',NS2,R,[{'proto':'udp','do':'tc'},first('drop'),{'do':'answer'}])
t('06-opt-500-tcp-late-700',NS1,['opt:{"timeout":500,"tries":3}',R,R],TC+[{'do':'answer','delay_ms':700}])
t('07-tcp-lost-once',NS1,R,TC+[{'nth':1,'do':'drop'},{'do':'answer'}])
t('08-tcp-servfail-late',NS2,R,TC+[first('servfail',delay_ms=2500),{'do':'answer'}])
t('09-tcp-rst-once',NS1,[R,R],TC+[{'nth':1,'do':'rst'},{'do':'answer'}])
t('10-tcp-late-6s',NS1,R,TC+[{'do':'answer','delay_ms':6500}])
t('11-use-vc-sequence',NS1+'options use-vc\n',[R,'sleep:300',R],OK)
t('12-use-vc-par',NS1+'options use-vc\n','parresolve:3:h%i.example.com',OK)
t('13-tcp-late-two-tc',NS2,[R,R],TC+[first('answer',delay_ms=3000),{'do':'answer','ip4':'192.0.2.77','delay_ms':100}])
