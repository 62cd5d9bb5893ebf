import type { AuthoritySoftware } from '../../../src/servers/authoritative/programs.ts';
import type { ServerDescription } from '../../../src/servers/description.ts';

/** Programs that serve zones, by the name of the binary. */
const programs: Readonly<Record<string, AuthoritySoftware>> = {
  named: 'bind',
  nsd: 'nsd',
  knotd: 'knot',
  pdns_server: 'powerdns',
};

/** An authoritative server of a recording: its zone file says its origin itself. */
export function readAuthority(
  binary: string,
  files: Readonly<Record<string, string>>,
  where: { readonly host: string; readonly address: string },
): ServerDescription | undefined {
  const text = files.zone;
  const origin = /^\$ORIGIN (\S+)$/m.exec(text ?? '')?.[1];
  const program = programs[binary];
  if (program === undefined || text === undefined || origin === undefined) return undefined;
  const zones = { [origin]: { file: 'zone', text } };
  return { role: 'authoritative', name: 'recursor', ...where, port: 53, software: program, zones };
}
