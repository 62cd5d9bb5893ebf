import { existsSync, readFileSync } from 'node:fs';

/** The script that made a recording, for what the trace itself leaves open; empty where none stands beside it. */
export function readScript(recording: string): string {
  const path = recording.replace(/\.jsonl$/, '.py');
  return path !== recording && existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** MTUs of the links that the script gave one, by pod: `e.pod("cli2", "10.244.1.11", mtu=1400)`. */
export function podMtus(script: string): ReadonlyMap<string, number> {
  const calls = script.matchAll(/\.pod\(\s*["'](\w+)["'][^()]*\bmtu=(\d+)/g);
  return new Map([...calls].map(([, pod = '', mtu]) => [pod, Number(mtu)]));
}
