#!/usr/bin/env python3
"""Make recordings of this folder once more: remake.py OUTDIR NAME... (as root; the programs and dnspython installed).

A recording carries its whole set-up, so what it needs is its own fields without `observed`; `harness/recursor_rec.py`
runs them, each program in a network namespace of its own."""
import json, os, subprocess, sys, tempfile
here = os.path.dirname(os.path.abspath(__file__))
cases = []
for name in sys.argv[2:]:
    case = json.load(open(os.path.join(here, name + '.json')))
    cases.append({key: value for key, value in case.items() if key not in ('observed', 'varies')})
with tempfile.NamedTemporaryFile('w', suffix='.json') as f:
    json.dump(cases, f); f.flush()
    subprocess.run([sys.executable, os.path.join(here, '..', '..', 'harness', 'recursor_rec.py'), f.name, sys.argv[1]], check=True)
