/** Record data, one shape a type. Names are absolute (final dot) and keep their letters' case. */
export type RecordData =
  | { readonly type: 'A'; readonly address: string }
  | { readonly type: 'AAAA'; readonly address: string }
  | { readonly type: 'CNAME' | 'NS' | 'PTR' | 'DNAME'; readonly target: string }
  | { readonly type: 'MX'; readonly preference: number; readonly exchange: string }
  | {
      readonly type: 'SOA';
      readonly mname: string;
      readonly rname: string;
      readonly serial: number;
      readonly refresh: number;
      readonly retry: number;
      readonly expire: number;
      readonly minimum: number;
    }
  | {
      readonly type: 'SRV';
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: string;
    }
  | { readonly type: 'TXT'; readonly strings: readonly string[] }
  | { readonly type: 'HINFO'; readonly cpu: string; readonly os: string }
  | { readonly type: 'CAA'; readonly flags: number; readonly tag: string; readonly value: string }
  /** Any other type: `typeName` as presentation text has it (RRSIG, HTTPS, TYPE65…), data as text, exact octets. */
  | { readonly type: 'other'; readonly typeName: string; readonly text: string; readonly octets: Uint8Array };

/** One resource record. `ttl` in seconds; the class is IN unless said. */
export interface ResourceRecord {
  readonly name: string;
  readonly ttl: number;
  readonly class: string;
  readonly data: RecordData;
}

/** The record with another TTL, made as records are made: V8 then knows one shape of them. */
export function withTtl({ name, class: of, data }: ResourceRecord, ttl: number): ResourceRecord {
  return { name, ttl, class: of, data };
}

/** Hosts that MX, SRV and NS records name, whose addresses go with them (RFC 1035 §3.3, RFC 2782); as often as they are named. */
export function hostsOf(records: readonly ResourceRecord[]): string[] {
  return records.flatMap(({ data }) => {
    if (data.type === 'MX') return [data.exchange];
    return data.type === 'SRV' || data.type === 'NS' ? [data.target] : [];
  });
}

/** The type of a record as presentation text has it. */
export function typeOf(record: ResourceRecord): string {
  return record.data.type === 'other' ? record.data.typeName : record.data.type;
}
