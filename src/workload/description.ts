import type { Micros } from '../engine/time.ts';
import type { ResolverDescription } from '../resolver/description.ts';

export type Family = 'any' | 'ipv4' | 'ipv6';

/** Who looks what up, and when. */
export type WorkloadDescription =
  | {
      readonly kind: 'lookups';
      readonly name: string;
      readonly host: string;
      readonly resolver: ResolverDescription;
      readonly lookup: string;
      readonly family: Family;
      readonly startAt: Micros;
      /** From start to start; the next call does not start before the last has returned. */
      readonly every: Micros;
      /** Absent: until the end of the run. */
      readonly count?: number;
    }
  /** One DNS message as written, like dig: shows the reply as it came. */
  | {
      readonly kind: 'query';
      readonly name: string;
      readonly host: string;
      readonly at: Micros;
      readonly from: string;
      readonly fromPort?: number;
      readonly to: string;
      readonly port: number;
      readonly protocol: 'udp' | 'tcp';
      readonly question: { readonly name: string; readonly type: string; readonly class: string };
      readonly flags: { readonly rd: boolean; readonly ad: boolean; readonly cd: boolean };
      readonly edns?: { readonly udpSize: number; readonly do: boolean };
      readonly timeout: Micros;
    };
