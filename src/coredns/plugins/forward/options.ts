import type { Rcode } from '../../../dns/message.ts';
import { type Micros, millisecond, second } from '../../../engine/time.ts';
import type { Endpoint } from '../../../network/packet.ts';
import { type Roots, systemRoots } from '../../../transport/tls/certificate.ts';

export type PolicyName = 'random' | 'round_robin' | 'sequential';

export interface HealthOptions {
  readonly interval: Micros;
  readonly recursionDesired: boolean;
  readonly domain: string;
}

/** An upstream that no packet is ever sent to: its name in metrics, and why each dial fails, as Go words it. */
export interface Undialled {
  readonly name: string;
  readonly error: string;
}

/** A destination: an address, or a host name to look up at start. */
export type To =
  | {
      readonly kind: 'address';
      readonly scheme: string;
      readonly endpoint: Endpoint;
      /** `tls://ADDRESS%NAME` */
      readonly serverName: string;
      /** It passes for an address, and cannot be dialled. */
      readonly undialled?: Undialled;
    }
  | {
      readonly kind: 'name';
      readonly scheme: string;
      readonly name: string;
      readonly port: number;
      readonly serverName: string;
    };

/** One `forward` line with its block. */
export interface ForwardOptions {
  /** Where it stands, such as `Corefile:4`. */
  readonly place: string;
  /** Lower case, final dot. */
  readonly from: string;
  readonly to: readonly To[];
  readonly except: readonly string[];
  readonly policy: PolicyName;
  /** 0: no probes, never down. */
  readonly maxFails: number;
  readonly health: HealthOptions;
  /** How long an idle connection is kept. */
  readonly expire: Micros;
  /** Longest life of a connection; 0: unlimited. */
  readonly maxAge: Micros;
  /** Idle connections kept for each protocol; 0: unlimited. */
  readonly maxIdle: number;
  readonly readTimeout: Micros;
  /** 0: unlimited. */
  readonly maxConcurrent: number;
  /** Where it stands, such as `Corefile:4`; empty without. */
  readonly maxConcurrentPlace: string;
  readonly forceTcp: boolean;
  readonly preferUdp: boolean;
  /** `next`: rcodes that hand the query to the following forward. */
  readonly next: readonly Rcode[];
  readonly nextOnNoData: boolean;
  readonly failover: readonly Rcode[];
  readonly failFast: boolean;
  /** Failed attempts of one query; 0: only time limits them; absent: the release's default. */
  readonly maxAttempts: number | undefined;
  /** Authorities whose certificates are accepted. */
  readonly roots: Roots;
  /** `tls_servername`; empty without. */
  readonly serverName: string;
  /** Who is asked for host names in TO; empty: the host's own resolver. */
  readonly resolvers: readonly string[];
}

export const defaultOptions: Omit<ForwardOptions, 'place' | 'from' | 'to'> = {
  except: [],
  policy: 'random',
  maxFails: 2,
  health: { interval: 500 * millisecond, recursionDesired: true, domain: '.' },
  expire: 10 * second,
  maxAge: 0,
  maxIdle: 0,
  readTimeout: 2 * second,
  maxConcurrent: 0,
  maxConcurrentPlace: '',
  forceTcp: false,
  preferUdp: false,
  next: [],
  nextOnNoData: false,
  failover: [],
  failFast: false,
  maxAttempts: undefined,
  roots: systemRoots,
  serverName: '',
  resolvers: [],
};

/** Upstreams of one forward (`max` of setup.go). */
export const mostUpstreams = 15;
