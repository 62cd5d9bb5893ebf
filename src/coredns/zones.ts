import { absolute, isWithin } from '../dns/name.ts';
import { normalizeZones } from './corefile/keys.ts';
import type { PluginSetup } from './plugin.ts';

/** The zones that a plugin's arguments name, or else all zones of its block (`plugin.OriginsFromArgsOrServerBlock`). */
export function originsOf(setup: PluginSetup, args: readonly string[]): readonly string[] {
  if (args.length === 0) return setup.block.zones;
  return args.flatMap((arg) => normalizeZones(arg, setup.release) ?? []);
}

/** The longest of the zones that holds the name; undefined: none. */
export function longestZone(zones: readonly string[], name: string): string | undefined {
  let longest: string | undefined;
  for (const zone of zones) {
    if (isWithin(name, zone) && (longest === undefined || zone.length > longest.length)) longest = zone;
  }
  return longest;
}

/** `fallthrough [ZONES…]`: is a name handed on? Nothing is, until the property was seen. */
export class Fallthrough {
  readonly #zones: readonly string[];

  constructor(zones: readonly string[]) {
    this.#zones = zones;
  }

  static none = new Fallthrough([]);

  static of(setup: PluginSetup, args: readonly string[]): Fallthrough {
    return new Fallthrough(args.length === 0 ? ['.'] : originsOf(setup, args));
  }

  through(name: string): boolean {
    return longestZone(this.#zones, name) !== undefined;
  }
}

/** Lower case and final dot. */
export function normalName(text: string): string {
  return absolute(text.toLowerCase());
}
