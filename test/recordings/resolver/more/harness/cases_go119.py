"""What Go meets in the other tables, by Go 1.19.8, of which the recordings that were given are: `gores119` is gores.go built with it."""
import importlib
CASES=[]
seen=set()
for m in ('cases','cases2','cases3','cases4','cases5','cases6'):
    for c in importlib.import_module(m).CASES:
        if c['client']!='go' or c['name'] in seen: continue
        seen.add(c['name'])
        CASES.append(dict(c,client='go119',name='go119-'+c['name'][3:]))
