import { changed } from '../../../dns/build.ts';
import type { Message } from '../../../dns/message.ts';
import { layoutOf, udpRoom } from '../../../dns/size.ts';
import { encode } from '../../../transport/decode.ts';
import type { DnsPayload } from '../../../transport/payload.ts';
import type { Incoming } from '../../../transport/serve.ts';
import type { ServerFaults } from '../../description.ts';

/**
 * A reply with the records of each section that fit, then OPT where there is room. What is missing of the answer or of OPT is a
 * reason for TC, and of the authority where the client wants DNSSEC (`dns_stub_add_reply_packet_body`).
 */
export function cut(
  reply: Message,
  { message, protocol }: Incoming,
  { limits, compress }: Pick<ServerFaults, 'limits' | 'compress'>,
): DnsPayload {
  const compression = { compress, pointsIntoTargets: false };
  const whole = encode(reply, compression);
  const room = udpRoom(message.edns);
  if (protocol === 'tcp' || limits === 'none' || whole.size <= room) return whole;
  let left: Message = changed(reply, { answer: [], authority: [], additional: [], edns: undefined });
  let tc = false;
  for (const section of ['answer', 'authority', 'additional'] as const) {
    const { records } = layoutOf(changed(left, { [section]: reply[section] }), compression);
    const fits = records.filter((record) => record.section === section && record.end <= room).length;
    left = changed(left, { [section]: reply[section].slice(0, fits) });
    const isMissed = section === 'answer' || (section === 'authority' && message.edns?.do === true);
    tc ||= isMissed && fits < reply[section].length;
  }
  const withOpt = encode(changed(left, { flags: { ...left.flags, tc }, edns: reply.edns }), compression);
  return withOpt.size <= room ? withOpt : encode(changed(left, { flags: { ...left.flags, tc: true } }), compression);
}
