import type { Plugin, PluginSetup } from '../../plugin.ts';
import type { Cache } from './cache.ts';
import { handle } from './handler.ts';
import { cacheMetrics } from './metrics.ts';
import type { CacheOptions } from './options.ts';
import { parseCache } from './parse.ts';
import { cacheBehaviour } from './releases.ts';
import { Store } from './store.ts';

/** `cache [TTL] [ZONES…] { … }` */
export function setUpCache(setup: PluginSetup): Plugin {
  const zones = setup.block.zones.map((zone) => zone.toLowerCase());
  const cache = makeCache(setup, parseCache(setup.directive, setup.release, zones));
  return { name: 'cache', handle: (request, next) => handle(cache, request, next) };
}

/** An empty cache. */
export function makeCache(
  setup: Pick<PluginSetup, 'simulation' | 'owner' | 'release' | 'metrics' | 'spawn'> & {
    readonly block: Pick<PluginSetup['block'], 'view' | 'plugins'>;
  },
  options: CacheOptions,
): Cache {
  const { simulation, owner } = setup;
  const release = setup.release.name;
  const draws = simulation.stream(`${owner}/cache/eviction`);
  let borrows: boolean | undefined;
  return {
    options,
    behaviour: cacheBehaviour(release),
    release,
    positive: new Store(options.success.capacity, draws),
    negative: new Store(options.denial.capacity, draws),
    metrics: cacheMetrics(setup.metrics, release, options.zones, () => setup.block.view?.name ?? ''),
    borrows: () => {
      borrows ??= setup.block.plugins.some(({ name }) => name === 'file');
      return borrows;
    },
    simulation,
    owner,
    spawn: (process) => setup.spawn(process),
  };
}
