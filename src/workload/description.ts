import type { Micros } from '../engine/time.ts';
import type { ResolverDescription } from '../resolver/description.ts';
import type { Family } from '../resolver/lookup.ts';

export type { Family } from '../resolver/lookup.ts';

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
      /** From start to start; with every thread busy the next call waits until one returns. */
      readonly every: Micros;
      /** Absent: until the end of the run. */
      readonly count?: number;
      /** How many calls can be in progress at once; absent: 1. */
      readonly threads?: number;
      /** In place of `lookup` at regular times: names at times of their own, in order. */
      readonly calls?: readonly { readonly at: Micros; readonly lookup: string }[];
    }
  /** Datagrams from one socket, whose source port never changes, at given times, whether the last was answered or not. */
  | {
      readonly kind: 'fixed-port';
      readonly name: string;
      readonly host: string;
      readonly sourcePort: number;
      readonly connected: boolean;
      readonly to: string;
      readonly port: number;
      readonly times: readonly Micros[];
      /** A question of type A without EDNS (message ids 1000, 1001, …), or a text that nobody answers; `%n`: number of the datagram from 1. */
      readonly send:
        | { readonly kind: 'question'; readonly name: string; readonly type: string; readonly timeout: Micros }
        | { readonly kind: 'text'; readonly text: string };
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
