import type { Message, Rcode } from '../../../dns/message.ts';
import { sizeOf } from '../../../dns/size.ts';
import { madeOnce } from '../../../engine/made-once.ts';
import { toSeconds } from '../../../engine/time.ts';
import { type History, inRelease, since } from '../../history.ts';
import type { Family, Metrics, Series } from '../../metrics.ts';
import type { Outcome } from '../../plugin.ts';
import type { Release, ReleaseName } from '../../releases.ts';
import type { Writer } from './writer.ts';

/** Names and labels of the server's metrics, by release (corefile-metric-names). */
interface Names {
  readonly requests: string;
  readonly types: string | undefined;
  readonly responses: string;
  /** Queries with the DO bit. */
  readonly dnssecOk: string;
  /** Labels that came later. */
  readonly view: boolean;
}

const newNames = {
  requests: 'coredns_dns_requests_total',
  types: undefined,
  responses: 'coredns_dns_responses_total',
  dnssecOk: 'coredns_dns_do_requests_total',
};
const names: History<Names> = [
  [
    '1.6.7',
    {
      requests: 'coredns_dns_request_count_total',
      types: 'coredns_dns_request_type_count_total',
      responses: 'coredns_dns_response_rcode_count_total',
      dnssecOk: 'coredns_dns_request_do_count_total',
      view: false,
    },
  ],
  ['1.7.0', { ...newNames, view: false }],
  ['1.10.0', { ...newNames, view: true }],
];
/** Until then the duration tells types apart. */
const typedDuration: History<boolean> = [
  ['1.6.7', false],
  ['1.7.0', true],
  ['1.8.4', false],
];

/** Upper bounds in seconds: 16 of them, each twice the one before. */
const durations = Array.from({ length: 16 }, (_, i) => 0.00025 * 2 ** i);
const sizes = [0, 100, 200, 300, 400, 511, 1023, 2047, 4095, 8291, 16e3, 32e3, 48e3, 64e3];
/** Types with a name of their own in the counters, and since when; the rest is `other`. */
const monitored: ReadonlyMap<string, string> = new Map([
  ['A', '0'],
  ['AAAA', '0'],
  ['MX', '0'],
  ['SOA', '0'],
  ['CNAME', '0'],
  ['PTR', '0'],
  ['TXT', '0'],
  ['NS', '0'],
  ['SRV', '0'],
  ['DS', '0'],
  ['DNSKEY', '0'],
  ['RRSIG', '0'],
  ['NSEC', '0'],
  ['NSEC3', '0'],
  ['HTTPS', '1.8.7'],
  ['SVCB', '1.14.5'],
  ['IXFR', '0'],
  ['AXFR', '0'],
  ['ANY', '0'],
]);

/** One set for all processes of a release. */
const monitoredIn = madeOnce(
  (release: ReleaseName): ReadonlySet<string> =>
    new Set([...monitored].filter(([, from]) => inRelease(since(from), release)).map(([type]) => type)),
);

/** One query served, as the metrics see it. */
export interface Counted {
  readonly server: string;
  readonly zone: string;
  readonly view: string;
  readonly protocol: 'udp' | 'tcp';
  readonly query: Message;
  readonly rcode: Rcode;
  /** What the block made of it; undefined: there was no block. */
  readonly outcome: Outcome | undefined;
  /** Octets of the reply; 0: none. */
  readonly replySize: number;
  readonly micros: number;
}

/** What queries have in common that count in the same series. */
type Alike = Pick<Counted, 'server' | 'zone' | 'view' | 'protocol' | 'rcode'> & {
  readonly type: string;
  /** Empty where the release has no such label. */
  readonly plugin: string;
};

/** The series in which queries count that are alike. */
interface SeriesOf extends Alike {
  readonly requests: Series;
  readonly types: Series | undefined;
  readonly responses: Series;
  readonly duration: Series;
  readonly querySize: Series;
  readonly replySize: Series;
}

/** Counts the queries of a process by the names and labels of its release. */
export class RequestCounters {
  readonly #hasView: boolean;
  readonly #hasTypedDuration: boolean;
  readonly #monitored: ReadonlySet<string>;
  readonly #writer: Writer | undefined;
  readonly #dnssecOk: Family;
  readonly #requests: Family;
  /** By type, where the requests are not. */
  readonly #types: Family | undefined;
  readonly #responses: Family;
  readonly #duration: Family;
  readonly #querySize: Family;
  readonly #replySize: Family;
  /** Few, as each process has few zones and is asked for few types. */
  readonly #known: SeriesOf[] = [];

  constructor(metrics: Metrics, release: Release, writer: Writer | undefined) {
    const { requests, types, responses, dnssecOk, view: hasView } = inRelease(names, release.name);
    const where = hasView ? ['server', 'view', 'zone'] : ['server', 'zone'];
    this.#hasView = hasView;
    this.#monitored = monitoredIn(release.name);
    this.#writer = writer;
    this.#hasTypedDuration = inRelease(typedDuration, release.name);
    this.#dnssecOk = metrics.counter(dnssecOk, where);
    this.#types = types === undefined ? undefined : metrics.counter(types, ['server', 'type', 'zone']);
    const typed = hasView ? ['server', 'type', 'view', 'zone'] : ['server', 'type', 'zone'];
    const labels = types === undefined ? typed : where;
    this.#requests = metrics.counter(requests, ['family', 'proto', ...labels]);
    this.#responses = metrics.counter(
      responses,
      writer === undefined ? ['rcode', ...where] : ['plugin', 'rcode', ...where],
    );
    this.#duration = metrics.histogram(
      'coredns_dns_request_duration_seconds',
      this.#hasTypedDuration ? typed : where,
      durations,
    );
    this.#querySize = metrics.histogram('coredns_dns_request_size_bytes', ['proto', ...where], sizes);
    this.#replySize = metrics.histogram('coredns_dns_response_size_bytes', ['proto', ...where], sizes);
  }

  count({ server, zone, view, protocol, query, rcode, outcome, replySize, micros }: Counted): void {
    const asked = query.question[0]?.type ?? '';
    const type = this.#monitored.has(asked) ? asked : 'other';
    const plugin = this.#writer?.(outcome, asked) ?? '';
    const series = this.#seriesOf({ server, zone, view, protocol, rcode, type, plugin });
    if (query.edns?.do === true) this.#dnssecOk.add(this.#hasView ? [server, view, zone] : [server, zone]);
    series.requests.add();
    series.types?.add();
    series.responses.add();
    series.duration.observe(toSeconds(micros));
    series.querySize.observe(sizeOf(query, { compress: false }));
    series.replySize.observe(replySize);
  }

  #seriesOf(alike: Alike): SeriesOf {
    for (const known of this.#known) if (areAlike(known, alike)) return known;
    const series = this.#newSeries(alike);
    this.#known.push(series);
    return series;
  }

  #newSeries(alike: Alike): SeriesOf {
    const { server, zone, view, protocol, rcode, type, plugin } = alike;
    const where = this.#hasView ? [server, view, zone] : [server, zone];
    const typed = this.#hasView ? [server, type, view, zone] : [server, type, zone];
    const requests = this.#requests.at(['1', protocol, ...(this.#types === undefined ? typed : where)]);
    // Each key by itself: of a spread V8 would make a shape for each object, and search what is asked of it.
    return {
      server,
      zone,
      view,
      protocol,
      rcode,
      type,
      plugin,
      requests,
      types: this.#types?.at([server, type, zone]),
      responses: this.#responses.at(this.#writer === undefined ? [rcode, ...where] : [plugin, rcode, ...where]),
      duration: this.#duration.at(this.#hasTypedDuration ? typed : where),
      querySize: this.#querySize.at([protocol, ...where]),
      replySize: this.#replySize.at([protocol, ...where]),
    };
  }
}

function areAlike(a: Alike, b: Alike): boolean {
  return (
    a.type === b.type &&
    a.rcode === b.rcode &&
    a.zone === b.zone &&
    a.server === b.server &&
    a.protocol === b.protocol &&
    a.view === b.view &&
    a.plugin === b.plugin
  );
}
