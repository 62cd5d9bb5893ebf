import type { ServerDescription } from '../../../src/servers/description.ts';

/** Programs that serve zones. */
const programs: readonly string[] = ['named', 'nsd', 'knotd', 'pdns_server'];

/** An authoritative server of a recording: its zone file says its origin itself. */
export function readAuthority(
  software: string,
  files: Readonly<Record<string, string>>,
  where: { readonly host: string; readonly address: string },
): ServerDescription | undefined {
  const text = files.zone;
  const origin = /^\$ORIGIN (\S+)$/m.exec(text ?? '')?.[1];
  if (!programs.includes(software) || text === undefined || origin === undefined) return undefined;
  return { role: 'authoritative', name: 'recursor', ...where, port: 53, zones: { [origin]: { file: 'zone', text } } };
}
