"""More addresses than the recorder prints, without a way to either family: Go leaves them as they came."""
from cases import NS1
CASES = []
R = [{'qtype': 'A', 'do': 'large', 'n': 4}, {'do': 'large', 'n': 5}]
for client in ('go119', 'go'):
    CASES.append(dict(client=client, name=f'{client}-w01-more-than-six-addresses', resolv=NS1 + 'options single-request\n', args=['ip:many.test'], rules=R, est=3))
    CASES.append(dict(client=client, name=f'{client}-w02-slow-aaaa-more-than-six', resolv=NS1, args=['ip:many.test'], rules=[R[0], {'qtype': 'AAAA', 'do': 'large', 'n': 5, 'delay_ms': 400}], est=3))
