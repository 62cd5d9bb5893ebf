import { madeLast } from '../engine/made-once.ts';
import type { Edns, Message } from './message.ts';
import { nameLength } from './name.ts';
import { type Compression, Packer } from './packer.ts';
import type { ResourceRecord } from './record.ts';

/** Octets of UDP payload that everybody takes (RFC 1035 §4.2.1). */
const leastUdp = 512;
const headerLength = 12;
/** type and class. */
const questionLength = 4;
/** type, class and TTL. */
const fixedLength = 8;

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

/** Octets of OPT (RFC 6891 §6.1.2). */
export function optLength(edns: Edns): number {
  return edns.options.reduce((sum, option) => sum + 4 + option.octets.length, 11);
}

/** Where everything stands when the message is written with or without compression (miekg/dns rules). */
export function layoutOf(message: Message, compression: Compression): Layout {
  const records: RecordLayout[] = [];
  const size = measure(message, compression, (section, start, ownerLength, end) => {
    records.push({ section, start, ownerLength, end });
  });
  return { size, records };
}

/** Octets of a message on the wire. */
export function sizeOf(message: Message, compression: Compression): number {
  return compression.compress || isBare(message) ? measure(message, compression, () => {}) : plainSize(message);
}

/** A reply's is asked for by those who count octets, and again where it is cut. */
const plainSize = madeLast((message: Message) => measure(message, { compress: false }, () => {}));

/** Was a message that took so many octets written with pointers? */
export function isCompressed(message: Message, octets: number): boolean {
  return octets < sizeOf(message, { compress: false });
}

type Place = (section: RecordLayout['section'], start: number, ownerLength: number, end: number) => void;

/** Goes through a message as it is written, tells where each record stands, and returns the octets of all. */
function measure(message: Message, compression: Compression, place: Place): number {
  const { question, edns } = message;
  const [asked] = question;
  const length =
    isBare(message) && asked !== undefined
      ? headerLength + nameLength(asked.name) + questionLength
      : lengthWithRecords(message, compression, place);
  if (edns === undefined) return length;
  const end = length + optLength(edns);
  place('opt', length, 1, end);
  return end;
}

/** A question and nothing else, but for OPT. */
function isBare({ question, answer, authority, additional }: Message): boolean {
  return question.length === 1 && answer.length + authority.length + additional.length === 0;
}

function lengthWithRecords(message: Message, compression: Compression, place: Place): number {
  const packer = new Packer(compression, false);
  packer.offset = headerLength;
  for (const question of message.question) {
    packer.name(question.name, true);
    packer.offset += questionLength;
  }
  placeRecords(packer, 'answer', message.answer, place);
  placeRecords(packer, 'authority', message.authority, place);
  placeRecords(packer, 'additional', message.additional, place);
  return packer.offset;
}

function placeRecords(
  packer: Packer,
  section: RecordLayout['section'],
  records: readonly ResourceRecord[],
  place: Place,
): void {
  for (const { name, data } of records) {
    const start = packer.offset;
    packer.name(name, true);
    const ownerLength = packer.offset - start;
    packer.offset += fixedLength;
    packer.data(data);
    place(section, start, ownerLength, packer.offset);
  }
}

/** The largest datagram, in octets, that a sender with this OPT takes (RFC 6891 §6.2.3). */
export function udpRoom(edns: Edns | undefined): number {
  return Math.max(leastUdp, edns?.udpSize ?? 0);
}
