import type { Message, Rcode } from '../../../dns/message.ts';
import { sizeOf } from '../../../dns/size.ts';
import { toSeconds } from '../../../engine/time.ts';
import { type History, inRelease } from '../../history.ts';
import type { Family, Metrics } from '../../metrics.ts';
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
const monitored = new Set([
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
]);

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

/** Counts the queries of a process by the names and labels of its release. */
export class RequestCounters {
  readonly #hasView: boolean;
  readonly #requests: Family;
  /** By type, where the requests are not. */
  readonly #types: Family | undefined;
  readonly #responses: Family;
  readonly #duration: Family;
  readonly #querySize: Family;
  readonly #replySize: Family;

  constructor(metrics: Metrics, release: Release) {
    const { requests, types, responses, view: hasView } = inRelease(names, release.name);
    const where = hasView ? ['server', 'view', 'zone'] : ['server', 'zone'];
    this.#hasView = hasView;
    this.#types = types === undefined ? undefined : metrics.counter(types, ['server', 'type', 'zone']);
    const typed = hasView ? ['server', 'type', 'view', 'zone'] : ['server', 'type', 'zone'];
    const labels = types === undefined ? typed : where;
    this.#requests = metrics.counter(requests, ['family', 'proto', ...labels]);
    this.#responses = metrics.counter(responses, ['rcode', ...where]);
    this.#duration = metrics.histogram('coredns_dns_request_duration_seconds', where, durations);
    this.#querySize = metrics.histogram('coredns_dns_request_size_bytes', ['proto', ...where], sizes);
    this.#replySize = metrics.histogram('coredns_dns_response_size_bytes', ['proto', ...where], sizes);
  }

  count({ server, zone, view, protocol, query, rcode, replySize, micros }: Counted): void {
    const hasView = this.#hasView;
    const asked = query.question[0]?.type ?? '';
    const type = monitored.has(asked) ? asked : 'other';
    if (this.#types === undefined) {
      this.#requests.add(hasView ? ['1', protocol, server, type, view, zone] : ['1', protocol, server, type, zone]);
    } else {
      this.#requests.add(['1', protocol, server, zone]);
      this.#types.add([server, type, zone]);
    }
    this.#responses.add(hasView ? [rcode, server, view, zone] : [rcode, server, zone]);
    this.#duration.observe(hasView ? [server, view, zone] : [server, zone], toSeconds(micros));
    const sized = hasView ? [protocol, server, view, zone] : [protocol, server, zone];
    this.#querySize.observe(sized, sizeOf(query, { compress: false }));
    this.#replySize.observe(sized, replySize);
  }
}
