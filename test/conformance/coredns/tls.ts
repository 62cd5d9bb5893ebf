import { z } from 'zod';
import { healthRecord } from '../../../src/coredns/plugins/forward/records.ts';
import type { ColumnStore } from '../../../src/engine/columns.ts';
import { type Micros, minute, toSeconds } from '../../../src/engine/time.ts';
import { parseAddress } from '../../../src/network/address.ts';
import type { ScriptedState, TlsSide } from '../../../src/servers/description.ts';
import { tlsHandshake } from '../../../src/transport/tls/records.ts';
import type { CoreDnsRecording } from './recording.ts';

/** A server over TLS as `more/tls_rec.py` has it; days are counted from the recording. */
const schema = z.strictObject({
  certificate: z
    .strictObject({
      common_name: z.string().optional(),
      names: z.array(z.string()).default([]),
      addresses: z.array(z.string()).default([]),
      issuer: z.string().default('Example CA'),
      self_signed: z.boolean().default(false),
      from: z.number().default(-1),
      until: z.number().default(365),
    })
    .prefault({}),
  version: z.literal(1.2).optional(),
  speaks: z.enum(['stalls', 'plain', 'closes', 'resets']).optional(),
  bare_close: z.boolean().default(false),
});

const day = 24 * 60 * minute;

export function tlsOf(
  port: number,
  said: unknown,
): { readonly tls: TlsSide; readonly state: Pick<ScriptedState, 'speaks' | 'bare_close'> } {
  const { certificate, version, speaks, bare_close } = schema.parse(said);
  const { names, issuer, self_signed, from, until } = certificate;
  const addresses = certificate.addresses.flatMap((text) => parseAddress(text) ?? []);
  const commonName = certificate.common_name ?? names[0] ?? 'server';
  return {
    tls: {
      port,
      version: version === undefined ? '1.3' : '1.2',
      certificateOctets: 380,
      certificate: {
        commonName,
        names,
        addresses,
        issuer: self_signed ? commonName : issuer,
        from: from * day,
        until: until * day,
        epoch: 1.8e15,
      },
    },
    state: { bare_close, ...(speaks !== undefined && { speaks }) },
  };
}

/** The recorder leaves out what time it was. */
export const withoutTimes = (line: string): string =>
  line.replace(/current time \S+ is (after|before) \S+/, 'current time TIME is $1 TIME');

/** Connections over TLS by server, as the recorder lists them: opened when, and what the handshake came to. */
export function connectionsSeen(
  store: ColumnStore,
  { servers, health_log }: Pick<CoreDnsRecording, 'servers' | 'health_log'>,
  { start, until }: { readonly start: Micros; readonly until: Micros },
): Record<string, unknown>[] {
  const probes = new Set([...store.rows(healthRecord)].map(({ trace }) => trace));
  const named = new Map(Object.entries(servers).map(([name, { address, port }]) => [`${address}:${port}`, name]));
  return [...store.rows(tlsHandshake)].flatMap(({ t, seconds, trace, cause, to, version, resumed, serverName }) => {
    const opened = toSeconds(t - start) - seconds;
    const isProbe = probes.has(store.parentOf(trace));
    if (t > until || (cause === '' && isProbe && !health_log)) return [];
    const handshake =
      cause === ''
        ? { server_name: /[a-z]/.test(serverName) ? serverName : null, version: `TLSv${version}`, resumed }
        : null;
    return [{ server: named.get(to), opened, handshake }];
  });
}
