import type { Edns, Message, Opcode } from './message.ts';
import { classNumber, rcodeNumber, typeNumber } from './numbers.ts';
import { Packer } from './packer.ts';
import { type ResourceRecord, typeOf } from './record.ts';

const opcodes: Readonly<Record<Opcode, number>> = { QUERY: 0, IQUERY: 1, STATUS: 2, NOTIFY: 4, UPDATE: 5 };
const optType = 41;

/** A message as it stands on the wire (RFC 1035 §4.1), names compressed or not. */
export function bytesOf(message: Message, { compress }: { readonly compress: boolean }): Uint8Array {
  const packer = new Packer({ compress }, true);
  const { question, answer, authority, additional, edns } = message;
  packer.uint(message.id, 2);
  packer.uint(flagBits(message), 2);
  packer.uint(question.length, 2);
  for (const section of [answer, authority]) packer.uint(section.length, 2);
  packer.uint(additional.length + (edns === undefined ? 0 : 1), 2);
  for (const { name, type, class: of } of question) {
    packer.name(name, true);
    packer.uint(typeNumber(type) ?? 0, 2);
    packer.uint(classNumber(of) ?? 0, 2);
  }
  for (const record of [...answer, ...authority, ...additional]) writeRecord(packer, record);
  if (edns !== undefined) writeOpt(packer, edns, rcodeNumber(message.rcode));
  return packer.octets;
}

function flagBits({ response, opcode, flags, rcode }: Message): number {
  const bit = (set: boolean, at: number) => (set ? 1 << at : 0);
  const { aa, tc, rd, ra, ad, cd } = flags;
  const bits = [bit(response, 15), bit(aa, 10), bit(tc, 9), bit(rd, 8), bit(ra, 7), bit(ad, 5), bit(cd, 4)];
  return bits.reduce((sum, b) => sum + b, (opcodes[opcode] << 11) + (rcodeNumber(rcode) & 15));
}

function writeRecord(packer: Packer, record: ResourceRecord): void {
  packer.name(record.name, true);
  packer.uint(typeNumber(typeOf(record)) ?? 0, 2);
  packer.uint(classNumber(record.class) ?? 0, 2);
  packer.uint(record.ttl, 4);
  packer.data(record.data);
}

/** RFC 6891 §6.1.2. */
function writeOpt(packer: Packer, edns: Edns, rcode: number): void {
  packer.uint(0, 1);
  packer.uint(optType, 2);
  packer.uint(edns.udpSize, 2);
  packer.uint(rcode >> 4, 1);
  packer.uint(edns.version, 1);
  packer.uint(edns.do ? 0x8000 : 0, 2);
  packer.uint(
    edns.options.reduce((sum, { octets }) => sum + 4 + octets.length, 0),
    2,
  );
  for (const { code, octets } of edns.options) {
    packer.uint(code, 2);
    packer.uint(octets.length, 2);
    packer.raw(octets.length, () => octets);
  }
}
