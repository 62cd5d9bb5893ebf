import { describe, expect, it } from 'vitest';
import { query, replyTo } from '../dns/build.ts';
import { parseRecord } from '../dns/text.ts';
import { tcpdumpText } from './tcpdump.ts';

const asked = query(30_973, { name: 'api-push.vivo.com.cn.', type: 'A' }, { flags: { rd: true } });
const answer = ['182.92.255.169', '112.126.11.70'].flatMap((a) => {
  const record = parseRecord(`api-push.vivo.com.cn. 600 IN A ${a}`);
  return record === undefined ? [] : [record];
});

describe('a DNS message as tcpdump -n words it', () => {
  it('shows a query', () => {
    expect(tcpdumpText(asked, 38)).toBe('30973+ A? api-push.vivo.com.cn. (38)');
    const withOpt = { ...asked, edns: { udpSize: 2048, do: true, version: 0, options: [] } };
    expect(tcpdumpText(withOpt, 49)).toBe('30973+ [1au] A? api-push.vivo.com.cn. (49)');
  });

  it('shows a reply with its records, rcode and flags', () => {
    const bare = replyTo(asked);
    const reply = { ...bare, flags: { ...bare.flags, ra: true }, answer };
    expect(tcpdumpText(reply, 102)).toBe('30973 2/0/0 A 182.92.255.169, A 112.126.11.70 (102)');
    const cut = { ...bare, flags: { ...bare.flags, aa: true, tc: true } };
    expect(tcpdumpText(cut, 38)).toBe('30973*-| 0/0/0 (38)');
    expect(tcpdumpText({ ...replyTo(asked, 'NXDOMAIN'), flags: reply.flags }, 38)).toBe('30973 NXDomain 0/0/0 (38)');
  });
});
