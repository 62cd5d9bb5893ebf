import { sleep } from '../../../engine/process.ts';
import { type Micros, second } from '../../../engine/time.ts';
import { SetupError } from '../../corefile/dispenser.ts';
import { formatGoDuration, goDuration } from '../../corefile/go-values.ts';
import { inRelease, since } from '../../history.ts';
import { listenAddress } from '../../listen-address.ts';
import type { HttpServing, PluginSetup } from '../../plugin.ts';

/** It looks at its own page over HTTP. */
const parsesUrl = since('1.11.0');
const namesUnknownProperty = since('1.14.4');
/** No lameduck before a reload any more: corefile-reload-lameduck. */
export const lameduckOnlyAtEnd = since('1.9.4');

/** `health [ADDRESS] { lameduck DURATION }` */
export function setUpHealth(setup: PluginSetup): undefined {
  const { release, metrics, log } = setup;
  const { address, lameduck } = parse(setup);
  let serving: HttpServing | undefined;
  const listen = () => {
    const port = address.slice(address.lastIndexOf(':') + 1);
    if (inRelease(parsesUrl, release.name) && !/^\d*$/.test(port)) {
      throw new SetupError(`parse ${JSON.stringify(`http://${address}`)}: invalid port ":${port}" after host`);
    }
    const listening = setup.serveHttp(address, (path) =>
      path === '/health' ? { status: 200, body: 'OK' } : undefined,
    );
    if ('error' in listening) throw new SetupError(listening.error);
    serving = listening;
    metrics.histogram('coredns_health_request_duration_seconds', [], []).observe([], 0);
  };
  setup.onStartup(listen);
  const stop = function* (limp: boolean) {
    if (limp && lameduck > 0) {
      log.info(`Going into lameduck mode for ${formatGoDuration(lameduck)}`);
      yield* sleep(lameduck);
    }
    serving?.close();
  };
  setup.onRestart(() => stop(!inRelease(lameduckOnlyAtEnd, release.name)));
  setup.onRestartFailed(listen);
  setup.onFinalShutdown(() => stop(true));
}

function parse({ directive: words, release }: PluginSetup): { address: string; lameduck: Micros } {
  let address = ':8080';
  let lameduck = 0 * second;
  while (words.next()) {
    address = listenAddress(words) ?? address;
    while (words.nextBlock()) {
      if (words.value !== 'lameduck') {
        if (inRelease(namesUnknownProperty, release.name)) throw words.error(`unknown property '${words.value}'`);
        throw words.argumentError();
      }
      const [text, extra] = words.remainingArguments();
      if (text === undefined || extra !== undefined) throw words.argumentError();
      const span = goDuration(text);
      if ('error' in span) throw words.plainError(`unable to parse lameduck duration value: '${text}' : ${span.error}`);
      lameduck = span.value;
    }
  }
  return { address, lameduck };
}
