import type { Message, Rcode } from '../../../dns/message.ts';
import { sizeOf } from '../../../dns/size.ts';
import { toSeconds } from '../../../engine/time.ts';
import { type History, inRelease } from '../../history.ts';
import type { Metrics } from '../../metrics.ts';
import type { Release } from '../../releases.ts';

/** Names and labels of the server's metrics, by release (corefile-metric-names). */
interface Names {
  readonly requests: string;
  readonly types: string | undefined;
  readonly responses: string;
  /** Labels that came later. */
  readonly view: boolean;
}

const names: History<Names> = [
  [
    '1.6.7',
    {
      requests: 'coredns_dns_request_count_total',
      types: 'coredns_dns_request_type_count_total',
      responses: 'coredns_dns_response_rcode_count_total',
      view: false,
    },
  ],
  [
    '1.7.0',
    { requests: 'coredns_dns_requests_total', types: undefined, responses: 'coredns_dns_responses_total', view: false },
  ],
  [
    '1.10.0',
    { requests: 'coredns_dns_requests_total', types: undefined, responses: 'coredns_dns_responses_total', view: true },
  ],
];

/** Upper bounds in seconds: 16 of them, each twice the one before. */
const durations = Array.from({ length: 16 }, (_, i) => 0.00025 * 2 ** i);
const sizes = [0, 100, 200, 300, 400, 511, 1023, 2047, 4095, 8291, 16e3, 32e3, 48e3, 64e3];
/** Types with a name of their own in the counters; the rest is `other`. */
const monitored = [
  'A',
  'AAAA',
  'MX',
  'SOA',
  'CNAME',
  'PTR',
  'TXT',
  'NS',
  'SRV',
  'DS',
  'DNSKEY',
  'RRSIG',
  'NSEC',
  'NSEC3',
  'HTTPS',
  'SVCB',
  'IXFR',
  'AXFR',
  'ANY',
];

/** One query served, as the metrics see it. */
export interface Counted {
  readonly server: string;
  readonly zone: string;
  readonly view: string;
  readonly protocol: 'udp' | 'tcp';
  readonly query: Message;
  readonly rcode: Rcode;
  /** Octets of the reply; 0: none. */
  readonly replySize: number;
  readonly micros: number;
}

export function count(metrics: Metrics, release: Release, counted: Counted): void {
  const { server, zone, view, protocol, query } = counted;
  const { requests, types, responses, view: hasView } = inRelease(names, release.name);
  const asked = query.question[0]?.type ?? '';
  const type = monitored.includes(asked) ? asked : 'other';
  const extra = hasView ? ['view'] : [];
  const extraValue = hasView ? [view] : [];
  if (types === undefined) {
    const labels = ['family', 'proto', 'server', 'type', ...extra, 'zone'];
    metrics.add(requests, labels, ['1', protocol, server, type, ...extraValue, zone]);
  } else {
    metrics.add(requests, ['family', 'proto', 'server', 'zone'], ['1', protocol, server, zone]);
    metrics.add(types, ['server', 'type', 'zone'], [server, type, zone]);
  }
  metrics.add(responses, ['rcode', 'server', ...extra, 'zone'], [counted.rcode, server, ...extraValue, zone]);
  const where = ['server', ...extra, 'zone'];
  const here = [server, ...extraValue, zone];
  metrics.observe('coredns_dns_request_duration_seconds', where, here, durations, toSeconds(counted.micros));
  const sized = ['proto', ...where];
  const querySize = sizeOf(query, { compress: false });
  metrics.observe('coredns_dns_request_size_bytes', sized, [protocol, ...here], sizes, querySize);
  metrics.observe('coredns_dns_response_size_bytes', sized, [protocol, ...here], sizes, counted.replySize);
}
