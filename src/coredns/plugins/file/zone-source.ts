import { knownTypes } from '../../../dns/numbers.ts';
import { wordsOf } from '../../../dns/text.ts';
import { Zone } from '../../../dns/zone.ts';
import { parseZoneFile } from '../../../dns/zone-file.ts';
import type { Problem, Source } from '../../../problem/problem.ts';
import type { GoValue } from '../../corefile/go-values.ts';
import { type History, inRelease } from '../../history.ts';
import type { Files } from '../../plugin.ts';
import type { ReleaseName } from '../../releases.ts';
import { soaOf } from './lookup.ts';

/** What stands below a fault in a zone file: left away in silence, or the whole file refused. corefile-file-bad-zone. */
const faults: History<'cut-off' | 'refused'> = [
  ['1.6.7', 'cut-off'],
  ['1.11.4', 'refused'],
];

/** A zone from its file as CoreDNS takes it, or the text of its error. */
export function parseZone(
  file: string,
  text: string,
  origin: string,
  release: ReleaseName,
  files: Pick<Files, 'read'>,
): GoValue<Zone> {
  const problems: Problem[] = [];
  const records = parseZoneFile({ file, text }, origin, problems, (path, from) => included(files, path, from));
  // CoreDNS takes records from outside of the zone too, and never finds them.
  const [fault] = problems.filter(({ code }) => code !== 'out-of-zone');
  if (fault !== undefined && inRelease(faults, release) === 'refused') {
    return {
      error: `failed to parse file ${JSON.stringify(file)} for origin ${origin} with error ${file}: ${goFault(fault, text)}`,
    };
  }
  const cut = records.findIndex(({ position: at }) => at.file === fault?.file && at.line >= fault.line);
  const sound = cut < 0 ? records : records.slice(0, cut);
  const zone = new Zone(
    origin,
    sound.map(({ record }) => record),
  );
  if (soaOf(zone).length === 0) return { error: `file ${JSON.stringify(file)} has no SOA record for origin ${origin}` };
  return { value: zone };
}

/** A path is looked for beside the file that names it. */
function included(files: Pick<Files, 'read'>, path: string, from: string): Source | undefined {
  const file = path.startsWith('/') ? path : `${from.replace(/[^/]*$/, '')}${path}`;
  const text = files.read(file);
  return text === undefined ? undefined : { file, text };
}

/** A fault in the words of miekg/dns: `dns: bad A A: "10.0.0.300" at line: 2:22`. */
function goFault({ line, message }: Problem, text: string): string {
  const source = text.split('\n')[line - 1]?.replace(/;.*/, '').trimEnd() ?? '';
  const words = wordsOf(source).map((word) => word.text);
  const [, unknown] = /record type (\S+)/.exec(message) ?? [];
  if (unknown !== undefined) {
    const end = source.indexOf(unknown) + unknown.length + 1;
    return `dns: unknown RR type: ${JSON.stringify(unknown)} at line: ${line}:${end}`;
  }
  const [, ttl] = words;
  if (ttl !== undefined && !/^(\d+[smhdw]?)+$/i.test(ttl) && words[2] === 'IN') {
    return `dns: not a TTL: ${JSON.stringify(ttl)} at line: ${line}:${source.indexOf(` ${ttl}`) + ttl.length + 2}`;
  }
  const type = words.find((word) => knownTypes.includes(word));
  const what = type === undefined ? message : `bad ${type} ${type}`;
  return `dns: ${what}: ${JSON.stringify(words.at(-1) ?? '')} at line: ${line}:${source.length}`;
}
