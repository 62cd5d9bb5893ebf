import { existsSync, readFileSync } from 'node:fs';
import { type Call, callsOf } from './python.ts';
import { number, type Row, text } from './recording.ts';

/** The calls of the script that made a recording, for what the trace itself leaves open; none where it does not stand beside it. */
export function readScript(recording: string): Call[] {
  const path = recording.replace(/\.jsonl$/, '.py');
  return path !== recording && existsSync(path) ? callsOf(readFileSync(path, 'utf8')) : [];
}

/** MTUs of the links that the script gave one, by pod: `e.pod("cli2", "10.244.1.11", mtu=1400)`. */
export function podMtus(script: readonly Call[]): ReadonlyMap<string, number> {
  const mtus = new Map<string, number>();
  for (const call of script) {
    const mtu = call.words.find((word) => /^mtu=\d+$/.test(word));
    if (call.method === 'pod' && mtu !== undefined) mtus.set(call.value(0) ?? '', Number(mtu.slice(4)));
  }
  return mtus;
}

/** A command that left no record of its own. `before`: seconds of what was recorded next. */
export interface SilentCommand {
  readonly before: number;
  readonly host: string;
  readonly command: string;
}

/** What the script ran after t = 0 without recording it, or what came of it, placed by the records around it. */
export function silentCommands(script: readonly Call[], rows: readonly Row[]): SilentCommand[] {
  const commands: SilentCommand[] = [];
  let waiting: { host: string; command: string }[] = [];
  let last = 0;
  const begin = script.findIndex(({ method }) => method === 'rebase');
  for (const call of begin < 0 ? [] : script.slice(begin)) {
    const [host, command] = [call.value(0), call.value(1)];
    if (call.method === 'sh' && !call.words.includes('log=True')) {
      if (host !== undefined && command !== undefined) waiting.push({ host, command });
    } else if (recordsState(call)) waiting = [];
    else {
      const record = rows.find((row) => row.t >= last && isRecordOf(row, call));
      if (record === undefined) continue;
      last = record.t;
      commands.push(...waiting.map((one) => ({ before: record.t, ...one })));
      waiting = [];
    }
  }
  return commands;
}

/** The rules or links as they now are stand in the trace. */
function recordsState(call: Call): boolean {
  return call.method === 'program' || (call.method === 'rec' && ['rules', 'topology'].includes(call.value(0) ?? ''));
}

function isRecordOf(row: Row, call: Call): boolean {
  switch (call.method) {
    case 'sh':
      return row.ev === 'cmd' && text(row, 'cmd') === call.value(1);
    case 'query':
      return row.ev === 'send' && `${number(row, 'id')}` === call.words[1];
    case 'snap':
      return row.ev === 'ct-list' && text(row, 'why') === call.named('why');
    case 'rec':
      return row.ev === call.value(0) && text(row, 'text') === (call.named('text') ?? '');
    default:
      return false;
  }
}
