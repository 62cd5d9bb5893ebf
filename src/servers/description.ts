import type { Micros } from '../engine/time.ts';
import type { Certificate } from '../transport/tls/certificate.ts';
import type { TlsVersion } from '../transport/tls/messages.ts';
import type { Greeting } from '../transport/tls/server.ts';
import type { AuthoritySoftware } from './authoritative/programs.ts';

/** What a scripted answer may say; the words are those of the recordings' `Upstream` (harness/rec.py). */
export interface ScriptedAnswer {
  readonly answer?: readonly string[];
  readonly authority?: readonly string[];
  readonly additional?: readonly string[];
  readonly rcode?: string;
  readonly tc?: boolean;
  /** Seconds. */
  readonly delay?: number;
  readonly mode?: string;
  readonly compress?: boolean;
  readonly ad?: boolean;
  readonly aa?: boolean;
  /** Over one protocol alone: replaces what is said above. */
  readonly udp?: ScriptedAnswer;
  readonly tcp?: ScriptedAnswer;
  /** Replies in another mode sent beside this one, each after its own delay in seconds. */
  readonly also?: readonly { readonly mode: string; readonly delay?: number }[];
}

/** How a scripted server answers now; the words are those of the recordings' `Upstream` (harness/rec.py). */
export interface ScriptedState {
  readonly mode: string;
  /** Mode for TCP alone. */
  readonly tcp: string;
  /** Mode for `. NS` probes alone. */
  readonly health?: string;
  /** Seconds. */
  readonly delay: number;
  readonly compress: boolean;
  /** Largest reply by UDP: what the query's OPT allows, any, or so many octets. */
  readonly limit: 'edns' | 'none' | number;
  /** What names and types without an answer get. */
  readonly default: 'nxdomain' | 'nodata';
  /** The record behind a denial, as in a zone file; the owner `@` is the name asked for. */
  readonly soa: string;
  readonly ra: boolean;
  readonly aa: boolean;
  /** Size in the OPT of replies to queries with OPT; null: 1232; false: they have none. */
  readonly edns: number | false | null;
  /** Does OPT repeat the query's DO? */
  readonly echo_do: boolean;
  /** `partial`: whole records are kept while they fit, with TC. */
  readonly truncate?: 'partial';
  /** Seconds after which an idle TCP connection is closed. */
  readonly tcp_idle?: number;
  /** How a server over TLS meets a handshake. */
  readonly speaks?: Greeting;
  /** It ends connections over TLS without close_notify. */
  readonly bare_close?: boolean;
  /** By `"name TYPE"`, `"name *"`, `"*.zone TYPE"`, `"* *"`; a list of records, an object, or a list of objects (nth query, nth answer). */
  readonly answers: Readonly<Record<string, ScriptedAnswer | readonly string[] | readonly ScriptedAnswer[]>>;
}

/** What a server does otherwise than the protocol asks. */
export interface ServerFaults {
  /** `none`: UDP replies of any size are sent. */
  readonly limits: 'edns' | 'none';
  readonly compress: boolean;
  readonly tcp: 'open' | 'closed';
  /** How many TCP connections it serves at once, as dnsmasq with its 20 children; others are accepted and wait. Absent: all. */
  readonly tcpConnections?: number | undefined;
}

export const faultless: ServerFaults = { limits: 'edns', compress: true, tcp: 'open' };

/** DNS over TLS, at a port of its own. */
export interface TlsSide {
  readonly port: number;
  readonly certificate: Certificate;
  /** The newest version that it speaks. */
  readonly version: TlsVersion;
  /** Octets of its certificates. */
  readonly certificateOctets: number;
  /** How it meets a handshake; absent: as it should. */
  readonly greeting?: Greeting;
  /** How long it keeps connections that bring nothing; absent: for ever. */
  readonly idle?: Micros;
}

interface Common {
  readonly name: string;
  readonly host: string;
  readonly address: string;
  /** That of the other family: it listens on both. */
  readonly otherAddress?: string;
  readonly port: number;
}

interface Faulty {
  readonly faults?: ServerFaults;
  /** What it listens on beside UDP and TCP. */
  readonly tls?: TlsSide;
}

/** A server outside the cluster. */
export type ServerDescription =
  /** One that is none of DNS: clients connect to it and send requests. */
  | (Common & { readonly role: 'backend'; readonly protocol: 'tcp' | 'udp' })
  | (Common & {
      readonly role: 'scripted';
      readonly state: Partial<ScriptedState>;
      /** In place of UDP and TCP. */
      readonly tls?: TlsSide;
    })
  | (Common &
      Faulty & {
        readonly role: 'authoritative';
        /** Whose habits it has; those of Knot DNS where it is not said. */
        readonly software?: AuthoritySoftware;
        /** Zone files by origin. */
        readonly zones: Readonly<Record<string, { readonly file: string; readonly text: string }>>;
        /** Was it given up? Then its records are no measure of what is true. */
        readonly outdated?: boolean;
      })
  | (Common &
      Faulty & {
        readonly role: 'recursor';
        /** A row of `recursors/`: whose TTL, time-out and retry rules it follows. */
        readonly software: string;
        /** By zone: the servers asked. `.`: everything else. */
        readonly upstreams: Readonly<Record<string, readonly string[]>>;
        /** By zone: the servers of the zone itself, asked without RD (unbound's `stub-zone`, BIND's `static-stub`). */
        readonly stubs?: Readonly<Record<string, readonly string[]>>;
        readonly options: Readonly<Record<string, number | boolean | string>>;
      });
