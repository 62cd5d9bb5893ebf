import { describe, expect, it } from 'vitest';
import { callsOf } from './python.ts';
import { readRows } from './recording.ts';
import { podMtus, silentCommands } from './script.ts';

const script = `from krlib import *
e = Exp("x", "x", "what (it) does; and why")  # e.pod("no", "10.0.0.9", mtu=9)
def later():
    e.sh("node", "conntrack -F")
try:
    e.node(); e.pod("app", "10.244.1.10", mtu=1400)
    e.sh("node", "ip link add set-up type veth")
    e.rebase(); r = []
    for ip in ("169.254.20.10", VIP):
        for p in ("udp", "tcp"):
            r += [f"iptables -t raw -A OUTPUT -d {ip}/32 -p {p} -j NOTRACK",
                  f"iptables -A INPUT -d {ip}/32 -p {p} -j ACCEPT"]
    e.query(s, 1); e.sh("node", "; ".join(x for x in r if "-t raw" in x))
    e.sh("node", f"sysctl -w {unknown}=1"); e.sh("node", "true", log=True)
    e.sh("node", "iptables -F"); e.rec("rules", iptables_save=e.save())
    e.sh("app", "ip link set eth0 down", check=False); e.snap(why="later")
finally: e.close()
`;

describe('the script beside a recording', () => {
  it('tells the MTU of a link', () => {
    expect([...podMtus(callsOf(script))]).toEqual([['app', 1400]]);
  });

  it('tells what was run without a record, and before which record', () => {
    const rows = readRows([
      { t: -1, ev: 'cmd', ns: 'node', cmd: 'true' },
      { t: 0.1, ev: 'send', id: 1 },
      { t: 0.5, ev: 'cmd', ns: 'node', cmd: 'true' },
      { t: 0.7, ev: 'rules' },
      { t: 2, ev: 'ct-list', why: 'later' },
    ]);
    const raw = (address: string, protocol: string) =>
      `iptables -t raw -A OUTPUT -d ${address}/32 -p ${protocol} -j NOTRACK`;
    const command = ['169.254.20.10', '10.96.0.10'].flatMap((ip) => [raw(ip, 'udp'), raw(ip, 'tcp')]).join('; ');
    expect(silentCommands(callsOf(script), rows)).toEqual([
      { before: 0.5, host: 'node', command },
      { before: 2, host: 'app', command: 'ip link set eth0 down' },
    ]);
  });
});
