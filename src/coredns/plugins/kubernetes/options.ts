import type { Micros } from '../../../engine/time.ts';
import { second } from '../../../engine/time.ts';
import { type GoValue, goDuration, goFloat, goInteger } from '../../corefile/go-values.ts';
import { normalizeZones } from '../../corefile/keys.ts';
import type { Token } from '../../corefile/token.ts';
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
  /** A file that says where the API server is, before anything else. */
  kubeconfig: string | undefined;
  /** Files of `tls`: certificate, key, authority. */
  tls: readonly string[];
  startupTimeout: Micros;
  /** Zones of other clusters' Services. */
  multicluster: readonly string[];
  /** Properties that are known and not modelled, with their words. */
  notModelled: readonly (readonly [what: string, at: Token | undefined])[];
}

const podModes: readonly PodMode[] = ['disabled', 'insecure', 'verified'];
/** Words that older releases still read: `eaten` with their arguments, `alone` without, `left-out` where they then do something. */
const oldWords: History<Readonly<Record<string, 'eaten' | 'alone' | 'left-out'>>> = [
  ['1.6.7', { upstream: 'eaten', resyncperiod: 'alone', transfer: 'left-out' }],
  ['1.7.0', { transfer: 'left-out' }],
  ['1.8.0', {}],
];
/** Properties that came later than 1.6.7. */
const came: Readonly<Record<string, string>> = {
  multicluster: '1.12.2',
  startup_timeout: '1.12.3',
  apiserver_qps: '1.14.0',
  apiserver_burst: '1.14.0',
  apiserver_max_inflight: '1.14.0',
  zonal: '1.14.7',
};
const notAuthoritative: History<(zone: string, zones: readonly string[]) => string> = [
  ['1.12.2', (zone) => `is not authoritative for the multicluster zone ${zone}`],
  [
    '1.14.4',
    (zone, zones) =>
      `is not authoritative for the multicluster zone ${zone} (authoritative zones: [${zones.join(' ')}])`,
  ],
];
const kubeconfigContextMayLack = since('1.8.3');

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
    kubeconfig: undefined,
    tls: [],
    startupTimeout: 5 * second,
    multicluster: [],
    notModelled: [],
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
    const foreign = options.multicluster.find((zone) => !options.zones.includes(zone));
    if (foreign !== undefined)
      throw words.error(inRelease(notAuthoritative, setup.release.name)(foreign, options.zones));
  }
  return options;
}

/** `dnsutil.IsReverse`: below the reverse trees, not their roots. */
export function isReverse(zone: string): boolean {
  return zone.endsWith('.in-addr.arpa.') || zone.endsWith('.ip6.arpa.');
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
  const first = came[name];
  if (first !== undefined && !inRelease(since(first), release.name)) throw words.error(`unknown property '${name}'`);
  switch (name) {
    case 'pods':
      options.podMode = podMode(setup);
      return;
    case 'namespaces':
      options.namespaces = some(setup);
      return;
    case 'labels':
    case 'namespace_labels':
      leaveUnmodelled(setup, options);
      selector(setup, name === 'labels' ? 'label' : 'namespace_label', some(setup).join(' '));
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
      const [what] = words.remainingArguments();
      if (what === undefined) return;
      if (what !== 'empty_service') throw words.plainError(`unable to parse ignore value: '${what}'`);
      options.ignoreEmptyService = true;
      return;
    }
    case 'multicluster':
      leaveUnmodelled(setup, options);
      options.multicluster = words.remainingArguments().flatMap((zone) => normalizeZones(zone, release) ?? []);
      return;
    case 'zonal':
      leaveUnmodelled(setup, options);
      if (words.remainingArguments().length > 0) throw words.argumentError();
      return;
    default:
      apiProperty(setup, options);
  }
}

/** Where the API server is, and how it is asked. */
function apiProperty(setup: PluginSetup, options: Options): void {
  const { directive: words, release } = setup;
  const name = words.value;
  switch (name) {
    case 'endpoint': {
      setup.leftOut('the API server behind property endpoint', words.token);
      const [endpoint = '', ...more] = some(setup);
      options.endpoint = endpoint;
      if (more.length > 0) {
        setup.log.warning(
          `Multiple endpoints have been deprecated, only the first specified endpoint '${endpoint}' is used`,
        );
      }
      return;
    }
    case 'tls':
      setup.leftOut('property tls', words.token);
      options.tls = words.remainingArguments();
      if (options.tls.length !== 3) throw words.argumentError();
      return;
    case 'kubeconfig': {
      setup.leftOut('property kubeconfig', words.token);
      const args = words.remainingArguments();
      const enough = inRelease(kubeconfigContextMayLack, release.name) ? 1 : 2;
      if (args.length < enough || args.length > 2) throw words.argumentError();
      options.kubeconfig = args[0];
      return;
    }
    case 'startup_timeout': {
      const [text = ''] = some(setup);
      const read = goDuration(text);
      if ('error' in read) throw words.plainError(`failed to parse startup_timeout: ${text}, ${read.error}`);
      options.startupTimeout = read.value;
      return;
    }
    case 'apiserver_qps':
    case 'apiserver_burst':
    case 'apiserver_max_inflight':
      setup.leftOut(`property ${name}`, words.token);
      limit(setup, name === 'apiserver_qps' ? goFloat : goInteger);
      return;
    default:
      throw words.error(`unknown property '${name}'`);
  }
}

/** A limit of the requests to the API, checked: no answer depends on it. */
function limit({ directive: words }: PluginSetup, read: (text: string) => GoValue<number>): void {
  const name = words.value;
  const [text, ...more] = words.remainingArguments();
  if (text === undefined || more.length > 0) throw words.argumentError();
  const value = read(text);
  if ('error' in value) throw words.error(`invalid ${name} ${JSON.stringify(text)}: ${value.error}`);
  if (value.value < 0) throw words.error(`${name} must be >= 0`);
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

function leaveUnmodelled({ directive: words }: PluginSetup, options: Options): void {
  options.notModelled = [...options.notModelled, [`property ${words.value}`, words.token]];
}

/** Selectors are checked, and then not modelled: the cluster's view has no labels. */
function selector({ directive: words }: PluginSetup, kind: string, text: string): void {
  const bad = text.split(',').some((requirement) => (requirement.match(/=+/g) ?? []).length > 1);
  if (bad) {
    const reason = `couldn't parse the selector string "${text}": found '=', expected: ',' or 'end of string'`;
    throw words.plainError(`unable to parse ${kind} selector value: '${text}': ${reason}`);
  }
}
