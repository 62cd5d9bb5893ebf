/** What a file is. */
export const fileKinds = ['corefile', 'configmap', 'resolv-conf', 'zone', 'scenario'] as const;
export type FileKind = (typeof fileKinds)[number];

/** How a kind is called towards the user. */
export const kindNames: Readonly<Record<FileKind, string>> = {
  corefile: 'Corefile',
  configmap: 'ConfigMap',
  'resolv-conf': 'resolv.conf',
  zone: 'zone file',
  scenario: 'scenario',
};

/** Tells the kind of a file by what stands in it, or else by its name; undefined: it could be anything. */
export function tellKind(path: string, text: string): FileKind | undefined {
  const name = path.split('/').at(-1) ?? path;
  const byName = kindOfName(name);
  if (byName === 'resolv-conf' || byName === 'corefile') return manifestIn(text) ?? byName;
  return manifestIn(text) ?? kindOfText(text) ?? byName;
}

function kindOfName(name: string): FileKind | undefined {
  if (/resolv[._-]?conf|^resolv/i.test(name)) return 'resolv-conf';
  if (/corefile/i.test(name) && !/\.(ya?ml|json)$/i.test(name)) return 'corefile';
  if (/^db\.|\.(zone|db)$/i.test(name)) return 'zone';
  return /^scenario\.ya?ml$/i.test(name) ? 'scenario' : undefined;
}

function manifestIn(text: string): FileKind | undefined {
  return /^\s*["']?(apiVersion|kind)["']?\s*:/m.test(text) ? 'configmap' : undefined;
}

function kindOfText(text: string): FileKind | undefined {
  if (/^(workloads|pods|cluster):/m.test(text) && /^(title|duration|cluster):/m.test(text)) return 'scenario';
  if (/^\s*data:/m.test(text)) return 'configmap';
  if (/^\$(ORIGIN|TTL)\s/im.test(text) || /^\S*\s+([\w]+\s+)*SOA\s/im.test(text)) return 'zone';
  if (/^(nameserver|search|options|domain)\s+\S/m.test(text)) return 'resolv-conf';
  return /^[^#\n]*\{\s*$/m.test(text) ? 'corefile' : undefined;
}
