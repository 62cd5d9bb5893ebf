import type { Distribution } from '../engine/distribution.ts';
import type { Micros } from '../engine/time.ts';
import type { ResolverDescription } from '../resolver/description.ts';
import type { Family } from '../resolver/lookup.ts';
import type { Schedule } from './schedule.ts';

export type { Family } from '../resolver/lookup.ts';

/** What a program looks up, and when. A `%n` in a name is the number of the call, from 1. */
export type Calls =
  /** From start to start; `count` absent: until the end of the run. */
  | {
      readonly kind: 'regular';
      readonly lookup: string;
      readonly startAt: Micros;
      readonly every: Micros;
      readonly count?: number;
    }
  | { readonly kind: 'scheduled'; readonly lookup: string; readonly schedule: Schedule }
  /** Each thread calls, waits for the result and pauses before its next call (a closed loop); `count`: of all threads. */
  | {
      readonly kind: 'thinking';
      readonly lookup: string;
      readonly startAt: Micros;
      readonly pause: Distribution;
      readonly count?: number;
    }
  /** In order of time; `family` in place of the workload's. */
  | {
      readonly kind: 'listed';
      readonly list: readonly { readonly at: Micros; readonly lookup: string; readonly family?: Family }[];
    };

/** A lookup that failed is made again. */
export interface Retries {
  /** At most so often. */
  readonly times: number;
  /** Before the first of them. */
  readonly pause: Distribution;
  /** Each pause is that much longer than the one before. */
  readonly factor: number;
}

/** Who looks what up, and when. */
export type WorkloadDescription = (
  | {
      readonly kind: 'lookups';
      readonly name: string;
      readonly host: string;
      readonly resolver: ResolverDescription;
      readonly family: Family;
      readonly calls: Calls;
      /** How many calls can be in progress at once, the next one waits until one returns; absent: 1. */
      readonly threads?: number;
      /** Absent: never. The thread is busy meanwhile. */
      readonly retries?: Retries;
      /** The program gives up when a lookup has failed, after its retries. */
      readonly exitsOnFailure?: boolean;
    }
  /**
   * A client of a server that is none of DNS: looks its name up, connects, and uses that connection until a request
   * fails or it is too old.
   */
  | {
      readonly kind: 'connections';
      readonly name: string;
      readonly host: string;
      readonly resolver: ResolverDescription;
      readonly family: Family;
      readonly calls: Calls;
      /** Over UDP nothing is answered, and only errors tell that nobody is there. */
      readonly protocol: 'tcp' | 'udp';
      readonly port: number;
      /** Absent: a connection never is too old. */
      readonly maxAge?: Micros;
      /** Of the connect, and of each request. */
      readonly timeout: Micros;
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
    }
) & {
  /** Which of several that are alike, such as the pods of a Deployment: it has draws of its own. */
  readonly instance?: string;
};

/** A workload's name where no two may share one: of its sockets, its resolver and its draws. */
export function ownName({ name, instance }: Pick<WorkloadDescription, 'name' | 'instance'>): string {
  return instance === undefined ? name : `${name}/${instance}`;
}
