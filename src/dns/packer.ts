import { parseIpv6 } from '../network/ipv6.ts';
import { labelEnd, labelLength, labelsOf, nameLength } from './name.ts';
import { labelOctets, stringOctets, textLength } from './octets.ts';
import type { RecordData } from './record.ts';

/** A pointer reaches no further than this (RFC 1035 §4.1.4). */
const pointerLimit = 16_384;

/**
 * To what a name may point: to whatever stood before; to the two longest endings of a name that was written (BIND 9.18); to
 * the endings of the name that was last written out (Knot), and for owners to names in the data before (Knot DNS, the server).
 */
export type Reach = 'all' | 'two longest' | 'last' | 'last or hinted';

/** How names are written: with pointers or without, and to what they point. */
export interface Compression {
  readonly compress: boolean;
  /** May later names point into the targets of SRV records? miekg/dns and BIND do, others do not. */
  readonly pointsIntoTargets?: boolean;
  readonly pointsTo?: Reach;
}

/** Writes the parts of a message as miekg/dns packs them, or only counts their octets. */
export class Packer {
  offset = 0;
  /** Endings of names by where they stand; undefined: no compression. */
  readonly #seen: Map<string, number> | undefined;
  readonly #octets: number[] | undefined;
  readonly #pointsIntoTargets: boolean;
  readonly #reach: Reach;
  readonly #isAfterLast: boolean;
  /** Labels of the name that was last written out, and where each stands. */
  #whole: readonly { readonly label: string; readonly at: number }[] = [];
  /** The name asked, after it was written. */
  #question: readonly { readonly label: string; readonly at: number }[] | undefined;
  /** Where the question and the names in the data stand. */
  readonly #hints: Map<string, number> | undefined;
  /** The last owner, and where it stands or what it points to. */
  #owner = '';
  #ownerAt = 0;
  #isInData = false;
  #lastName = '';
  #lastLength = 0;

  /** `write`: are the octets wanted, or their number alone? */
  constructor({ compress, pointsIntoTargets = true, pointsTo = 'all' }: Compression, write: boolean) {
    this.#reach = pointsTo;
    this.#isAfterLast = pointsTo === 'last' || pointsTo === 'last or hinted';
    this.#hints = pointsTo === 'last or hinted' ? new Map() : undefined;
    this.#pointsIntoTargets = pointsIntoTargets;
    this.#seen = compress ? new Map() : undefined;
    this.#octets = write ? [] : undefined;
  }

  /** What was written. */
  get octets(): Uint8Array {
    return Uint8Array.from(this.#octets ?? []);
  }

  /** A number, most significant octet first. */
  uint(value: number, octets: 1 | 2 | 4): void {
    for (let shift = octets - 1; this.#octets !== undefined && shift >= 0; shift--) {
      this.#octets.push(Math.floor(value / 256 ** shift) % 256);
    }
    this.offset += octets;
  }

  /** Octets as they are; `list` is asked for only when they are written. */
  raw(length: number, list: () => Iterable<number>): void {
    this.#octets?.push(...list());
    this.offset += length;
  }

  /** `mayPoint`: may this name end in a pointer? Either way later names may point into it. Letters count: `A.` is not `a.`. */
  name(name: string, mayPoint: boolean, isRemembered = true): void {
    if (this.#seen === undefined && this.#octets === undefined) {
      // The records of a set have one owner.
      if (name !== this.#lastName) this.#lastLength = nameLength(name);
      this.#lastName = name;
      this.offset += this.#lastLength;
      return;
    }
    if (this.#isInData && this.#hints?.has(name) === false) this.#hints.set(name, this.offset);
    if (this.#isAfterLast && mayPoint && this.#seen !== undefined) {
      if (this.#isInData) this.#nameAfterLast(name);
      else this.#ownerAfterLast(name);
      return;
    }
    if (this.#reach === 'two longest' && !this.#isInData && this.#isRootAgain(name)) {
      this.uint(0xc000 + this.#ownerAt, 2);
      return;
    }
    let endings = this.#reach === 'two longest' ? 2 : Number.POSITIVE_INFINITY;
    for (let start = 0; start < name.length && name !== '.'; ) {
      const pointer = isRemembered && endings-- > 0 ? this.#pointerTo(name.slice(start)) : undefined;
      if (pointer !== undefined && mayPoint) {
        this.uint(0xc000 + pointer, 2);
        return;
      }
      const end = labelEnd(name, start);
      this.#label(name.slice(start, end));
      start = end + 1;
    }
    this.uint(0, 1);
  }

  /** Data behind its length. */
  data(data: RecordData): void {
    const lengthAt = this.offset;
    this.uint(0, 2);
    this.#isInData = true;
    this.#content(data);
    this.#isInData = false;
    const length = this.offset - lengthAt - 2;
    this.#octets?.splice(lengthAt, 2, length >> 8, length & 255);
  }

  #content(data: RecordData): void {
    switch (data.type) {
      case 'A':
        this.raw(4, () => data.address.split('.').map(Number));
        return;
      case 'AAAA':
        this.raw(16, () => (parseIpv6(data.address) ?? []).flatMap((group) => [group >> 8, group & 255]));
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
        this.uint(data.preference, 2);
        this.name(data.exchange, true);
        return;
      case 'SOA':
        this.name(data.mname, true);
        this.name(data.rname, true);
        for (const n of [data.serial, data.refresh, data.retry, data.expire, data.minimum]) this.uint(n, 4);
        return;
      case 'SRV':
        for (const n of [data.priority, data.weight, data.port]) this.uint(n, 2);
        this.name(data.target, false, this.#pointsIntoTargets);
        return;
      case 'TXT':
        for (const text of data.strings) this.#text(text);
        return;
      case 'HINFO':
        this.#text(data.cpu);
        this.#text(data.os);
        return;
      case 'CAA':
        this.uint(data.flags, 1);
        this.#text(data.tag);
        this.raw(textLength(data.value), () => stringOctets(data.value).slice(1));
        return;
      case 'other':
        this.#rememberIn(data.typeName, data.text);
        this.raw(data.octets.length, () => data.octets);
    }
  }

  /** BIND points to the root where it owns record after record. */
  #isRootAgain(name: string): boolean {
    const isAgain = name === '.' && this.#owner === '.' && this.#question !== undefined;
    this.#owner = this.#question === undefined ? '' : name;
    if (!isAgain) this.#ownerAt = this.offset;
    this.#question ??= [];
    return isAgain;
  }

  /** Knot's `write_owner`: an owner that is not the last one, nor the name that was last written, is written beside the question. */
  #ownerAfterLast(name: string): void {
    const isFirst = this.#question === undefined;
    if (!isFirst && name !== '.') {
      const isWhole = name === `${this.#whole.map(({ label }) => label).join('.')}.`;
      const known =
        name === this.#owner ? this.#ownerAt : (this.#hints?.get(name) ?? (isWhole ? this.#whole[0]?.at : undefined));
      if (known !== undefined) {
        this.#owner = name;
        this.#ownerAt = known;
        this.uint(0xc000 + known, 2);
        return;
      }
    }
    this.#owner = name;
    this.#ownerAt = this.offset;
    if (!isFirst) this.#whole = this.#question ?? [];
    this.#nameAfterLast(name);
    if (!isFirst) return;
    this.#question = this.#whole;
    this.#hints?.set(name, this.#ownerAt);
  }

  /** Label by label beside the name that was last written out, from the end; what is equal up to the end is pointed to. */
  #nameAfterLast(name: string): void {
    const start = this.offset;
    const labels = labelsOf(name);
    const beside = this.#whole.slice(Math.max(0, this.#whole.length - labels.length));
    const written: { label: string; at: number }[] = [];
    let equalFrom = labels.length - beside.length;
    for (const [i, label] of labels.entries()) {
      if (beside[i - labels.length + beside.length]?.label !== label) equalFrom = i + 1;
    }
    for (const label of labels.slice(0, equalFrom)) {
      written.push({ label, at: this.offset });
      this.#label(label);
    }
    const rest = beside.slice(beside.length - labels.length + equalFrom);
    const [target] = rest;
    if (target === undefined) this.uint(0, 1);
    else this.uint(0xc000 + target.at, 2);
    if (this.offset - start > 2) this.#whole = [...written, ...rest];
  }

  #text(text: string): void {
    this.raw(1 + textLength(text), () => stringOctets(text));
  }

  #label(label: string): void {
    this.uint(labelLength(label), 1);
    this.raw(labelLength(label), () => labelOctets(label));
  }

  /** Where this ending stood before; otherwise it stands here. */
  #pointerTo(ending: string): number | undefined {
    const known = this.#seen?.get(ending);
    if (known === undefined && this.offset < pointerLimit) this.#seen?.set(ending, this.offset);
    return known;
  }

  /** Later names may point into those of NSEC and RRSIG. */
  #rememberIn(type: string, text: string): void {
    const words = text.split(' ');
    if (type === 'NSEC') this.#remember(words[0] ?? '.', this.offset);
    else if (type === 'RRSIG') this.#remember(words[7] ?? '.', this.offset + 18);
  }

  #remember(name: string, at: number): void {
    let offset = at;
    for (let start = 0; start < name.length && name !== '.' && offset < pointerLimit; ) {
      const ending = name.slice(start);
      if (this.#seen !== undefined && !this.#seen.has(ending)) this.#seen.set(ending, offset);
      const end = labelEnd(name, start);
      offset += 1 + labelLength(name.slice(start, end));
      start = end + 1;
    }
  }
}
