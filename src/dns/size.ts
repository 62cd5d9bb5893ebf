import type { Edns, Message } from './message.ts';
import { labelEnd, labelLength, nameLength } from './name.ts';
import type { RecordData, ResourceRecord } from './record.ts';

const headerLength = 12;
/** type, class, TTL, RDLENGTH. */
const fixedLength = 10;
/** A pointer reaches no further than this (RFC 1035 §4.1.4). */
const pointerLimit = 16_384;

export interface RecordLayout {
  readonly section: 'answer' | 'authority' | 'additional' | 'opt';
  readonly start: number;
  /** Octets of the owner name as written: 2 for a pointer alone, 1 for OPT. */
  readonly ownerLength: number;
  readonly end: number;
}

/** Where each record of a message stands, in octets from its start. */
export interface Layout {
  readonly size: number;
  readonly records: readonly RecordLayout[];
}

/** Counts octets as miekg/dns packs them; remembers names when compressing. */
class Counter {
  offset = headerLength;
  readonly #seen: Set<string> | undefined;

  constructor(compress: boolean) {
    this.#seen = compress ? new Set() : undefined;
  }

  /** `mayPoint`: may this name end in a pointer? Either way later names may point into it. Letters count: `A.` is not `a.`. */
  name(name: string, mayPoint: boolean): void {
    if (this.#seen === undefined) {
      this.offset += nameLength(name);
      return;
    }
    for (let start = 0; start < name.length && name !== '.'; ) {
      const suffix = name.slice(start);
      if (this.#seen.has(suffix)) {
        if (mayPoint) {
          this.offset += 2;
          return;
        }
      } else if (this.offset < pointerLimit) this.#seen.add(suffix);
      const end = labelEnd(name, start);
      this.offset += 1 + labelLength(name.slice(start, end));
      start = end + 1;
    }
    this.offset += 1;
  }

  data(data: RecordData): void {
    switch (data.type) {
      case 'A':
        this.offset += 4;
        return;
      case 'AAAA':
        this.offset += 16;
        return;
      case 'CNAME':
      case 'NS':
      case 'PTR':
        this.name(data.target, true);
        return;
      case 'DNAME':
        this.name(data.target, false);
        return;
      case 'MX':
        this.offset += 2;
        this.name(data.exchange, true);
        return;
      case 'SOA':
        this.name(data.mname, true);
        this.name(data.rname, true);
        this.offset += 20;
        return;
      case 'SRV':
        this.offset += 6;
        this.name(data.target, false);
        return;
      case 'TXT':
        this.offset += data.strings.reduce((sum, text) => sum + 1 + textLength(text), 0);
        return;
      case 'HINFO':
        this.offset += 2 + textLength(data.cpu) + textLength(data.os);
        return;
      case 'CAA':
        this.offset += 2 + data.tag.length + textLength(data.value);
        return;
      case 'other': {
        const end = this.offset + data.octets.length;
        const words = data.text.split(' ');
        if (data.typeName === 'NSEC') this.name(words[0] ?? '.', false);
        else if (data.typeName === 'RRSIG') {
          this.offset += 18;
          this.name(words[7] ?? '.', false);
        }
        this.offset = end;
      }
    }
  }
}

/** Octets of a character string as text has it. */
function textLength(text: string): number {
  let length = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    length += code < 0x100 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return length;
}

/** Octets of OPT (RFC 6891 §6.1.2). */
export function optLength(edns: Edns): number {
  return edns.options.reduce((sum, option) => sum + 4 + option.octets.length, 11);
}

/** Where everything stands when the message is written with or without compression (miekg/dns rules). */
export function layoutOf(message: Message, compress: boolean): Layout {
  const counter = new Counter(compress);
  for (const question of message.question) {
    counter.name(question.name, true);
    counter.offset += 4;
  }
  const records: RecordLayout[] = [];
  const add = (section: 'answer' | 'authority' | 'additional', list: readonly ResourceRecord[]) => {
    for (const record of list) {
      const start = counter.offset;
      counter.name(record.name, true);
      const ownerLength = counter.offset - start;
      counter.offset += fixedLength;
      counter.data(record.data);
      records.push({ section, start, ownerLength, end: counter.offset });
    }
  };
  add('answer', message.answer);
  add('authority', message.authority);
  add('additional', message.additional);
  if (message.edns !== undefined) {
    const start = counter.offset;
    counter.offset += optLength(message.edns);
    records.push({ section: 'opt', start, ownerLength: 1, end: counter.offset });
  }
  return { size: counter.offset, records };
}

/** Octets of a message on the wire. */
export function sizeOf(message: Message, { compress }: { readonly compress: boolean }): number {
  return layoutOf(message, compress).size;
}
