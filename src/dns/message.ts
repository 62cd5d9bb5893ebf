import type { ResourceRecord } from './record.ts';

/** Response codes by their mnemonic (RFC 6895). */
export type Rcode =
  | 'NOERROR'
  | 'FORMERR'
  | 'SERVFAIL'
  | 'NXDOMAIN'
  | 'NOTIMP'
  | 'REFUSED'
  | 'YXDOMAIN'
  | 'YXRRSET'
  | 'NXRRSET'
  | 'NOTAUTH'
  | 'NOTZONE'
  | 'BADVERS';

export type Opcode = 'QUERY' | 'IQUERY' | 'STATUS' | 'NOTIFY' | 'UPDATE';

export interface Question {
  /** Absolute, letters as asked. */
  readonly name: string;
  /** Presentation text: A, AAAA, TYPE65… */
  readonly type: string;
  readonly class: string;
}

/** Header bits beside qr, which is `response`. */
export interface Flags {
  readonly aa: boolean;
  readonly tc: boolean;
  readonly rd: boolean;
  readonly ra: boolean;
  readonly ad: boolean;
  readonly cd: boolean;
}

/** EDNS (RFC 6891). `udpSize` in octets; options as (code, octets). */
export interface Edns {
  readonly udpSize: number;
  readonly do: boolean;
  readonly version: number;
  readonly options: readonly { readonly code: number; readonly octets: Uint8Array }[];
}

/** A DNS message as a value: never changed in place; a change is a copy. */
export interface Message {
  readonly id: number;
  readonly response: boolean;
  readonly opcode: Opcode;
  readonly flags: Flags;
  readonly rcode: Rcode;
  readonly question: readonly Question[];
  readonly answer: readonly ResourceRecord[];
  readonly authority: readonly ResourceRecord[];
  /** Without OPT, which is `edns`. */
  readonly additional: readonly ResourceRecord[];
  readonly edns: Edns | undefined;
}
