import { replyTo } from '../../../src/dns/build.ts';
import type { Message, Rcode } from '../../../src/dns/message.ts';
import type { RecordData, ResourceRecord } from '../../../src/dns/record.ts';
import { sizeOf } from '../../../src/dns/size.ts';
import { type Process, sleep } from '../../../src/engine/process.ts';
import type { Simulation } from '../../../src/engine/simulation.ts';
import { millisecond } from '../../../src/engine/time.ts';
import { isSocketError, type Sockets } from '../../../src/kernel/socket/socket.ts';
import { octetsOf, parseAddress } from '../../../src/network/address.ts';
import { DnsPayload } from '../../../src/transport/payload.ts';
import { type Answer, type Incoming, serveUdp } from '../../../src/transport/serve.ts';
import { serveTcp, unlimitedTcp } from '../../../src/transport/serve-tcp.ts';
import type { Behaviour, ObservedQuery } from './recording.ts';

const rcodes: Readonly<Record<string, Rcode>> = {
  servfail: 'SERVFAIL',
  nxdomain: 'NXDOMAIN',
  refused: 'REFUSED',
  formerr: 'FORMERR',
  notimp: 'NOTIMP',
};

/** What the log keeps of a query beside what a recording shows. */
export interface LoggedQuery extends Omit<ObservedQuery, 't_ms' | 'sameSocketAs' | 'sameIdAs'> {
  readonly t: number;
  readonly port: number;
  readonly id: number;
}

/** The harness's fakedns.py: the first rule that fits says what is done with a query. Keeps a log of the queries. */
export class FakeDns {
  readonly log: LoggedQuery[] = [];
  readonly #simulation: Simulation;
  readonly #rules: readonly Behaviour[];
  readonly #hits = new Map<Behaviour, number>();

  constructor(simulation: Simulation, rules: readonly Behaviour[]) {
    this.#simulation = simulation;
    this.#rules = rules;
  }

  listen(sockets: Sockets, server: string, overTcp: boolean): void {
    const local = { address: parseAddress(server) ?? 0, port: 53 };
    const site = { simulation: this.#simulation, sockets, local, owner: 'fakedns' };
    const answering = (query: Incoming): Process<Answer> => this.#answer(query, server);
    const limits = { ...unlimitedTcp, concurrent: true };
    const udp = serveUdp(site, answering);
    const tcp = overTcp ? serveTcp(site, answering, { limits: () => limits }) : undefined;
    if (isSocketError(udp) || isSocketError(tcp)) throw new Error(`cannot listen on ${server}`);
  }

  *#answer({ message: query, protocol: proto, client }: Incoming, server: string): Process<Answer> {
    const { name: qname = '', type: qtype = '' } = query.question[0] ?? {};
    const rule = this.#pick(server, proto, qname, qtype);
    const delay = rule.delay_ms ?? 0;
    const flags = flagsOf(query);
    this.log.push({
      t: this.#simulation.now,
      server,
      port: client.port,
      id: query.id,
      qname,
      qtype,
      edns:
        query.edns === undefined
          ? null
          : { size: query.edns.udpSize, do: query.edns.do, opts: query.edns.options.map(({ code }) => code) },
      proto,
      ...(flags !== '0100' && { flags }),
      serverDid: `${rule.do}${delay > 0 ? `+${delay}ms` : ''}`,
    });
    if (rule.do === 'drop') return undefined;
    if (rule.do === 'rst') return 'close';
    const reply = build(query, rule, proto);
    if (delay > 0) yield* sleep(delay * millisecond);
    return reply;
  }

  #pick(server: string, proto: string, qname: string, qtype: string): Behaviour {
    for (const rule of this.#rules) {
      if (![undefined, '*', server].includes(rule.server)) continue;
      if (![undefined, '*', proto].includes(rule.proto)) continue;
      if (![undefined, '*', qtype].includes(rule.qtype)) continue;
      if (!new RegExp(`^(?:${rule.name ?? '.*'})$`, 'i').test(qname)) continue;
      const hits = (this.#hits.get(rule) ?? 0) + 1;
      this.#hits.set(rule, hits);
      if (rule.nth !== undefined && hits !== rule.nth) continue;
      if (rule.max !== undefined && hits > rule.max) continue;
      return rule;
    }
    return { do: 'nxdomain' };
  }
}

/** The header's second word in hex, RD and AD being all that clients set. */
function flagsOf({ flags }: Message): string {
  const bits = (flags.rd ? 0x0100 : 0) | (flags.ad ? 0x0020 : 0) | (flags.cd ? 0x0010 : 0);
  return bits.toString(16).padStart(4, '0');
}

/** The reply that a rule asks for; by UDP cut to nothing when it is larger than what was offered, 512 octets at least. */
function build(query: Message, rule: Behaviour, proto: 'udp' | 'tcp'): DnsPayload {
  const givesRecords = ['answer', 'wrongid', 'large'].includes(rule.do) || (rule.do === 'tc' && proto === 'tcp');
  const answer = givesRecords ? answersTo(query, rule) : [];
  const isNegative = ['nxdomain', 'nodata'].includes(rule.do) || (givesRecords && answer.length === 0);
  const isTruncated = proto === 'udp' ? rule.do === 'tc' : rule.tcp_tc === true;
  const edns = rule.opt === false ? undefined : query.edns && { udpSize: 1232, do: false, version: 0, options: [] };
  const empty: Message = {
    ...replyTo(query, rcodes[rule.do] ?? 'NOERROR'),
    id: rule.do === 'wrongid' ? query.id ^ 0x5555 : query.id,
    flags: { aa: false, tc: isTruncated, rd: true, ra: rule.ra !== false, ad: false, cd: false },
    edns,
  };
  const full: Message = { ...empty, answer, authority: isNegative ? [soa(query.question[0]?.name ?? '.')] : [] };
  const size = sizeOf(full, { compress: true });
  if (proto === 'tcp' || rule.limit === 'none' || size <= Math.max(512, query.edns?.udpSize ?? 512))
    return new DnsPayload(full, size, true);
  const cut: Message = { ...empty, flags: { ...empty.flags, tc: true } };
  return new DnsPayload(cut, sizeOf(cut, { compress: true }), true);
}

function answersTo(query: Message, rule: Behaviour): ResourceRecord[] {
  const { name = '.', type = '' } = query.question[0] ?? {};
  const count = rule.n ?? (rule.do === 'large' ? 60 : 1);
  const data = Array.from({ length: count }, (_, k) => dataOf(type, rule, k)).filter((d) => d !== undefined);
  return data.map((d) => ({ name, ttl: rule.ttl ?? 30, class: 'IN', data: d }));
}

/** The k-th address: the last octet counts up. */
function dataOf(type: string, rule: Behaviour, k: number): RecordData | undefined {
  if (type === 'A') {
    const first = parseAddress(rule.ip4 ?? '192.0.2.10') ?? 0;
    const octets = octetsOf(first);
    return { type, address: octets.with(3, ((octets[3] ?? 0) + k) % 256).join('.') };
  }
  if (type !== 'AAAA') return undefined;
  const [, head = '', last = ''] = /^(.*:)([0-9a-f]*)$/.exec(rule.ip6 ?? '2001:db8::10') ?? [];
  return { type, address: head + (Number.parseInt(last, 16) + k).toString(16) };
}

function soa(name: string): ResourceRecord {
  const times = { serial: 1, refresh: 3600, retry: 600, expire: 86_400, minimum: 30 };
  return { name, ttl: 30, class: 'IN', data: { type: 'SOA', mname: '.', rname: '.', ...times } };
}
