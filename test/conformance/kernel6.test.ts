import { expect, test } from 'vitest';
import { conformance } from './agreement.ts';
import { findRecordings } from './find.ts';
import { isObject } from './kernel/recording.ts';
import { observe } from './kernel.ts';

const directory = new URL('../recordings/kernel6', import.meta.url).pathname;
const recordings = findRecordings([directory]);

test('recordings over IPv6 agree', () => {
  const [result] = conformance([directory]);
  expect(result?.differences).toEqual([]);
  expect(result?.agree).toBe(6);
});

/** Packets in order for each place where tcpdump listened; times are judged with all else. */
function packets(rows: readonly unknown[]): Record<string, string[]> {
  const seen: Record<string, string[]> = {};
  for (const row of rows.filter(isObject)) {
    if (row.ev !== 'pcap' || typeof row.t !== 'number' || row.t < 0) continue;
    const place = `${row.dev} ${row.dir}`;
    seen[place] = [...(seen[place] ?? []), `${row.pkt}`];
  }
  return seen;
}

// agree.mjs looks at packets of IPv4 only.
test.each(recordings.map(({ file, path, recording }) => ({ file, path, recording })))(
  '$file: the packets of IPv6 read as tcpdump printed them',
  ({ path, recording }) => {
    expect(packets(observe(path, recording) ?? [])).toEqual(packets(Array.isArray(recording) ? recording : []));
  },
);
