import type { Message } from './message.ts';
import { isWithin, lower, parentOf, sameName } from './name.ts';
import { type RecordData, type ResourceRecord, typeOf } from './record.ts';

/** What a zone says to a question (RFC 1034 §4.3.2). */
export interface ZoneAnswer extends Pick<Message, 'rcode' | 'answer' | 'authority' | 'additional'> {
  readonly aa: boolean;
}

/** Data of a SOA record. */
export type Soa = Extract<RecordData, { readonly type: 'SOA' }>;

/** A zone's records by owner and type; never changed, a change makes a new one. */
export class Zone {
  /** With final dot. */
  readonly origin: string;
  readonly records: readonly ResourceRecord[];
  /** By lower-case owner, then type; an empty map is a name that only has names below it. */
  readonly #names = new Map<string, Map<string, ResourceRecord[]>>();

  constructor(origin: string, records: readonly ResourceRecord[]) {
    this.origin = origin;
    this.records = records;
    this.#types(lower(origin));
    for (const record of records) {
      const owner = lower(record.name);
      if (!isWithin(owner, origin)) continue;
      const types = this.#types(owner);
      const type = typeOf(record);
      const set = types.get(type);
      if (set === undefined) types.set(type, [record]);
      else set.push(record);
      for (let above = parentOf(owner); owner !== lower(origin) && isWithin(above, origin); above = parentOf(above)) {
        this.#types(above);
        if (above === lower(origin)) break;
      }
    }
  }

  /** Is there such a name, or one below it (RFC 4592 §2.2.2: empty non-terminals exist)? */
  has(name: string): boolean {
    return this.#names.has(lower(name));
  }

  /** Records of one name and type, in the order of the file. */
  set(name: string, type: string): readonly ResourceRecord[] {
    return this.#names.get(lower(name))?.get(type) ?? [];
  }

  /** All records of one name. */
  all(name: string): readonly ResourceRecord[] {
    return [...(this.#names.get(lower(name))?.values() ?? [])].flat();
  }

  /** NS records of the zone cut at or above a name, the highest one; DS is asked above the cut. Empty: there is none. */
  delegation(name: string, type: string): readonly ResourceRecord[] {
    const above: string[] = [];
    for (let at = name; !sameName(at, this.origin) && at !== '.'; at = parentOf(at)) above.unshift(at);
    for (const cut of above) {
      const servers = this.set(cut, 'NS');
      if (servers.length > 0 && !(type === 'DS' && sameName(cut, name))) return servers;
    }
    return [];
  }

  /** The name itself where it exists, or the wildcard that stands for it: `*` below the closest name that does (RFC 4592 §3.3.1). */
  ownerFor(name: string): string | undefined {
    if (this.has(name)) return name;
    let encloser = parentOf(name);
    while (!this.has(encloser) && encloser !== '.') encloser = parentOf(encloser);
    const wildcard = encloser === '.' ? '*.' : `*.${encloser}`;
    return this.has(wildcard) ? wildcard : undefined;
  }

  /** The zone's SOA record and its data. */
  get soa(): { readonly record: ResourceRecord; readonly data: Soa } | undefined {
    const [record] = this.set(this.origin, 'SOA');
    return record?.data.type === 'SOA' ? { record, data: record.data } : undefined;
  }

  /** A copy in which each given record stands in place of those of its name and type; the serial goes up by one. */
  replacing(changes: readonly ResourceRecord[]): Zone {
    const key = (record: ResourceRecord) => `${lower(record.name)} ${typeOf(record)}`;
    const changed = new Set(changes.map(key));
    const records: ResourceRecord[] = [];
    for (const record of this.records) {
      if (!changed.has(key(record))) records.push(record);
      else
        for (const change of changes)
          if (key(change) === key(record) && !records.includes(change)) records.push(change);
    }
    for (const change of changes) if (!records.includes(change)) records.push(change);
    return new Zone(this.origin, changed.has(`${lower(this.origin)} SOA`) ? records : records.map(withNextSerial));
  }

  #types(name: string): Map<string, ResourceRecord[]> {
    let types = this.#names.get(name);
    if (types === undefined) {
      types = new Map();
      this.#names.set(name, types);
    }
    return types;
  }
}

function withNextSerial(record: ResourceRecord): ResourceRecord {
  if (record.data.type !== 'SOA') return record;
  return { ...record, data: { ...record.data, serial: (record.data.serial + 1) % 4_294_967_296 } };
}
