import { commandPrinted, kernelLogged } from '../kernel/records.ts';
import { WallClock } from '../scenario/wall-clock.ts';
import type { FinishedRun } from '../study/run.ts';

type Machines = Pick<FinishedRun, 'store' | 'scenario'>;

/** `commands.txt`: what the commands that someone typed on hosts printed, each under a prompt with its time. */
export function commandsText({ store, scenario }: Machines): string {
  const clock = new WallClock(scenario.definition.start);
  const lines: string[] = [];
  let last = '';
  for (const { t, at, command, text, stamped } of store.rows(commandPrinted)) {
    const prompt = `${at}# ${command}    (at ${clock.epoch(t)})`;
    // What is followed goes on under its prompt, until another command prints something.
    if (prompt !== last && !(stamped && last.startsWith(`${at}# ${command} `))) {
      if (lines.length > 0) lines.push('');
      lines.push(prompt);
      last = prompt;
    }
    lines.push(stamped ? `[${clock.epoch(t)}]\t${text}` : text);
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** `kernel.log`: what the kernels of hosts wrote into their logs, as dmesg prints it. */
export function kernelLogText({ store }: Machines): string {
  const lines = [...store.rows(kernelLogged)].map(({ t, at, text }) => {
    const seconds = `${Math.floor(t / 1e6)}.${String(t % 1e6).padStart(6, '0')}`;
    return `${at}: [${seconds.padStart(12)}] ${text}\n`;
  });
  return lines.join('');
}
