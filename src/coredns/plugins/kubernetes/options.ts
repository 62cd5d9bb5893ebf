import type { Micros } from '../../../engine/time.ts';
import { second } from '../../../engine/time.ts';
import { goDuration, goInteger } from '../../corefile/go-values.ts';
import { type History, inRelease, since } from '../../history.ts';
import type { PluginSetup } from '../../plugin.ts';
import { Fallthrough, originsOf } from '../../zones.ts';

export type PodMode = 'disabled' | 'insecure' | 'verified';

/** What the properties of a kubernetes line say. */
export interface Options {
  zones: readonly string[];
  /** In seconds. */
  ttl: number;
  podMode: PodMode;
  fallthrough: Fallthrough;
  /** Empty: all. */
  namespaces: readonly string[];
  endpointPodNames: boolean;
  endpoints: boolean;
  ignoreEmptyService: boolean;
  /** An API server named by its address instead of the cluster's own. */
  endpoint: string | undefined;
  startupTimeout: Micros;
}

const podModes: readonly PodMode[] = ['disabled', 'insecure', 'verified'];
/** Words that older releases still read: `eaten` with their arguments, `alone` without, `left-out` where they then do something. */
const oldWords: History<Readonly<Record<string, 'eaten' | 'alone' | 'left-out'>>> = [
  ['1.6.7', { upstream: 'eaten', resyncperiod: 'alone', transfer: 'left-out' }],
  ['1.7.0', { transfer: 'left-out' }],
  ['1.8.0', {}],
];
const knowsStartupTimeout = since('1.12.3');
/** Properties that change what the API shows or how it is reached. */
const notModelled: readonly string[] = ['multicluster', 'apiserver_qps', 'apiserver_burst', 'apiserver_max_inflight'];

/** `kubernetes [ZONES…] { … }` with the checks, and the texts, of `plugin/kubernetes` setup.go. */
export function parseOptions(setup: PluginSetup): Options {
  const { directive: words } = setup;
  const options: Options = {
    zones: [],
    ttl: 5,
    podMode: 'disabled',
    fallthrough: Fallthrough.none,
    namespaces: [],
    endpointPodNames: false,
    endpoints: true,
    ignoreEmptyService: false,
    endpoint: undefined,
    startupTimeout: 5 * second,
  };
  let labels = false;
  while (words.nextOnly()) {
    options.zones = originsOf(setup, words.remainingArguments());
    if (options.zones.every(isReverse)) throw words.plainError('non-reverse zone name must be used');
    while (words.nextBlock()) {
      if (words.value === 'namespace_labels') labels = true;
      property(setup, options);
    }
    if (labels && options.namespaces.length > 0) {
      throw words.error('namespaces and namespace_labels cannot both be set');
    }
  }
  return options;
}

export function isReverse(zone: string): boolean {
  return zone.endsWith('in-addr.arpa.') || zone.endsWith('ip6.arpa.');
}

function property(setup: PluginSetup, options: Options): void {
  const { directive: words, release } = setup;
  const name = words.value;
  const old = inRelease(oldWords, release.name)[name];
  if (old !== undefined) {
    if (old === 'left-out') setup.leftOut(`property ${name}`, words.token);
    if (old !== 'alone') words.remainingArguments();
    return;
  }
  switch (name) {
    case 'pods':
      options.podMode = podMode(setup);
      return;
    case 'namespaces':
      options.namespaces = some(setup);
      return;
    case 'endpoint':
      setup.leftOut('the API server behind property endpoint', words.token);
      options.endpoint = some(setup)[0];
      return;
    case 'tls':
    case 'kubeconfig':
      setup.leftOut(`property ${name}`, words.token);
      some(setup);
      return;
    case 'labels':
    case 'namespace_labels':
      selector(setup, some(setup).join(' '));
      return;
    case 'fallthrough':
      options.fallthrough = Fallthrough.of(setup, words.remainingArguments());
      return;
    case 'ttl': {
      const ttl = words.taken(goInteger(some(setup)[0] ?? ''));
      if (ttl < 0 || ttl > 3600) throw words.error(`ttl must be in range [0, 3600]: ${ttl}`);
      options.ttl = ttl;
      return;
    }
    case 'endpoint_pod_names':
    case 'noendpoints':
      if (words.remainingArguments().length > 0) throw words.argumentError();
      if (name === 'noendpoints') options.endpoints = false;
      else options.endpointPodNames = true;
      return;
    case 'ignore': {
      const [what] = some(setup);
      if (what !== 'empty_service') throw words.plainError(`unable to parse ignore value: '${what}'`);
      options.ignoreEmptyService = true;
      return;
    }
    case 'startup_timeout':
      if (!inRelease(knowsStartupTimeout, release.name)) throw words.error(`unknown property '${name}'`);
      options.startupTimeout = words.taken(goDuration(some(setup)[0] ?? ''));
      return;
    default:
      if (!notModelled.includes(name)) throw words.error(`unknown property '${name}'`);
      setup.notModelled(`property ${name}`, words.token);
      words.remainingArguments();
  }
}

function some({ directive: words }: PluginSetup): string[] {
  const args = words.remainingArguments();
  if (args.length === 0) throw words.argumentError();
  return args;
}

function podMode(setup: PluginSetup): PodMode {
  const { directive: words } = setup;
  const [mode, more] = some(setup);
  if (more !== undefined) throw words.argumentError();
  const known = podModes.find((one) => one === mode);
  if (known === undefined) {
    throw words.plainError(`wrong value for pods: ${mode},  must be one of: disabled, verified, insecure`);
  }
  return known;
}

/** Selectors are checked, and then not modelled: the cluster's view has no labels. */
function selector(setup: PluginSetup, text: string): void {
  const { directive: words } = setup;
  const bad = text.split(',').some((requirement) => (requirement.match(/=+/g) ?? []).length > 1);
  if (bad) {
    const reason = `couldn't parse the selector string "${text}": found '=', expected: ',' or 'end of string'`;
    throw words.plainError(`unable to parse label selector value: '${text}': ${reason}`);
  }
  setup.notModelled(`property ${words.value}`, words.token);
}
