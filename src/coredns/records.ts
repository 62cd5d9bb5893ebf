import { recordKind } from '../engine/recorder.ts';

/** A line of a CoreDNS process's log, as it prints it (without date). */
export const coreDnsLog = recordKind('coredns.log', { line: 'text' });

/** The process ended. Causes: `start-failed`, `fatal`, `panic`, or the signal in lower case. */
export const coreDnsExit = recordKind('coredns.exit', { code: 'number' });

/** A query arrived. Causes: `served`, or why no block took it: `no-question`, `class`, `edns-version`, `no-zone`. */
export const coreDnsRequest = recordKind('coredns.request', {
  name: 'text',
  type: 'text',
  protocol: 'text',
  client: 'text',
  /** Zone of the server block chosen, and where its key stands. */
  zone: 'text',
  place: 'text',
});

/** The reply to a query was sent, or (cause `silent`) was not. Causes: `replied`, `unwritten` (the server wrote the error). */
export const coreDnsReply = recordKind('coredns.reply', {
  name: 'text',
  type: 'text',
  rcode: 'text',
  size: 'number',
  truncated: 'flag',
});

/**
 * A plugin answered, changed a query or its reply, or left the query to the next one (`not-its-zone`, `not-its-type`, `fallthrough`).
 * Causes: the plugin's own. `place`: its directive.
 */
export const coreDnsPlugin = recordKind('coredns.plugin', {
  plugin: 'text',
  name: 'text',
  type: 'text',
  result: 'text',
  place: 'text',
});

/** A reload, a start. Causes: `started`, `reloaded`, `reload-failed`, `shutting-down`. */
export const coreDnsLife = recordKind('coredns.life', { text: 'text' });

/** A query had to wait for processor time, `waited` microseconds. */
export const coreDnsCpu = recordKind('coredns.cpu', { waited: 'number' });
