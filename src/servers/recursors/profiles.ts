import type { ServerDescription } from '../description.ts';
import type { Asker } from './asker.ts';
import { bindOptions, configurableBind } from './bind.ts';
import { startDnsmasq } from './dnsmasq/engine.ts';
import { dnsmasq, dnsmasqOptions } from './dnsmasq/settings.ts';
import type { UpstreamNames } from './endpoint.ts';
import type { Engine } from './engine.ts';
import { generic, genericOptions } from './generic.ts';
import { startIterator } from './iterator.ts';
import { knot, knotOptions } from './knot.ts';
import { configurablePowerdns, powerdnsOptions } from './powerdns.ts';
import { configured, type Options, type OptionValue } from './profile.ts';
import { startResolved } from './resolved/engine.ts';
import { resolved, resolvedOptions } from './resolved/settings.ts';
import { configurableUnbound, unboundOptions } from './unbound.ts';

/** A recursor program: what its options take, and how it starts. */
interface Program {
  readonly takes: ReadonlyMap<string, readonly string[]>;
  start(asker: Asker, names: UpstreamNames, values: Readonly<Record<string, OptionValue>>): Engine;
}

function program<Profile>(
  defaults: Profile,
  options: Options<Profile>,
  start: (asker: Asker, profile: Profile, names: UpstreamNames) => Engine,
): Program {
  return {
    takes: new Map(Object.entries(options).map(([word, { takes }]) => [word, takes])),
    start: (asker, names, values) => start(asker, configured(defaults, options, values), names),
  };
}

/** Programs by the name that a scenario gives as `software`. */
const programs: Readonly<Record<string, Program>> = {
  unbound: program(configurableUnbound, unboundOptions, startIterator),
  bind: program(configurableBind, bindOptions, startIterator),
  powerdns: program(configurablePowerdns, powerdnsOptions, startIterator),
  knot: program(knot, knotOptions, startIterator),
  dnsmasq: program(dnsmasq, dnsmasqOptions, startDnsmasq),
  'systemd-resolved': program(resolved, resolvedOptions, startResolved),
  generic: program(generic, genericOptions, startIterator),
};

export const recursorSoftware: readonly string[] = Object.keys(programs);

/** Words that a program's `options` may hold, with what each takes: `number`, `boolean` or words in quotation marks. */
export function recursorOptions(software: string): ReadonlyMap<string, readonly string[]> {
  return programs[software]?.takes ?? new Map();
}

/** Starts what answers in the way of a program; undefined when the program is not known. */
export function startEngine(
  asker: Asker,
  description: Extract<ServerDescription, { role: 'recursor' }>,
): Engine | undefined {
  return programs[description.software]?.start(asker, description, description.options);
}
