import { inRelease } from '../../coredns/history.ts';
import { missIsServfail } from '../../coredns/plugins/template/template.ts';
import { absolute } from '../../dns/name.ts';
import { propertyOf, type Statement } from '../corefile/statement.ts';
import { type BlockView, type CorefileView, statements } from '../corefile/view.ts';
import type { CorefileRule, Found } from '../finding.ts';
import { originOf, viewZone } from '../zone.ts';
import { seconds } from './words.ts';

const hostsProperties: readonly string[] = ['fallthrough', 'no_reverse', 'ttl', 'reload'];
const block = (lines: string) => `. {\n${lines}  cache 30\n  forward . 192.0.2.53\n}\n`;

/** Plugins that answer by themselves: `hosts`, `template`, `rewrite`. */
export const answerRules: readonly CorefileRule[] = [
  {
    code: 'hosts-ends-the-way',
    severity: 'error',
    title: '`hosts` without `fallthrough` fails every name that it does not list',
    consequence:
      'A name without an entry ends here as SERVFAIL: what stands behind `hosts` in the chain (`kubernetes`, `forward`) is never asked.',
    remedy: 'add `fallthrough` inside its braces, or name the zones behind the file: `hosts FILE corp.example`',
    source: 'recordings corefile-hosts-inline, corefile-hosts-fallthrough',
    example: {
      wrong: block('  hosts {\n    192.0.2.1 db.corp.example\n  }\n'),
      right: block('  hosts {\n    192.0.2.1 db.corp.example\n    fallthrough\n  }\n'),
    },
    find: (view) =>
      eachOf(view, 'hosts', (line, { forwards, statements: others }) => {
        if (propertyOf(line, 'fallthrough') !== undefined || line.args.length > 1) return [];
        if (forwards.length === 0 && !others.has('kubernetes') && !others.has('file')) return [];
        return [{ at: line.name, message: 'every name that is not listed here is SERVFAIL' }];
      }),
  },
  {
    code: 'hosts-zone-taken-for-file',
    severity: 'error',
    title: 'The first word behind `hosts` is a file, not a zone',
    consequence:
      'CoreDNS looks for a file of that name, warns that there is none and goes on: the entries are for every zone of the block.',
    remedy: 'write the file first: `hosts /etc/hosts corp.example { … }`',
    source: 'recording corefile-hosts-zones',
    example: {
      wrong: block('  hosts corp.example {\n    192.0.2.1 db.corp.example\n    fallthrough\n  }\n'),
      right: block('  hosts /etc/hosts corp.example {\n    192.0.2.1 db.corp.example\n    fallthrough\n  }\n'),
    },
    find: (view) =>
      eachOf(view, 'hosts', ({ args }) => {
        const [first] = args;
        if (first === undefined || first.text.includes('/') || view.surroundings.files[first.text] !== undefined)
          return [];
        return /^[a-z0-9-]+(\.[a-z0-9-]+)+\.?$/i.test(first.text)
          ? [{ at: first, message: `${first.text} is the name of a file here` }]
          : [];
      }),
  },
  {
    code: 'hosts-line-without-address',
    severity: 'warning',
    title: 'A line inside `hosts` that is neither an entry nor a property',
    consequence:
      'Every unknown word before `fallthrough` is taken as the address of an entry. If it is none, the line is dropped without a word.',
    remedy: 'begin the line with an address, or with fallthrough, ttl, reload or no_reverse',
    source: 'recording corefile-start-hosts-unknown-property',
    example: {
      wrong: block('  hosts {\n    192.0.2.1 db.corp.example\n    ttll 60\n    fallthrough\n  }\n'),
      right: block('  hosts {\n    192.0.2.1 db.corp.example\n    ttl 60\n    fallthrough\n  }\n'),
    },
    find: (view) =>
      eachOf(view, 'hosts', ({ properties }) =>
        properties
          .filter(({ name: { text } }) => !hostsProperties.includes(text) && !isAddress(text))
          .map(({ name }) => ({ at: name, message: `"${name.text}" is no address: the line is dropped` })),
      ),
  },
  {
    code: 'aaaa-denied',
    severity: 'warning',
    title: 'AAAA queries are answered with NXDOMAIN',
    consequence:
      'NXDOMAIN says that the name does not exist, for no type at all. musl (Alpine) asks A and AAAA together and takes the NXDOMAIN as the end: EAI_NONAME, although the A record is there. Resolvers that cache NXDOMAIN for the whole name (RFC 8020) do the same.',
    remedy: 'answer AAAA with an empty NOERROR, such as `template IN AAAA { rcode NOERROR; authority … SOA … }`',
    source: 'facts of musl 1.2.3 and 1.2.5; field report S3; RFC 8020 §2',
    example: {
      wrong: block('  template ANY AAAA {\n    rcode NXDOMAIN\n  }\n'),
      right: block(
        '  template IN AAAA {\n    rcode NOERROR\n    authority ". 60 IN SOA ns.invalid. host.invalid. 1 7200 900 1209600 60"\n  }\n',
      ),
    },
    find: (view) =>
      eachOf(view, 'template', (line) => {
        const [, type] = line.args;
        const rcode = propertyOf(line, 'rcode');
        if (type?.text !== 'AAAA' || rcode?.args[0]?.text.toUpperCase() !== 'NXDOMAIN') return [];
        return [{ at: rcode.name, message: 'for musl these names do not exist, whatever A records they have' }];
      }),
  },
  {
    code: 'template-ends-the-way',
    severity: 'warning',
    title: 'A `template` with `match` and without `fallthrough` fails what does not match',
    consequence:
      'A query of its class, type and zone that fits none of its expressions ends here as SERVFAIL. Up to 1.9.2 nothing is sent at all: clients wait for their time-out.',
    remedy: 'add `fallthrough`',
    source: 'recording corefile-template-miss',
    example: {
      wrong: block('  template IN A {\n    match ^db[.]\n    answer "{{ .Name }} 60 IN A 192.0.2.1"\n  }\n'),
      right: block(
        '  template IN A {\n    match ^db[.]\n    answer "{{ .Name }} 60 IN A 192.0.2.1"\n    fallthrough\n  }\n',
      ),
    },
    find: (view) =>
      eachOf(view, 'template', (line, { forwards, statements: others }) => {
        const match = propertyOf(line, 'match');
        const matchesAll = match?.args.some(({ text }) => text === '.*') === true;
        if (match === undefined || matchesAll || propertyOf(line, 'fallthrough') !== undefined) return [];
        if (forwards.length === 0 && !others.has('kubernetes') && !others.has('file')) return [];
        const fate = inRelease(missIsServfail, view.release.name) ? 'ends as SERVFAIL' : 'gets no reply';
        return [{ at: match.name, message: `a query that does not match ${fate}` }];
      }),
  },
  {
    code: 'regex-never-matches',
    severity: 'error',
    title: 'The expression of a rewrite does not reckon with the final dot',
    consequence:
      'The name is compared with its final dot: an expression that ends in a letter and `$` never matches, and the rule does nothing.',
    remedy: 'end the expression in `\\.$`',
    source: 'recording corefile-rewrite-name-kinds',
    example: {
      wrong: block('  rewrite name regex (.*)\\.corp\\.example$ {1}.prod.svc.cluster.local\n'),
      right: block('  rewrite name regex (.*)\\.corp\\.example\\.$ {1}.prod.svc.cluster.local\n'),
    },
    find: (view) =>
      eachOf(view, 'rewrite', ({ args }) =>
        args
          .filter((token, i) => args[i - 1]?.text.toLowerCase() === 'regex' && /[a-z0-9]\$$/i.test(token.text))
          .slice(0, 1)
          .map((at) => ({ at, message: 'no name ends like this: all end in a dot' })),
      ),
  },
  {
    code: 'soa-ttl-above-minimum',
    severity: 'warning',
    title: '`file` denies names for the TTL of the SOA record, not for its last number',
    consequence:
      'Other servers (BIND, NSD, Knot, PowerDNS) cut the TTL of the SOA record in a negative reply to its last number. The `file` plugin sends the record as it stands, and `cache` looks at that TTL only: a new name stays unknown for as long, up to the maximum of the caches on the way.',
    remedy: 'give the SOA record in the zone file the TTL that denials are to have',
    source: 'recordings recursor-auth-shapes, corefile-file-zone, cache-negative-soa',
    example: {
      wrong: '. {\n  file corp.zone corp.example\n}\n',
      right: '. {\n  forward . 192.0.2.53\n}\n',
      files: { 'corp.zone': '$ORIGIN corp.example.\n$TTL 3600\n@ IN SOA ns host 1 7200 900 1209600 60\n@ IN NS ns\n' },
    },
    find: (view) => eachOf(view, 'file', (line) => longSoa(line, view.surroundings.files)),
  },
];

const isAddress = (text: string): boolean =>
  /^\d{1,3}(\.\d{1,3}){3}$/.test(text) || (text.includes(':') && /^[0-9a-f:.]+$/i.test(text));

function longSoa({ args: [path, zone] }: Statement, files: Readonly<Record<string, string>>): Found[] {
  const text = path === undefined ? undefined : files[path.text];
  if (path === undefined || text === undefined) return [];
  const source = { file: path.text, text };
  const { records } = viewZone(source, zone === undefined ? originOf(source) : absolute(zone.text));
  return records.flatMap(({ record: { data, ttl } }) =>
    data.type === 'SOA' && ttl > data.minimum
      ? [{ at: path, message: `a missing name is denied for ${seconds(ttl)}, not for ${seconds(data.minimum)}` }]
      : [],
  );
}

function eachOf(
  { blocks }: CorefileView,
  name: string,
  find: (line: Statement, block: BlockView) => readonly Found[],
): Found[] {
  return blocks.flatMap((one) => statements(one, name).flatMap((line) => find(line, one)));
}
