import type { Micros } from '../engine/time.ts';

/** A CoreDNS process. */
export interface CoreDnsDescription {
  readonly name: string;
  readonly host: string;
  readonly release: string;
  /** File name as the user knows it, and the text; without text the file is not there. */
  readonly corefile: { readonly file: string; readonly text: string | undefined };
  /** Other files of its directory: zones, hosts, imports, resolv.conf. */
  readonly files: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  /** `-dns.port`; 53 unless said. */
  readonly port: number;
  /** What its share of a processor is enough for; absent: any load. */
  readonly queriesPerSecond?: number;
  /** Plugins that are not modelled and are left out all the same. */
  readonly ignore?: readonly string[];
  readonly startAt: Micros;
}
