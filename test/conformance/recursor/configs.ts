import { recursorOptions } from '../../../src/servers/recursors/profiles.ts';

/** What a program's own configuration says, as far as it concerns the model. */
export interface Configuration {
  /** The program's name in scenarios. */
  readonly software: string;
  readonly upstreams: Record<string, string[]>;
  readonly stubs: Record<string, string[]>;
  readonly options: Record<string, number | boolean | string>;
}

type Reader = (text: string) => Omit<Configuration, 'software' | 'options'> & { settings: [string, string][] };

/** By the name of the binary. */
const programs: Readonly<Record<string, { software: string; read: Reader }>> = {
  unbound: { software: 'unbound', read: readUnbound },
  named: { software: 'bind', read: readBind },
  pdns_recursor: { software: 'powerdns', read: readPowerdns },
  kresd: { software: 'knot', read: readKnot },
  dnsmasq: { software: 'dnsmasq', read: readDnsmasq },
  'systemd-resolved': { software: 'systemd-resolved', read: readResolved },
};

/** Words that no option of the model carries are left out: they are about files, users and logs. */
export function readConfiguration(binary: string, text: string): Configuration | undefined {
  const program = programs[binary];
  if (program === undefined) return undefined;
  const { upstreams, stubs, settings } = program.read(text);
  const known = recursorOptions(program.software);
  const options: Configuration['options'] = {};
  for (const [word, value] of settings) {
    const takes = known.get(word);
    const before = options[word];
    const isList = takes?.includes('string') === true && before !== undefined;
    if (takes !== undefined) options[word] = isList ? `${before} ${value}` : setting(value, takes);
  }
  return { software: program.software, upstreams, stubs, options };
}

function setting(text: string, takes: readonly string[]): number | boolean | string {
  if (takes.includes('number') && /^\d+$/.test(text)) return Number(text);
  if (takes.includes('boolean') && /^(yes|no|on|off|true|false|)$/.test(text)) return !/^(no|off|false)$/.test(text);
  return text;
}

const addresses = (text: string): string[] => text.match(/\d+\.\d+\.\d+\.\d+/g) ?? [];

function readUnbound(text: string) {
  const upstreams: Record<string, string[]> = {};
  const stubs: Record<string, string[]> = {};
  const settings: [string, string][] = [];
  let zone = '.';
  for (const line of text.split('\n')) {
    const [, word = '', value = ''] = /^\s*([a-z-]+):\s*(.*?)\s*$/.exec(line) ?? [];
    const kind = word === 'forward-addr' ? upstreams : word === 'stub-addr' ? stubs : undefined;
    if (word === 'name') zone = value.replaceAll('"', '');
    else if (kind !== undefined) kind[zone] = [...(kind[zone] ?? []), ...addresses(value)];
    else settings.push([word, value]);
  }
  return { upstreams, stubs, settings };
}

function readBind(text: string) {
  const stubs: Record<string, string[]> = {};
  for (const [, zone = '', servers = ''] of text.matchAll(
    /zone "([^"]+)" \{ type static-stub; server-addresses \{([^}]*)\}/g,
  )) {
    stubs[zone] = addresses(servers);
  }
  const forwarders = addresses(/forwarders \{([^}]*)\}/.exec(text)?.[1] ?? '');
  const upstreams: Record<string, string[]> = forwarders.length > 0 ? { '.': forwarders } : {};
  const settings = [...text.matchAll(/([a-z-]+) ([a-z0-9-]+)(?: \w+)?;/g)].map(
    ([, word = '', value = '']): [string, string] => [word === 'order' ? 'rrset-order' : word, value],
  );
  return { upstreams, stubs, settings };
}

function equations(text: string): [string, string][] {
  return text.split('\n').map((line) => {
    const [, word = '', value = ''] = /^\s*([^=]+?)\s*(?:=\s*(.*?))?\s*$/.exec(line) ?? [];
    return [word, value];
  });
}

function readPowerdns(text: string) {
  const settings = equations(text);
  const zones = (wanted: string) => {
    const lists = settings.filter(([word]) => word === wanted).flatMap(([, value]) => value.split(/,\s*/));
    return Object.fromEntries(lists.map((list) => [list.split('=')[0] ?? '', addresses(list)]));
  };
  return { upstreams: zones('forward-zones-recurse'), stubs: zones('forward-zones'), settings };
}

function readKnot(text: string) {
  const upstreams = { '.': addresses(/policy\.(?:FORWARD|STUB)\(\{?([^})]*)/.exec(text)?.[1] ?? '') };
  const sizes = [...text.matchAll(/(cache\.\w+)\((\d+)\)/g)];
  const modules = [...text.matchAll(/modules\.load\('(\w+)/g)];
  const policies = [...text.matchAll(/(policy)\.(FORWARD|STUB)\(/g)];
  const settings = [...sizes, ...modules, ...policies].map(([, word = '', value = 'yes']): [string, string] => [
    word,
    value,
  ]);
  return { upstreams, stubs: {}, settings };
}

function readDnsmasq(text: string) {
  const settings = equations(text);
  const upstreams: Record<string, string[]> = {};
  for (const [, value] of settings.filter(([word]) => word === 'server' || word === 'local')) {
    const zone = /^\/([^/]+)\//.exec(value)?.[1] ?? '.';
    upstreams[zone] = [...(upstreams[zone] ?? []), ...addresses(value.replace(/^.*\//, ''))];
  }
  return { upstreams, stubs: {}, settings };
}

function readResolved(text: string) {
  const settings = equations(text);
  const servers = settings.filter(([word]) => word === 'DNS').flatMap(([, value]) => addresses(value));
  return { upstreams: { '.': servers }, stubs: {}, settings };
}
