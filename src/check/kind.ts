/** What a file is. */
export const fileKinds = ['corefile', 'configmap', 'resolv-conf', 'zone', 'iptables', 'scenario'] as const;
export type FileKind = (typeof fileKinds)[number];

/** How a kind is called towards the user. */
export const kindNames: Readonly<Record<FileKind, string>> = {
  corefile: 'Corefile',
  configmap: 'ConfigMap',
  'resolv-conf': 'resolv.conf',
  zone: 'zone file',
  iptables: 'iptables-save',
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
  if (/iptables|^rules\.v[46]$|\.rules$/i.test(name)) return 'iptables';
  if (/^db\.|\.(zone|db)$/i.test(name)) return 'zone';
  return /^scenario\.ya?ml$/i.test(name) ? 'scenario' : undefined;
}

/** Blanks are those of the line itself: patterns stay linear, whatever stands in the file. */
function manifestIn(text: string): FileKind | undefined {
  return /^[ \t{]*["']?(apiVersion|kind)["']?[ \t]*:/m.test(text) ? 'configmap' : undefined;
}

function kindOfText(text: string): FileKind | undefined {
  if (/^\*(raw|mangle|nat|filter|security)[ \t\r]*$/m.test(text)) return 'iptables';
  if (/^(workloads|pods|cluster):/m.test(text) && /^(title|duration|cluster):/m.test(text)) return 'scenario';
  if (/^[ \t]*data:/m.test(text)) return 'configmap';
  if (/^\$(ORIGIN|TTL)[ \t]/im.test(text) || text.split('\n').some(isSoa)) return 'zone';
  if (/^(nameserver|search|options|domain)[ \t]+\S/m.test(text)) return 'resolv-conf';
  return text.split('\n').some((line) => /^[^#]*\{\s*$/.test(line.slice(-longestLine))) ? 'corefile' : undefined;
}

const longestLine = 1000;

/** `@ 300 IN SOA …` */
function isSoa(line: string): boolean {
  const words = line.slice(0, longestLine).split(/[ \t]+/);
  const type = words.findIndex((word) => word.toUpperCase() === 'SOA');
  return type > 0 && words.slice(1, type).every((word) => /^(\d+[a-z\d]*|IN)$/i.test(word));
}
