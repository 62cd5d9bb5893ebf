import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../engine/random.ts';
import { second } from '../../engine/time.ts';
import { parseAddress } from '../../network/address.ts';
import type { Packet } from '../../network/packet.ts';
import { ipLength } from '../../network/size.ts';
import { Device } from '../ip/device.ts';
import { SocketBuffer } from '../ip/socket-buffer.ts';
import { IpSets } from '../ipset/sets.ts';
import type { RuleContext } from './context.ts';
import { walk } from './evaluate.ts';
import { parseIptablesSave } from './parse-changes.ts';
import { printRule } from './print.ts';
import { RecentLists } from './recent-lists.ts';
import { passes } from './rule-tests.ts';
import { changeTable, emptyTable, printTable, type Table } from './tables.ts';

function address(text: string): number {
  const parsed = parseAddress(text);
  if (typeof parsed !== 'number') throw new Error(text);
  return parsed;
}

const vips = ['10.96.0.10', '10.96.0.11', '10.97.1.1', '10.244.1.5'];
const ports = [53, 80, 5353];

/** Lines of a chain: many of them about one destination, some that draw or count. */
const condition = fc.constantFrom(
  ...vips.map((vip) => `-d ${vip}/32`),
  '-d 10.96.0.0/16',
  '! -d 10.96.0.10/32',
  '-s 10.244.0.0/16',
  '-i veth+',
  '',
);
const portMatch = fc.constantFrom(
  ...ports.flatMap((port) => [`-p udp -m udp --dport ${port}`, `-p tcp -m tcp --dport ${port}`]),
  '-p udp -m udp --dport 53:100',
  '-p udp -m udp ! --dport 53',
  '-p udp',
  '! -p tcp',
  '-p udp -m multiport --dports 53,80',
  '-p udp -m statistic --mode random --probability 0.5 -m udp --dport 53',
  '-p udp -m statistic --mode nth --every 3 --packet 1 -m udp --dport 80',
  '-p udp -m recent --update --seconds 2 --name seen -m udp --dport 53',
  '',
);
const moreMatches = fc.constantFrom(
  '',
  '-m statistic --mode random --probability 0.3',
  '-m statistic --mode nth --every 2 --packet 0',
  '-m mark --mark 0x1/0x1',
  '-m recent --set --name seen',
  '-m recent --rcheck --seconds 1 --name seen',
  '-m limit --limit 2/sec --limit-burst 2',
);
const target = fc.constantFrom(
  '-j ACCEPT',
  '-j DROP',
  '-j RETURN',
  '-j MARK --set-xmark 0x1/0x1',
  '-j MARK --set-xmark 0x0/0x1',
  '-j ONE',
  '-g ONE',
  '-j TWO',
  '-j LOG --log-prefix x',
  '',
);
const rule = fc
  .tuple(condition, portMatch, moreMatches, target)
  .map((parts) => parts.filter((part) => part !== '').join(' '));
const inOne = rule.filter((text) => !text.includes('ONE'));
const inTwo = inOne.filter((text) => !text.includes('TWO'));

const ruleSet = fc
  .tuple(
    fc.array(rule, { minLength: 20, maxLength: 60 }),
    fc.array(inOne, { maxLength: 25 }),
    fc.array(inTwo, { maxLength: 25 }),
  )
  .map(([forward, one, two]) =>
    [
      '*filter',
      ':FORWARD DROP [0:0]',
      ':ONE - [0:0]',
      ':TWO - [0:0]',
      ...forward.map((text) => `-A FORWARD ${text}`),
      ...one.map((text) => `-A ONE ${text}`),
      ...two.map((text) => `-A TWO ${text}`),
      'COMMIT',
    ].join('\n'),
  );

const packets = fc.array(
  fc.record({
    destination: fc.constantFrom(...vips, '10.99.9.9'),
    source: fc.constantFrom('10.244.1.7', '192.168.1.1'),
    protocol: fc.constantFrom('udp', 'tcp', 'icmp'),
    port: fc.constantFrom(...ports, 99),
    after: fc.constantFrom(0, second / 2, 3 * second),
  }),
  { minLength: 1, maxLength: 30 },
);

type Given = typeof packets extends fc.Arbitrary<readonly (infer P)[]> ? P : never;

function packetOf({ destination, source, protocol, port }: Given): Packet {
  const ip = { source: address(source), destination: address(destination), ttl: 64, trace: 0 };
  if (protocol === 'icmp')
    return { ...ip, protocol, type: 'echo-request', id: 1, code: 'none', about: undefined, mtu: undefined };
  const header = { ...ip, sourcePort: 4321, destinationPort: port };
  if (protocol === 'udp') return { ...header, protocol, payload: { size: 40 } };
  const flags = { syn: true, ack: false, fin: false, rst: false };
  return {
    ...header,
    ...flags,
    protocol: 'tcp',
    length: 0,
    sequence: 0,
    acknowledgement: 0,
    mss: undefined,
    payloads: [],
  };
}

const veth = new Device({ name: 'node', owns: () => false, receive: () => {} }, { name: 'veth1', index: 2, mtu: 1500 });

/** A host of its own, with its draws, lists and log. */
class Bench {
  readonly logged: string[] = [];
  readonly drawn: string[] = [];
  now = 0;
  readonly table: Table;
  readonly context: RuleContext;

  constructor(text: string) {
    const changes = parseIptablesSave({ file: 'rules', text }, [])[0];
    if (changes === undefined) throw new Error(text);
    this.table = changeTable(emptyTable('filter'), changes, { flush: true }, []);
    const stream = randomStream('1', 'draws');
    this.context = {
      now: () => this.now,
      addressType: () => 'UNICAST',
      deviceTowards: () => undefined,
      draws: () => ({
        ...stream,
        integer: (below) => {
          const drawn = stream.integer(below);
          this.drawn.push(`${drawn}`);
          return drawn;
        },
      }),
      recent: new RecentLists(),
      sets: new IpSets(),
      log: (_buffer, prefix) => this.logged.push(prefix),
      store: () => {},
    };
  }

  forward(buffer: SocketBuffer) {
    const chain = this.table.get('FORWARD');
    return chain && walk(this.table, chain, buffer, this.context);
  }
}

/** Rule by rule, as the kernel does. Returns what decided. */
function plainly(bench: Bench, chain: string, buffer: SocketBuffer): string | undefined {
  const octets = ipLength(buffer.packet);
  for (const placed of bench.table.get(chain)?.rules ?? []) {
    if (!passes(placed.tests, buffer, bench.context)) continue;
    placed.count(octets);
    const { target } = placed.rule;
    if (target?.kind === 'RETURN') return undefined;
    if (target?.kind === 'MARK') buffer.mark = ((buffer.mark & ~target.mask) ^ target.value) >>> 0;
    else if (target?.kind === 'LOG') bench.logged.push(target.prefix);
    else if (target?.kind === 'jump' || target?.kind === 'goto') {
      const decided = plainly(bench, target.chain, buffer);
      if (decided !== undefined || target.kind === 'goto') return decided;
    } else if (target !== undefined) return `${chain} ${printRule(placed.rule)}`;
  }
  return undefined;
}

describe('looking rules up by destination', () => {
  it('decides, counts, marks and draws as asking one rule after the other', () => {
    fc.assert(
      fc.property(ruleSet, packets, (text, given) => {
        const [looked, asked] = [new Bench(text), new Bench(text)];
        for (const packet of given) {
          const buffers = [looked, asked].map(() => new SocketBuffer(packetOf(packet), veth));
          const [one, other] = buffers;
          if (one === undefined || other === undefined) return;
          for (const bench of [looked, asked]) bench.now += packet.after;
          const decision = looked.forward(one);
          const decided = decision?.placed && `${decision.chain} ${printRule(decision.placed.rule)}`;
          expect(decided).toBe(plainly(asked, 'FORWARD', other));
          expect(one.mark).toBe(other.mark);
        }
        const counted = (bench: Bench) =>
          printTable('filter', bench.table, true).filter((line) => line.startsWith('['));
        expect(counted(looked)).toEqual(counted(asked));
        expect(looked.drawn).toEqual(asked.drawn);
        expect(looked.logged).toEqual(asked.logged);
      }),
      { numRuns: 150 },
    );
  });

  it('counts what comes to the policy', () => {
    const bench = new Bench('*filter\n:FORWARD DROP [0:0]\n-A FORWARD -s 10.1.0.0/16 -j ACCEPT\nCOMMIT\n');
    const packet = packetOf({ destination: '10.96.0.10', source: '10.244.1.7', protocol: 'udp', port: 53, after: 0 });
    expect(bench.forward(new SocketBuffer(packet, veth))?.target.kind).toBe('DROP');
    expect(printTable('filter', bench.table, true)).toEqual([
      '*filter',
      ':INPUT ACCEPT [0:0]',
      ':FORWARD DROP [1:68]',
      ':OUTPUT ACCEPT [0:0]',
      '[0:0] -A FORWARD -s 10.1.0.0/16 -j ACCEPT',
      'COMMIT',
    ]);
  });
});
