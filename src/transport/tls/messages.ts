import type { Payload } from '../../network/packet.ts';
import type { Certificate } from './certificate.ts';

export type TlsVersion = '1.2' | '1.3';

/** Opens a handshake. `session`: the server whose ticket it brings along. */
export class ClientHello implements Payload {
  readonly serverName: string;
  readonly session: object | undefined;
  readonly size: number;

  constructor(serverName: string, session: object | undefined, size: number) {
    this.serverName = serverName;
    this.session = session;
    this.size = size + (session === undefined ? 0 : sessionOctets);
  }
}

/** What the server says to it, up to where it waits for the client. */
export class ServerHello implements Payload {
  readonly version: TlsVersion;
  readonly certificate: Certificate;
  readonly resumed: boolean;
  readonly size: number;

  constructor(version: TlsVersion, certificate: Certificate, resumed: boolean, certificateOctets: number) {
    this.version = version;
    this.certificate = certificate;
    this.resumed = resumed;
    this.size = resumed ? helloOctets[version] : helloOctets[version] + proofOctets + certificateOctets;
  }
}

/** The client's last words of a handshake; of TLS 1.2 with a key in front where the session is new. */
export class ClientFinished implements Payload {
  readonly size: number;

  constructor(version: TlsVersion, resumed: boolean) {
    this.size = version === '1.3' ? 80 : resumed ? 51 : 93;
  }
}

/** The server's last words: with TLS 1.2 they end a new handshake, with 1.3 they are tickets alone. `server`: who takes the ticket. */
export class ServerFinished implements Payload {
  readonly server: object;
  readonly size: number;

  constructor(version: TlsVersion, server: object) {
    this.server = server;
    this.size = version === '1.3' ? 2 * ticketOctets : 243;
  }
}

/** `close_notify`, or why a handshake is given up, in the words of Go's crypto/tls. */
export class Alert implements Payload {
  readonly text: string;
  readonly size: number;

  constructor(text: string, size: number) {
    this.text = text;
    this.size = size;
  }

  get closes(): boolean {
    return this.text === closeNotify;
  }
}

/** A record with data of the application. */
export class ProtectedData implements Payload {
  readonly content: Payload;
  readonly size: number;

  constructor(content: Payload, version: TlsVersion) {
    this.content = content;
    this.size = content.size + recordOctets[version];
  }
}

export const closeNotify = 'close notify';

/** Header, content type or nonce, and tag around each record (AES-GCM). */
export const recordOctets: Readonly<Record<TlsVersion, number>> = { '1.2': 29, '1.3': 22 };

/** Octets measured of OpenSSL 3.0 with Go's client (recordings forward-tls-tls12, forward-tls-tls13). */
const helloOctets: Readonly<Record<TlsVersion, number>> = { '1.2': 141, '1.3': 261 };
const ticketOctets = 255;
const sessionOctets = 287;
/** Proof that the server has the certificate's key. */
const proofOctets = 100;
