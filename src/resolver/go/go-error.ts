import type { SocketError } from '../../kernel/socket/socket.ts';
import { errnoText } from '../../transport/errno-text.ts';

/** A net.DNSError: text and the three answers that it gives about itself. */
export interface GoError {
  readonly text: string;
  /** `10.96.0.10:53`, or empty. */
  readonly server: string;
  readonly notFound: boolean;
  readonly timeout: boolean;
  readonly temporary: boolean;
}

export function noSuchHost(server: string): GoError {
  return { text: 'no such host', server, notFound: true, timeout: false, temporary: false };
}

/** What the server's reply itself was wrong about. */
export function badReply(text: string, server: string, temporary = false): GoError {
  return { text, server, notFound: false, timeout: false, temporary };
}

/** `read udp A->B: i/o timeout`, a net.OpError whose deadline passed. */
export function ioTimeout(operation: string, server: string): GoError {
  return { text: `${operation}: i/o timeout`, server, notFound: false, timeout: true, temporary: true };
}

/** `read udp A->B: read: connection refused`, a net.OpError around an errno of a system call. */
export function systemError(operation: string, call: string, { error }: SocketError, server: string): GoError {
  const text = `${operation}: ${call}: ${errnoText(error)}`;
  return { text, server, notFound: false, timeout: error === 'ETIMEDOUT', temporary: true };
}

/** As the caller reads it: `no such host [notfound=true timeout=false temporary=false]`. */
export function resultText({ text, notFound, timeout, temporary }: GoError): string {
  return `${text} [notfound=${notFound} timeout=${timeout} temporary=${temporary}]`;
}

/** error.Error() of a net.DNSError. */
export function printedText({ text, server }: GoError, name: string): string {
  return `lookup ${name}${server === '' ? '' : ` on ${server}`}: ${text}`;
}
