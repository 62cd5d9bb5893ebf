import { recordKind } from '../../engine/recorder.ts';

/**
 * A TLS handshake is over, as its client sees it; `at`: the client. Cause: empty, `tls-certificate-refused`, `tls-handshake-failed`
 * (the server refused, ended or broke it off) or `tls-handshake-timeout`.
 *
 * - `to`: address and port; `serverName`: as the client calls the server; `version`, `resumed`: of a session.
 * - `seconds`: from the open TCP connection to the end; `connecting`: what that connection took before; `error`: the client's text.
 */
export const tlsHandshake = recordKind('tls.handshake', {
  to: 'text',
  serverName: 'text',
  version: 'text',
  resumed: 'flag',
  connecting: 'number',
  seconds: 'number',
  error: 'text',
});
