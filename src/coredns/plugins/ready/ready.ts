import { SetupError } from '../../corefile/dispenser.ts';
import { inRelease, since } from '../../history.ts';
import { listenAddress } from '../../listen-address.ts';
import type { HttpServing, PluginSetup } from '../../plugin.ts';

/** Words of the log and the `monitor` property came together. */
const monitors = since('1.12.2');

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
  setup.onStartup(() => {
    const listening = setup.serveHttp(address, (path) => {
      if (path !== '/ready') return undefined;
      const waiting = missing().join(',');
      if (waiting === '') return { status: 200, body: 'OK' };
      log.info(`${inRelease(monitors, release.name) ? 'Plugins not ready' : 'Still waiting on'}: "${waiting}"`);
      return { status: 503, body: waiting };
    });
    if ('error' in listening) throw new SetupError(listening.error);
    serving = listening;
  });
  setup.onRestart(() => serving?.close());
  setup.onFinalShutdown(() => serving?.close());
}

function parse({ directive: words, release }: PluginSetup): { address: string; continuously: boolean } {
  let address = ':8181';
  let continuously = false;
  while (words.nextOnly()) {
    address = listenAddress(words) ?? address;
    while (words.nextBlock()) {
      const [mode, extra] = words.value === 'monitor' ? words.remainingArguments() : [];
      const known = mode === 'until-ready' || mode === 'continuously';
      if (!inRelease(monitors, release.name) || !known || extra !== undefined) throw words.argumentError();
      continuously = mode === 'continuously';
    }
  }
  return { address, continuously };
}
