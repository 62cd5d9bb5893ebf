import { second } from '../../engine/time.ts';
import { parseEndpoint } from '../../network/address.ts';
import type { Endpoint } from '../../network/packet.ts';
import type { Problems } from '../../problem/problem.ts';
import { didYouMean } from '../../problem/suggestion.ts';
import type { WordReader } from '../netfilter/reader.ts';
import { parseCount } from '../netfilter/values.ts';
import type { Word } from '../netfilter/words.ts';
import type { IpvsAdministration, Refusal } from './administration.ts';
import type { IpvsProtocol } from './connection.ts';
import type { Ipvs } from './ipvs.ts';
import { type SchedulerName, schedulerNames } from './schedulers.ts';

interface IpvsMachine {
  readonly ipvs: Ipvs;
  readonly ipvsAdministration: IpvsAdministration;
  readonly print: (line: string) => void;
}

type Action = (machine: IpvsMachine, problems: Problems) => void;

/** What ipvsadm is to do, by its short and long option. */
const operations: Readonly<Record<string, 'A' | 'E' | 'D' | 'C' | 'a' | 'e' | 'd' | 'set'>> = {
  '-A': 'A',
  '--add-service': 'A',
  '-E': 'E',
  '--edit-service': 'E',
  '-D': 'D',
  '--delete-service': 'D',
  '-C': 'C',
  '--clear': 'C',
  '-a': 'a',
  '--add-server': 'a',
  '-e': 'e',
  '--edit-server': 'e',
  '-d': 'd',
  '--delete-server': 'd',
  '--set': 'set',
};

interface Options {
  service?: { readonly protocol: IpvsProtocol; readonly endpoint: Endpoint };
  server?: Endpoint;
  scheduler?: SchedulerName;
  persistence?: number;
  weight?: number;
}

/** ipvsadm's default scheduler and persistence (ipvsadm.c). */
const defaultScheduler = 'wlc';
const defaultPersistence = 300;

/** `ipvsadm -A|-E|-D|-C|-a|-e|-d|-L|--set …`, after its first word; forwarding by masquerade alone (`-m`). */
export function parseIpvsadmCommand(reader: WordReader): Action | undefined {
  const word = reader.take('what ipvsadm is to do');
  if (word !== undefined && /^-{1,2}[lL]/.test(word.text)) return parseList(word, reader);
  const operation = word && (Object.hasOwn(operations, word.text) ? operations[word.text] : undefined);
  if (word === undefined) return undefined;
  if (operation === undefined) {
    const hint = didYouMean(word.text, Object.keys(operations), 'known');
    reader.problem('unknown-option', `\`ipvsadm ${word.text}\` is not known here`, hint, word);
    return undefined;
  }
  if (operation === 'C') return ({ ipvsAdministration }) => ipvsAdministration.clear();
  if (operation === 'set') {
    const [tcp, tcpFin, udp] = ['the time-out of TCP', 'that after FIN', 'that of UDP'].map((what) =>
      reader.value(`${what} in seconds`, parseCount),
    );
    if (tcp === undefined || tcpFin === undefined || udp === undefined) return undefined;
    return ({ ipvsAdministration }) => ipvsAdministration.setTimeouts({ tcp, tcpFin, udp });
  }
  const options = readOptions(reader);
  const { service, server } = options;
  if (service === undefined) {
    reader.problem(
      'missing-option',
      `\`ipvsadm ${word.text}\` needs \`-t\` or \`-u\``,
      'such as `-u 10.96.0.10:53`',
      word,
    );
    return undefined;
  }
  const refused = (refusal: Refusal | undefined, problems: Problems) => refuse(refusal, word, problems);
  if (operation === 'A' || operation === 'E' || operation === 'D') {
    const { scheduler = defaultScheduler, persistence } = options;
    const wanted = { scheduler, ...(persistence === undefined ? {} : { persistence: persistence * second }) };
    return ({ ipvsAdministration: administration }, problems) => {
      const { protocol, endpoint } = service;
      if (operation === 'A') refused(administration.addService(protocol, endpoint, wanted), problems);
      else if (operation === 'E') refused(administration.editService(protocol, endpoint, wanted), problems);
      else refused(administration.deleteService(protocol, endpoint), problems);
    };
  }
  if (server === undefined) {
    reader.problem('missing-option', `\`ipvsadm ${word.text}\` needs \`-r\``, 'such as `-r 10.244.1.5:53`', word);
    return undefined;
  }
  const { weight = 1 } = options;
  return ({ ipvsAdministration: administration }, problems) => {
    const found = administration.find(service.protocol, service.endpoint);
    if (found === undefined) refused('Service not defined', problems);
    else if (operation === 'a') refused(administration.addServer(found, server, weight), problems);
    else if (operation === 'e') refused(administration.editServer(found, server, weight), problems);
    else refused(administration.deleteServer(found, server), problems);
  };
}

/** `-Ln`, `-L -n`, `-Lnc`, `--list --numeric --connection`, `-L --timeout`; addresses are always printed as numbers. */
function parseList(first: Word, reader: WordReader): Action | undefined {
  const words = [first.text];
  while (reader.peek() !== undefined) words.push(reader.take('an option')?.text ?? '');
  const letters = words.flatMap((word) => (word.startsWith('--') ? [listOptions[word] ?? '?'] : [...word.slice(1)]));
  const unknown = letters.find((letter) => !'lLnct'.includes(letter));
  if (unknown !== undefined) {
    reader.problem(
      'unknown-option',
      `\`ipvsadm ${words.join(' ')}\` is not known here`,
      'known: -Ln, -Lnc, -L --timeout',
      first,
    );
    return undefined;
  }
  return ({ ipvs, print }) => {
    const lines = letters.includes('t')
      ? [`Timeout (tcp tcpfin udp): ${timeoutsOf(ipvs).join(' ')}`]
      : letters.includes('c')
        ? ipvs.printConnections()
        : ipvs.printServers();
    for (const line of lines) print(line);
  };
}

const listOptions: Readonly<Record<string, string>> = {
  '--list': 'L',
  '--numeric': 'n',
  '--connection': 'c',
  '--timeout': 't',
};

function timeoutsOf({ timeouts }: Ipvs): number[] {
  return [timeouts.ESTABLISHED, timeouts.FIN_WAIT, timeouts.UDP].map((span) => span / second);
}

function refuse(refusal: Refusal | undefined, { file, line, column }: Word, problems: Problems): void {
  if (refusal !== undefined)
    problems.push({ code: 'ipvs', message: refusal, hint: 'compare with `ipvsadm -Ln`', file, line, column });
}

function readOptions(reader: WordReader): Options {
  const options: Options = {};
  while (reader.peek() !== undefined) readOption(options, reader);
  return options;
}

const endpointHint = 'such as `10.96.0.10:53`';

function readOption(options: Options, reader: WordReader): void {
  const word = reader.take('an option');
  switch (word?.text) {
    case '-t':
    case '--tcp-service':
    case '-u':
    case '--udp-service': {
      const endpoint = reader.value('an address and port', parseEndpoint, endpointHint);
      const protocol = word.text === '-t' || word.text === '--tcp-service' ? 'tcp' : 'udp';
      if (endpoint !== undefined) options.service = { protocol, endpoint };
      return;
    }
    case '-r':
    case '--real-server': {
      const endpoint = reader.value('an address and port', parseEndpoint, endpointHint);
      if (endpoint !== undefined) options.server = endpoint;
      return;
    }
    case '-s':
    case '--scheduler': {
      const find = (text: string) => schedulerNames.find((name) => name === text);
      const scheduler = reader.value('a scheduler', find, `known: ${schedulerNames.join(', ')}`);
      if (scheduler !== undefined) options.scheduler = scheduler;
      return;
    }
    case '-p':
    case '--persistent':
      options.persistence = defaultPersistence;
      if (/^\d/.test(reader.peek() ?? ''))
        options.persistence = reader.value('a number of seconds', parseCount) ?? defaultPersistence;
      return;
    case '-w':
    case '--weight': {
      const weight = reader.value('a weight', parseCount);
      if (weight !== undefined) options.weight = weight;
      return;
    }
    case '-m':
    case '--masquerading':
      return;
    case '-g':
    case '-i':
      reader.problem('not-modelled', `\`${word.text}\`: only masquerading is modelled`, 'kube-proxy uses `-m`', word);
      return;
    default: {
      const known = ['-t', '-u', '-r', '-s', '-p', '-w', '-m'];
      reader.problem(
        'unknown-option',
        `the option \`${word?.text ?? ''}\` of ipvsadm is not known`,
        didYouMean(word?.text ?? '', known, 'known'),
        word,
      );
    }
  }
}
