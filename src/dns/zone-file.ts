import { type Position, type Problems, positionAt, type Source } from '../problem/problem.ts';
import { didYouMean } from '../problem/suggestion.ts';
import { isWithin, labelLength, labelsOf, nameLength } from './name.ts';
import { classNumber, knownTypes, typeNumber } from './numbers.ts';
import { type ResourceRecord, typeOf } from './record.ts';
import { parseData, ttlSeconds, type Word } from './text.ts';
import { Zone } from './zone.ts';
import { type ZoneEntry, zoneEntries } from './zone-lexer.ts';

/** A record of a zone file and where it stands. */
export interface PlacedRecord {
  readonly record: ResourceRecord;
  readonly position: Position;
}

/** Finds the file that `$INCLUDE` names in another; undefined: there is none. */
export type Include = (path: string, from: string) => Source | undefined;

/**
 * Reads a zone file (RFC 1035 §5, RFC 2308 §4): its records in order, and every fault. `origin` has a final dot.
 * Without `include` a file that includes another is a fault.
 */
export function parseZoneFile(source: Source, origin: string, problems: Problems, include?: Include): PlacedRecord[] {
  const reader = new ZoneReader(source, origin, problems, include);
  for (const entry of zoneEntries(source, problems)) reader.entry(entry);
  return reader.records;
}

/** Reads a zone file and checks that it is a whole zone. */
export function readZone(source: Source, origin: string, problems: Problems): Zone {
  const records = parseZoneFile(source, origin, problems);
  checkZone(source, origin, records, problems);
  return new Zone(
    origin,
    records.map(({ record }) => record),
  );
}

/** What data of a type looks like, for the remedy of a fault. */
const shapes: Readonly<Record<string, string>> = {
  A: 'A 192.0.2.1',
  AAAA: 'AAAA 2001:db8::1',
  CNAME: 'CNAME target',
  NS: 'NS server',
  PTR: 'PTR target',
  MX: 'MX 10 mail',
  SRV: 'SRV priority weight port target',
  SOA: 'SOA server mailbox serial refresh retry expire minimum',
  TXT: 'TXT "text"',
  HINFO: 'HINFO "cpu" "os"',
  CAA: 'CAA 0 issue "ca.example"',
};

/** miekg/dns follows no more of them. */
const deepestInclude = 7;

class ZoneReader {
  readonly records: PlacedRecord[] = [];
  readonly #source: Source;
  readonly #zone: string;
  readonly #problems: Problems;
  #origin: string;
  #defaultTtl: number | undefined;
  #lastTtl: number | undefined;
  #owner: string | undefined;
  readonly #include: Include | undefined;
  #depth = 0;

  constructor(source: Source, origin: string, problems: Problems, include: Include | undefined) {
    this.#source = source;
    this.#zone = origin;
    this.#origin = origin;
    this.#problems = problems;
    this.#include = include;
  }

  entry({ words, indented, position }: ZoneEntry): void {
    const [first, ...rest] = words;
    if (first === undefined) return;
    if (!indented && first.text.startsWith('$') && !first.quoted) {
      this.#control(first, rest);
      return;
    }
    if (!indented) this.#owner = this.#name(first);
    else if (this.#owner === undefined) {
      this.#problem(first, 'no-owner', 'the first record has no owner name', 'begin the line with a name or @');
    }
    this.#record(first, indented ? words : rest, position);
  }

  #control(keyword: Word, rest: readonly Word[]): void {
    const [value] = rest;
    switch (keyword.text.toUpperCase()) {
      case '$ORIGIN':
        this.#origin = (value && this.#name(value)) ?? this.#origin;
        if (value === undefined) this.#problem(keyword, 'bad-origin', '$ORIGIN needs a name', '$ORIGIN example.com.');
        return;
      case '$TTL':
        this.#defaultTtl = ttlSeconds(value?.text) ?? this.#defaultTtl;
        if (ttlSeconds(value?.text) === undefined) {
          this.#problem(value ?? keyword, 'bad-ttl', '$TTL needs a number of seconds', '$TTL 300 or $TTL 5m');
        }
        return;
      case '$INCLUDE':
        if (this.#include === undefined) this.#notModelled(keyword);
        else this.#included(keyword, rest, this.#include);
        return;
      case '$GENERATE':
        this.#notModelled(keyword);
        return;
      default: {
        const hint = didYouMean(keyword.text, ['$ORIGIN', '$TTL'], 'control entries');
        this.#problem(keyword, 'unknown-control', `unknown control entry ${keyword.text}`, hint);
      }
    }
  }

  #notModelled(keyword: Word): void {
    this.#problem(keyword, 'not-modelled', `${keyword.text} is not modelled`, 'write the records out in this file');
  }

  /** The records of another file, below an origin of its own; what it sets ends with it (RFC 1035 §5.1). */
  #included(keyword: Word, [path, below]: readonly Word[], include: Include): void {
    const source = path === undefined ? undefined : include(path.text, this.#source.file);
    if (source === undefined || this.#depth === deepestInclude) {
      this.#problem(
        path ?? keyword,
        'no-file',
        `${path?.text ?? 'nothing'} cannot be included`,
        '$INCLUDE FILE [ORIGIN]',
      );
      return;
    }
    const inner = new ZoneReader(source, this.#zone, this.#problems, include);
    inner.#origin = (below && this.#name(below)) ?? this.#origin;
    inner.#defaultTtl = this.#defaultTtl;
    inner.#lastTtl = this.#lastTtl;
    inner.#depth = this.#depth + 1;
    for (const entry of zoneEntries(source, this.#problems)) inner.entry(entry);
    this.records.push(...inner.records);
  }

  #record(first: Word, words: readonly Word[], position: Position): void {
    let ttl: number | undefined;
    let at = 0;
    for (let word = words[at]; word !== undefined && !word.quoted; word = words[++at]) {
      if (/^\d/.test(word.text)) {
        ttl = ttlSeconds(word.text);
        if (ttl === undefined)
          this.#problem(word, 'bad-ttl', `${word.text} is no TTL`, 'seconds up to 2147483647, or 5m, 1h30m');
      } else if (classNumber(word.text.toUpperCase()) === undefined || typeNumber(word.text.toUpperCase()) === 255)
        break;
      else if (word.text.toUpperCase() !== 'IN') {
        this.#problem(word, 'not-modelled', `class ${word.text} is not modelled`, 'only IN is');
        return;
      }
    }
    const [typeWord, ...data] = words.slice(at);
    if (typeWord === undefined) {
      this.#problem(first, 'no-type', 'the record has no type', 'a record is: name ttl IN type data');
      return;
    }
    this.#data(typeWord, data, ttl, position);
  }

  #data(typeWord: Word, words: readonly Word[], ownTtl: number | undefined, position: Position): void {
    const type = typeWord.text.toUpperCase();
    if (typeNumber(type) === undefined) {
      const hint = didYouMean(type, knownTypes, 'types');
      this.#problem(typeWord, 'unknown-type', `unknown record type ${typeWord.text}`, hint);
      return;
    }
    let badName = false;
    const name = (text: string): string => {
      const word = words.find((w) => w.text === text && !w.quoted) ?? typeWord;
      const full = this.#name({ ...word, text });
      badName ||= full === undefined;
      return full ?? '.';
    };
    const data = parseData(type, words, name);
    if (badName) return;
    if (data === undefined) {
      const shape = shapes[type];
      const hint = shape === undefined ? 'data of this type can be written as \\# LENGTH HEX' : `expected: ${shape}`;
      const written = words.map((w) => w.text).join(' ');
      this.#problem(
        words[0] ?? typeWord,
        'bad-data',
        written === '' ? `${type} has no data` : `${written} is no data of type ${type}`,
        hint,
      );
      return;
    }
    const ttl = ownTtl ?? this.#defaultTtl ?? this.#lastTtl ?? (data.type === 'SOA' ? data.minimum : undefined);
    if (ttl === undefined) {
      this.#problem(
        typeWord,
        'no-ttl',
        'the record has no TTL and none is set before it',
        'put $TTL 300 at the top of the file',
      );
    }
    this.#lastTtl = ttl ?? 0;
    if (this.#owner === undefined) return;
    this.#add({ name: this.#owner, ttl: ttl ?? 0, class: 'IN', data }, position);
  }

  #add(record: ResourceRecord, position: Position): void {
    if (isWithin(record.name, this.#zone)) this.records.push({ record, position });
    else {
      const message = `${record.name} is outside of the zone ${this.#zone}`;
      this.#problems.push({
        ...position,
        code: 'out-of-zone',
        message,
        hint: 'a name without final dot is relative to the origin',
      });
    }
  }

  /** The absolute name of a word. */
  #name(word: Word): string | undefined {
    const { text } = word;
    const relative = !text.endsWith('.') || /(^|[^\\])(\\\\)*\\\.$/.test(text);
    const name = text === '@' ? this.#origin : relative ? `${text}.${this.#origin === '.' ? '' : this.#origin}` : text;
    const labels = labelsOf(name);
    if (name === '.' || (labels.every((l) => l !== '' && labelLength(l) <= 63) && nameLength(name) <= 255)) return name;
    const hint = 'labels have 1 to 63 octets, a name at most 255';
    this.#problem(word, 'bad-name', `${text === '' ? '""' : text} is no domain name`, hint);
    return undefined;
  }

  #problem(word: Word, code: string, message: string, hint: string): void {
    this.#problems.push({ ...positionAt(this.#source, word.offset), code, message, hint });
  }
}

/** What a whole zone must fulfil (RFC 1035 §5.2, RFC 1034 §3.6.2): one SOA at the apex, nothing beside a CNAME. */
export function checkZone(source: Source, origin: string, records: readonly PlacedRecord[], problems: Problems): void {
  const add = (position: Position, code: string, message: string, hint: string) =>
    problems.push({ ...position, code, message, hint });
  const soas = records.filter(({ record }) => record.data.type === 'SOA');
  const start = { file: source.file, line: 1, column: 1 };
  if (soas.length === 0) {
    add(start, 'no-soa', `the zone ${origin} has no SOA record`, '@ IN SOA ns hostmaster 1 7200 900 1209600 60');
  }
  for (const { position } of soas.slice(1)) add(position, 'second-soa', 'a zone has one SOA record', 'remove this one');
  for (const { record, position } of soas) {
    if (record.name.toLowerCase() !== origin.toLowerCase()) {
      add(position, 'soa-not-at-apex', `the SOA belongs to ${origin}, not ${record.name}`, 'write @ as its owner');
    }
  }
  const owners = new Map<string, Set<string>>();
  for (const { record, position } of records) {
    const owner = record.name.toLowerCase();
    const types = owners.get(owner) ?? new Set<string>();
    owners.set(owner, types);
    const type = typeOf(record);
    if (types.size > 0 && (type === 'CNAME' || types.has('CNAME')) && type !== 'RRSIG' && type !== 'NSEC') {
      add(position, 'cname-and-other-data', `${record.name} has a CNAME and other records`, 'a CNAME stands alone');
    }
    types.add(type);
  }
}
