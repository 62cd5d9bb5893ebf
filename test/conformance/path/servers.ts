import type { ScriptedState, ServerDescription } from '../../../src/servers/description.ts';
import type { PathRecording } from './recording.ts';

const host = 'outside';

/** Every server outside the cluster: scripted ones, `named` as authority, `unbound` as recursor. */
export function outsideServers(recording: PathRecording): ServerDescription[] {
  return [
    ...Object.entries(recording.servers).map(([name, { address, port, ...state }]): ServerDescription => {
      return { name, host, address, port, role: 'scripted', state: scriptedState(state) };
    }),
    ...Object.entries(recording.named).map(([name, { address, zones }]): ServerDescription => {
      const texts = Object.entries(zones).map(([zone, text]) => [zone, { file: zone, text }] as const);
      return { name, host, address, port: 53, role: 'authoritative', zones: Object.fromEntries(texts) };
    }),
    ...Object.entries(recording.unbound).map(([name, { address, config }]): ServerDescription => {
      return { name, host, address, port: 53, role: 'recursor', software: 'unbound', ...unboundConfig(config) };
    }),
  ];
}

/** The recorder's words for a scripted server are ours. */
export function scriptedState(state: Readonly<Record<string, unknown>>): Partial<ScriptedState> {
  return state;
}

/** Options with a number or yes/no, and the zones that are asked elsewhere, out of an unbound.conf. */
function unboundConfig(text: string): {
  upstreams: Record<string, string[]>;
  options: Record<string, number | boolean>;
} {
  const upstreams: Record<string, string[]> = {};
  const options: Record<string, number | boolean> = {};
  let zone = '.';
  for (const line of text.split('\n')) {
    const [, key = '', value = ''] = /^\s*([a-z-]+):\s*(\S*)/.exec(line) ?? [];
    if (key === 'name') zone = value.replaceAll('"', '');
    else if (key === 'stub-addr' || key === 'forward-addr') upstreams[zone] = [...(upstreams[zone] ?? []), value];
    else if (value === 'yes' || value === 'no') options[key] = value === 'yes';
    else if (/^\d+$/.test(value)) options[key] = Number(value);
  }
  return { upstreams, options };
}
