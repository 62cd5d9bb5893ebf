import { nearestWord } from '../../problem/suggestion.ts';

const remedies: readonly (readonly [pattern: RegExp, remedy: string])[] = [
  [/can only be used once/, 'make one line of the two'],
  [/already defined|overlap/, 'put the plugins of both into one block'],
  [/missing unit in duration/, 'write a unit: 5s'],
  [/__PILLAR__/, 'this is filled in by NodeLocal DNSCache: check the file that it has written'],
  [/no nameservers found/, 'put a line `nameserver ADDRESS` into the resolv.conf that it reads'],
  [/not an IP address|invalid address/, 'write an address such as 192.0.2.53, or the path of a file like resolv.conf'],
  [/expecting '\}'|Unexpected EOF/, 'close the block: a lone } on a line of its own'],
  [/no matching opening brace/, 'put the } on a line of its own'],
  [/zone is not a valid domain name: .*\{$/, 'put a blank between the key and {'],
  [/zone is not a valid domain name|zone is too long/, 'write a name such as example.org, or `.` for all'],
  [/expecting data after last colon/, 'write a port after the colon, or leave the colon out'],
  [/invalid CIDR /, 'write a network such as 10.0.0.0/8'],
  [
    /expecting '\{'|Expected another address/,
    'write the keys of a block with blanks between them, and { at the end of their line',
  ],
  [/redeclaration of previously declared snippet/, 'give each snippet a name of its own'],
  [/line ending after 'import'|^\S+ - .*Import /, 'write it as: import SNIPPET|FILE'],
  [/File to import not found/, 'declare a snippet before its use; paths are relative to this file'],
];

const actionForm = '[type TYPES…] [net NETWORKS…]';

/** How a plugin's line is written, and what stands inside its braces, in some release (the plugins' manuals). */
const forms: Readonly<
  Record<string, { readonly line: string; readonly properties?: Readonly<Record<string, string>> }>
> = {
  acl: {
    line: 'acl [ZONES…]',
    properties: { allow: actionForm, block: actionForm, filter: actionForm, drop: actionForm },
  },
  any: { line: 'any' },
  autopath: { line: 'autopath [ZONES…] FILE|@kubernetes' },
  bind: { line: 'bind ADDRESS|INTERFACE…', properties: { except: 'ADDRESS|INTERFACE…' } },
  bufsize: { line: 'bufsize [512 to 4096]' },
  cache: {
    line: 'cache [TTL] [ZONES…]',
    properties: {
      success: 'CAPACITY [TTL] [MINTTL]',
      denial: 'CAPACITY [TTL] [MINTTL]',
      prefetch: 'AMOUNT [DURATION [PERCENTAGE%]]',
      serve_stale: '[DURATION] [immediate|verify]',
      serve_stale_policy: 'immediate|verify',
      servfail: 'DURATION',
      disable: 'success|denial [ZONES…]',
      keepttl: '',
    },
  },
  cancel: { line: 'cancel [TIMEOUT]' },
  chaos: { line: 'chaos [VERSION] [AUTHORS…]' },
  debug: { line: 'debug' },
  dns64: { line: 'dns64 [PREFIX]', properties: { prefix: 'PREFIX', translate_all: '', allow_ipv4: '' } },
  erratic: {
    line: 'erratic',
    properties: { drop: '[AMOUNT]', truncate: '[AMOUNT]', delay: '[AMOUNT [DURATION]]', large: '' },
  },
  errors: { line: 'errors', properties: { stacktrace: '', consolidate: 'DURATION REGEXP [LEVEL]' } },
  file: { line: 'file DBFILE [ZONES…]', properties: { reload: 'DURATION', fallthrough: '[ZONES…]', upstream: '' } },
  forward: {
    line: 'forward FROM TO…',
    properties: {
      except: 'NAMES…',
      force_tcp: '',
      prefer_udp: '',
      max_fails: 'NUMBER',
      expire: 'DURATION',
      max_idle_conns: 'NUMBER',
      max_age: 'DURATION',
      read_timeout: 'DURATION',
      tls: '[CERT KEY CA]',
      tls_servername: 'NAME',
      policy: 'random|round_robin|sequential',
      health_check: 'DURATION [no_rec] [domain NAME]',
      max_concurrent: 'NUMBER',
      max_connect_attempts: 'NUMBER',
      next: 'RCODE…',
      next_on_nodata: '',
      failover: 'RCODE…',
      failfast_all_unhealthy_upstreams: '',
      resolver: 'ADDRESS…',
    },
  },
  header: { line: 'header', properties: { query: 'set|clear FLAGS…', response: 'set|clear FLAGS…' } },
  health: { line: 'health [ADDRESS]', properties: { lameduck: 'DURATION' } },
  hosts: {
    line: 'hosts [FILE [ZONES…]]',
    properties: { ttl: 'SECONDS', no_reverse: '', reload: 'DURATION', fallthrough: '[ZONES…]' },
  },
  kubernetes: {
    line: 'kubernetes [ZONES…]',
    properties: {
      endpoint: 'URL',
      tls: 'CERT KEY CACERT',
      kubeconfig: 'FILE [CONTEXT]',
      namespaces: 'NAMES…',
      labels: 'EXPRESSION',
      namespace_labels: 'EXPRESSION',
      pods: 'disabled|insecure|verified',
      endpoint_pod_names: '',
      ttl: '0 to 3600',
      noendpoints: '',
      fallthrough: '[ZONES…]',
      ignore: 'empty_service',
      startup_timeout: 'DURATION',
    },
  },
  loadbalance: {
    line: 'loadbalance [round_robin|weighted WEIGHTFILE]',
    properties: { reload: 'DURATION', prefer: 'CIDR…' },
  },
  local: { line: 'local' },
  log: { line: 'log [NAMES…] [FORMAT]', properties: { class: 'success|denial|error|all…' } },
  loop: { line: 'loop' },
  metadata: { line: 'metadata [ZONES…]' },
  minimal: { line: 'minimal' },
  multisocket: { line: 'multisocket [NUMBER]' },
  nsid: { line: 'nsid [DATA]' },
  pprof: { line: 'pprof [ADDRESS]', properties: { block: '[RATE]' } },
  prometheus: { line: 'prometheus [ADDRESS]' },
  ready: { line: 'ready [ADDRESS]', properties: { monitor: 'until-ready|continuously' } },
  reload: { line: 'reload [INTERVAL] [JITTER]' },
  rewrite: { line: 'rewrite [continue|stop] name|type|class|ttl|rcode|edns0|cname … FROM TO' },
  root: { line: 'root DIRECTORY' },
  template: {
    line: 'template CLASS TYPE [ZONES…]',
    properties: {
      match: 'REGEXPS…',
      answer: '"RECORD"',
      additional: '"RECORD"',
      authority: '"RECORD"',
      rcode: 'RCODE',
      ederror: 'CODE ["TEXT"]',
      fallthrough: '[ZONES…]',
      upstream: '',
    },
  },
  timeouts: { line: 'timeouts', properties: { read: 'DURATION', write: 'DURATION', idle: 'DURATION' } },
  view: { line: 'view NAME', properties: { expr: 'EXPRESSION' } },
  whoami: { line: 'whoami' },
};
const policies = ['random', 'round_robin', 'sequential'];

/** What to do about an error in CoreDNS's own words. `begins`: the first word of the line that is to blame. */
export function remedyFor(message: string, begins = ''): string {
  const [, plugin = ''] = /^plugin\/([a-z\d]+): /.exec(message) ?? [];
  const known = remedies.find(([pattern]) => pattern.test(message))?.[1];
  return known ?? probablyMeant(plugin, message) ?? formOf(plugin, begins, /unknown (property|option)/.test(message));
}

/** `did you mean pods?` where an unknown word is near one that the plugin takes. */
function probablyMeant(plugin: string, message: string): string | undefined {
  const [, property] = /(?:unknown property|line ending after) '([^']+)'$/.exec(message) ?? [];
  const [, policy] = /unknown policy '([^']+)'$/.exec(message) ?? [];
  const known = policy === undefined ? Object.keys(forms[plugin]?.properties ?? {}) : policies;
  const word = property ?? policy ?? '';
  const near = nearestWord(word, known);
  return near === undefined || near === word ? undefined : `did you mean \`${near}\`?`;
}

/** How the plugin's line, or that of one of its properties, is written. */
function formOf(plugin: string, begins: string, isUnknown: boolean): string {
  const form = forms[plugin];
  const { line = '', properties = {} } = form ?? {};
  const property = Object.hasOwn(properties, begins) ? properties[begins] : undefined;
  if (form === undefined || (isUnknown && property !== undefined)) return 'leave it out: this release does not take it';
  if (property !== undefined) return `write it as: ${`${begins} ${property}`.trim()}`;
  const names = Object.keys(properties);
  if (begins === plugin || begins === '' || names.length === 0) return `write it as: ${line}`;
  return `its braces take ${names.join(', ')}`;
}
