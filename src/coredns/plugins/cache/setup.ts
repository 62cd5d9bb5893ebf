import type { Plugin, PluginSetup } from '../../plugin.ts';
import type { Cache } from './cache.ts';
import { handle } from './handler.ts';
import { cacheMetrics } from './metrics.ts';
import { parseCache } from './parse.ts';
import { cacheBehaviour } from './releases.ts';
import { Store } from './store.ts';

/** `cache [TTL] [ZONES…] { … }` */
export function setUpCache(setup: PluginSetup): Plugin {
  const { owner, simulation } = setup;
  const release = setup.release.name;
  const options = parseCache(setup.directive, release, setup.block.zones);
  const draws = simulation.stream(`${owner}/cache/eviction`);
  const cache: Cache = {
    options,
    behaviour: cacheBehaviour(release),
    release,
    positive: new Store(options.success.capacity, draws),
    negative: new Store(options.denial.capacity, draws),
    metrics: cacheMetrics(setup.metrics, release, options.zones),
    simulation,
    owner,
    spawn: (process) => setup.spawn(process),
  };
  return { name: 'cache', handle: (request, next) => handle(cache, request, next) };
}
