import type { Message } from '../dns/message.ts';
import type { ResourceRecord } from '../dns/record.ts';
import { flagsOf, formatRecord } from '../dns/text.ts';

/** Columns of a reply, as dig would print it. */
export function replyFields(message: Message, wire: number) {
  return {
    rcode: message.rcode,
    flags: flagsOf(message).join(' '),
    answer: lines(message.answer),
    authority: lines(message.authority),
    additional: lines(message.additional),
    edns: message.edns?.udpSize ?? Number.NaN,
    wire,
  };
}

/** Columns where no reply came. */
export const noReply = {
  from: '',
  rcode: '',
  flags: '',
  answer: '',
  authority: '',
  additional: '',
  edns: Number.NaN,
  wire: Number.NaN,
} as const;

function lines(records: readonly ResourceRecord[]): string {
  return records.map(formatRecord).join('\n');
}
