import { md5 } from '@noble/hashes/legacy.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { type Process, sleep } from '../../../engine/process.ts';
import { type Micros, second } from '../../../engine/time.ts';
import { goDuration } from '../../corefile/go-values.ts';
import { type History, inRelease, since } from '../../history.ts';
import type { PluginSetup, Supervision } from '../../plugin.ts';

const defaultInterval = 30 * second;
const defaultJitter = 15 * second;
const shortestInterval = 2 * second;
const shortestJitter = second;
const allowsNoJitter = since('1.14.2');
/** The digest of the Corefile in the log. */
const digests: History<{ readonly name: string; readonly of: (octets: Uint8Array) => Uint8Array }> = [
  ['1.6.7', { name: 'MD5', of: md5 }],
  ['1.9.1', { name: 'SHA512', of: sha512 }],
];
/** A Corefile that has lost its `reload` line is not watched any more: corefile-reload-removed. */
const endsWhenRemoved = since('1.15.0');

/** The last directive set up in each process: it alone watches, with its times. */
const lastIn = new WeakMap<Supervision, PluginSetup>();

/** `reload [INTERVAL [JITTER]]`: compares the Corefile with the running one at each tick. */
export function setUpReload(setup: PluginSetup): undefined {
  const { simulation, log, process, owner } = setup;
  const { interval, jitter } = parse(setup);
  const shift = jitter === 0 ? 0 : simulation.stream(`${owner}/reload/jitter`).integer(jitter) - Math.floor(jitter / 2);
  lastIn.set(process, setup);
  setup.onStartup(() => {
    if (lastIn.get(process) !== setup) return;
    const running = process.configuration();
    if (running === undefined || 'error' in running) return;
    const digest = inRelease(digests, setup.release.name);
    log.info(`Running configuration ${digest.name} = ${bytesToHex(digest.of(utf8ToBytes(running.text)))}`);
    let ended = false;
    setup.onFinalShutdown(() => {
      ended = true;
    });
    process.spawn(watch(setup, interval + shift, running.text, () => ended));
  });
}

function* watch(setup: PluginSetup, interval: Micros, running: string, ended: () => boolean): Process {
  const { log, process, metrics, release } = setup;
  let known = running;
  for (;;) {
    yield* sleep(interval);
    if (ended()) return;
    const now = process.configuration();
    if (now === undefined) continue;
    if ('error' in now) {
      log.warning(`Corefile parse failed: ${now.error}`);
      continue;
    }
    if (now.text === known) continue;
    known = now.text;
    const failure = yield* process.restart();
    if (failure !== undefined) {
      log.error(`Corefile changed but reload failed: ${failure}`);
      metrics.counter('coredns_reload_failed_total').add([]);
      continue;
    }
    // The successor's own `reload` line watches from now on.
    if (process.uses('reload') || inRelease(endsWhenRemoved, release.name)) return;
  }
}

function parse({ directive: words, release }: PluginSetup): { interval: Micros; jitter: Micros } {
  let interval: Micros = defaultInterval;
  let jitter: Micros = defaultJitter;
  // Of several lines only the first is read.
  words.next();
  const [first, second, more] = words.remainingArguments();
  if (more !== undefined) throw words.argumentError();
  if (first !== undefined) interval = words.taken(goDuration(first));
  if (interval < shortestInterval) throw words.plainError('interval value must be greater or equal to 2s');
  if (second !== undefined) jitter = words.taken(goDuration(second));
  const none = inRelease(allowsNoJitter, release.name);
  if (jitter < shortestJitter && !(none && jitter === 0)) {
    throw words.plainError(`jitter value must be ${none ? '0 or ' : ''}greater or equal to 1s`);
  }
  return { interval, jitter: Math.min(jitter, Math.floor(interval / 2)) };
}
