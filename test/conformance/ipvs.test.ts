import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Recording, recording, type Step } from './ipvs/recording.ts';
import { Replay } from './ipvs/replay.ts';

const directory = new URL('../recordings/ipvs/', import.meta.url);
const recordings: Recording[] = readdirSync(directory)
  .filter((name) => name.endsWith('.json'))
  .map((name) => recording.parse(JSON.parse(readFileSync(new URL(name, directory), 'utf8'))));

/** How far a time may be off, in seconds: a recorded command took up to a second, and starts before it is noted. */
const tolerance = 2;

test('there are recordings', () => {
  expect(recordings.length).toBeGreaterThanOrEqual(19);
});

test.each(recordings.map((one) => [one.name, one] as const))('IPVS as recorded: %s', (_, { steps, ...rest }) => {
  const seen = new Replay({ steps, ...rest }).run(steps);
  const wrong = steps.flatMap((step, i) => difference(step, seen[i]));
  expect(wrong).toEqual([]);
});

function difference(step: Step, seen: string | undefined): string[] {
  if (step.do === 'close-port' || step.do === 'tcp') return [];
  const recorded = step.do === 'command' ? step.out : step.got;
  const what = step.do === 'command' ? step.command : `${step.from}:${step.port} to ${step.to}`;
  if (step.do === 'command' && seen === undefined) return [];
  if (same(recorded, seen ?? '')) return [];
  return [`at ${step.t}: ${what}: recorded\n${recorded}\nhere\n${seen}`];
}

/** The same lines in any order, times within the tolerance. */
function same(recorded: string, seen: string): boolean {
  const [left, right] = [recorded, seen].map((text) => text.split('\n').map(timed).sort(byText));
  return (
    left?.length === right?.length &&
    left?.every(
      ({ text, seconds }, i) => text === right?.[i]?.text && Math.abs(seconds - right[i].seconds) <= tolerance,
    ) === true
  );
}

/** A line without its time: that of `ipvsadm -Lnc`, or conntrack's. */
function timed(line: string): { readonly text: string; readonly seconds: number } {
  const [, minutes, rest] = /^(?:UDP|TCP) (\d\d):(\d\d) /.exec(line) ?? [];
  if (minutes !== undefined)
    return { text: line.replace(/\d\d:\d\d/, ''), seconds: Number(minutes) * 60 + Number(rest) };
  const [, head, seconds] = /^((?:udp|tcp) +\d+) (\d+) /.exec(line) ?? [];
  if (seconds !== undefined) return { text: line.replace(`${head} ${seconds}`, `${head}`), seconds: Number(seconds) };
  return { text: line, seconds: 0 };
}

function byText(a: { text: string }, b: { text: string }): number {
  return a.text < b.text ? -1 : a.text > b.text ? 1 : 0;
}
