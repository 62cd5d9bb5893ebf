import { inRelease, since } from '../../history.ts';
import { listenAddress } from '../../listen-address.ts';
import type { HttpServing, PluginSetup } from '../../plugin.ts';

/** Words of the log and the `monitor` property came together. */
const monitors = since('1.12.2');
const namesUnknownProperty = since('1.14.4');

/** `ready [ADDRESS] { monitor until-ready|continuously }`: 200 once every plugin of the block that has a say has said so. */
export function setUpReady(setup: PluginSetup): undefined {
  const { log, block, release } = setup;
  const { address, continuously } = parse(setup);
  const ready = new Set<string>();
  const missing = (): string[] => {
    const asked = block.plugins.filter((plugin) => plugin.ready !== undefined && !ready.has(plugin.name));
    const waiting = asked.filter((plugin) => plugin.ready?.() !== true).map(({ name }) => name);
    if (!continuously) for (const { name } of asked) if (!waiting.includes(name)) ready.add(name);
    return waiting.sort();
  };
  let serving: HttpServing | undefined;
  const listen = () => {
    const listening = setup.serveHttp(address, (path) => {
      if (path !== '/ready') return undefined;
      const waiting = missing().join(',');
      if (waiting === '') return { status: 200, body: 'OK' };
      log.info(`${inRelease(monitors, release.name) ? 'Plugins not ready' : 'Still waiting on'}: "${waiting}"`);
      return { status: 503, body: waiting };
    });
    // An address that cannot be had is passed over in silence.
    if ('close' in listening) serving = listening;
  };
  setup.onStartup(listen);
  setup.onRestart(() => serving?.close());
  setup.onRestartFailed(listen);
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
