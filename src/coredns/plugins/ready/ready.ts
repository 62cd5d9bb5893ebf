import { type History, inRelease, since } from '../../history.ts';
import { listenAddress } from '../../listen-address.ts';
import type { Metrics } from '../../metrics.ts';
import type { HttpServing, PluginSetup } from '../../plugin.ts';
import { ReadyList } from './list.ts';

/** Words of the log and the `monitor` property came together. */
const monitors = since('1.12.2');
const namesUnknownProperty = since('1.14.4');

/** One list for the whole process: never emptied, emptied as each block starts (the last one stays), or as it is set up. */
const listBegins: History<'never' | 'startup' | 'setup'> = [
  ['1.6.7', 'never'],
  ['1.9.4', 'startup'],
  ['1.14.3', 'setup'],
];

const lists = new WeakMap<Metrics, ReadyList>();

/** The list of a process, which its metrics stand for: both outlive a reload. */
function listOf(metrics: Metrics): ReadyList {
  const list = lists.get(metrics) ?? new ReadyList();
  lists.set(metrics, list);
  return list;
}

/** `ready [ADDRESS] { monitor until-ready|continuously }`: 200 once every plugin of its list that has a say has said so. */
export function setUpReady(setup: PluginSetup): undefined {
  const { log, block, release, metrics } = setup;
  const { address, continuously } = parse(setup);
  const list = listOf(metrics);
  const begins = inRelease(listBegins, release.name);
  if (begins === 'setup') list.clear();
  list.continuously = continuously;
  const enlist = () => list.add(block.plugins, begins === 'setup');
  let serving: HttpServing | undefined;
  const listen = () => {
    const listening = setup.serveHttp(address, (path) => {
      if (path !== '/ready') return undefined;
      const waiting = list.waiting().join(',');
      if (waiting === '') return { status: 200, body: 'OK' };
      log.info(`${inRelease(monitors, release.name) ? 'Plugins not ready' : 'Still waiting on'}: "${waiting}"`);
      return { status: 503, body: waiting };
    });
    // An address that cannot be had is passed over in silence.
    if ('close' in listening) serving = listening;
  };
  setup.onStartup(() => {
    listen();
    if (begins === 'startup') list.clear();
    enlist();
  });
  setup.onRestart(() => serving?.close());
  setup.onRestartFailed(() => {
    listen();
    enlist();
  });
  setup.onFinalShutdown(() => serving?.close());
}

function parse(setup: PluginSetup): { address: string; continuously: boolean } {
  const { directive: words, release } = setup;
  let address = ':8181';
  let continuously = false;
  while (words.nextOnly()) {
    address = listenAddress(words) ?? address;
    while (inRelease(monitors, release.name) && words.nextBlock())
      continuously = monitorsContinuously(setup, continuously);
  }
  return { address, continuously };
}

/** `monitor until-ready|continuously`; other words were passed over once. */
function monitorsContinuously({ directive: words, release }: PluginSetup, before: boolean): boolean {
  if (words.value !== 'monitor') {
    if (inRelease(namesUnknownProperty, release.name)) throw words.error(`unknown property '${words.value}'`);
    return before;
  }
  const [mode, extra] = words.remainingArguments();
  if (mode === undefined || extra !== undefined) throw words.argumentError();
  if (mode !== 'until-ready' && mode !== 'continuously') throw words.error(`monitor type '${mode}' not supported`);
  return mode === 'continuously';
}
