import { sizeOf } from '../../../dns/size.ts';
import { type History, inRelease, since } from '../../history.ts';
import { listenAddress } from '../../listen-address.ts';
import type { Family } from '../../metrics.ts';
import type { HttpServing, Plugin, PluginSetup } from '../../plugin.ts';
import { isUnwritten } from '../../server/chain.ts';
import { longestZone } from '../../zones.ts';
import { RequestCounters } from './counters.ts';
import { exposition } from './exposition.ts';
import { writerOf } from './writer.ts';

const failedLine: History<'plugin' | 'bare'> = [
  ['1.6.7', 'plugin'],
  ['1.14.3', 'bare'],
];
const knowsOptions = since('1.14.3');
const panicsName: History<string> = [
  ['1.6.7', 'coredns_panic_count_total'],
  ['1.7.0', 'coredns_panics_total'],
];

/** Plugins register their metrics whether the Corefile uses them or not. */
const registersEarly = since('1.7.1');
/** Before, what nobody wrote was counted as NOERROR, whatever error the server then sent. */
const countsUnwritten = since('1.8.5');
const enabledHasView = since('1.10.0');
/** Counters without labels that every process has, whatever its Corefile (corefile-metric-names). */
const alwaysThere: History<readonly string[]> = [
  ['1.6.7', []],
  ['1.8.0', ['coredns_reload_failed_total']],
  [
    '1.8.4',
    ['coredns_reload_failed_total', 'coredns_local_localhost_requests_total', 'coredns_health_request_failures_total'],
  ],
];

/** `prometheus [ADDRESS]`: counts what the block serves and shows all metrics of the process at /metrics. */
export function setUpPrometheus(setup: PluginSetup): Plugin {
  const { simulation, metrics, release, block, log } = setup;
  const address = parse(setup);
  let counters: RequestCounters | undefined;
  let serving: HttpServing | undefined;
  const names = () => block.plugins.map(({ name }) => name);
  setup.onStartup(() => {
    metrics.counter(inRelease(panicsName, release.name)).add([], 0);
    for (const name of inRelease(alwaysThere, release.name)) metrics.counter(name).add([], 0);
    if (inRelease(registersEarly, release.name)) {
      metrics.gauge('coredns_hosts_reload_timestamp_seconds').set([], 0);
      metrics.histogram('coredns_health_request_duration_seconds', [], []).add([], 0);
    }
    metrics.gauge('coredns_build_info', ['goversion', 'revision', 'version']).set(['', '', release.name], 1);
    counters = new RequestCounters(metrics, release, writerOf(names(), release.name));
    countPlugins(setup, names());
    listen();
  });
  const listen = () => {
    const show = () => ({ status: 200, body: exposition(metrics) });
    const listening = setup.serveHttp(address, (path) => (path === '/metrics' ? show() : undefined));
    if ('close' in listening) {
      serving = listening;
      return;
    }
    const line = `Failed to start metrics handler: ${listening.error}`;
    if (inRelease(failedLine, release.name) === 'plugin') log.error(line);
    else log.raw(`[ERROR] ${line}`);
  };
  setup.onRestart(() => {
    serving?.close();
    pluginsEnabled(setup).clear();
  });
  setup.onRestartFailed(() => {
    countPlugins(setup, names());
    listen();
  });
  setup.onFinalShutdown(() => serving?.close());
  const sentErrors = inRelease(countsUnwritten, release.name);
  return {
    name: 'prometheus',
    *handle(request, next) {
      const start = simulation.now;
      const outcome = yield* next(request);
      const { reply } = outcome;
      const rcode = sentErrors && isUnwritten(outcome) ? outcome.rcode : (reply?.rcode ?? 'NOERROR');
      const zone = longestZone(block.zones, request.message.question[0]?.name ?? '.') ?? '.';
      counters?.count({
        server: request.server,
        zone,
        view: request.view,
        protocol: request.protocol,
        query: request.message,
        rcode,
        outcome,
        replySize: reply === undefined ? 0 : sizeOf(reply, { compress: false }),
        micros: simulation.now - start,
      });
      return outcome;
    },
  };
}

function pluginsEnabled({ metrics, release }: PluginSetup): Family {
  const view = inRelease(enabledHasView, release.name) ? ['view'] : [];
  return metrics.gauge('coredns_plugin_enabled', ['name', 'server', ...view, 'zone']);
}

/** `coredns_plugin_enabled`: each plugin of the block, for each server and zone. */
function countPlugins(setup: PluginSetup, names: readonly string[]): void {
  const { release, block } = setup;
  const hasView = inRelease(enabledHasView, release.name);
  const gauge = pluginsEnabled(setup);
  const addresses = block.listenOn.length > 0 ? block.listenOn : [''];
  for (const address of addresses) {
    const server = `dns://${address.includes(':') ? `[${address}]` : address}:${block.port}`;
    const view = hasView ? [block.view?.name ?? ''] : [];
    for (const zone of block.zones) for (const name of names) gauge.set([name, server, ...view, zone], 1);
  }
}

function parse(setup: PluginSetup): string {
  const { directive: words, release } = setup;
  let address = 'localhost:9153';
  while (words.nextOnly()) {
    address = listenAddress(words) ?? address;
    while (inRelease(knowsOptions, release.name) && words.nextBlock()) parseOption(setup);
  }
  return address;
}

function parseOption({ directive: words, notModelled, leftOut }: PluginSetup): void {
  const option = words.value;
  const at = words.token;
  const count = words.remainingArguments().length;
  if (option !== 'tls' && option !== 'runtime_metrics') throw words.error(`unknown option: ${option}`);
  if (count !== (option === 'tls' ? 1 : 0)) throw words.argumentError();
  if (option === 'tls') notModelled('property tls', at);
  else leftOut('property runtime_metrics', at);
}
