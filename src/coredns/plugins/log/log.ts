import { changed, replyTo } from '../../../dns/build.ts';
import type { Message } from '../../../dns/message.ts';
import { absolute } from '../../../dns/name.ts';
import { typeOf } from '../../../dns/record.ts';
import { sizeOf } from '../../../dns/size.ts';
import { flagsOf } from '../../../dns/text.ts';
import { toSeconds } from '../../../engine/time.ts';
import { formatAddress } from '../../../network/address.ts';
import type { Address } from '../../../network/packet.ts';
import { type History, inRelease, since } from '../../history.ts';
import type { Outcome, Plugin, PluginSetup, Request } from '../../plugin.ts';
import type { Release } from '../../releases.ts';
import { isUnwritten } from '../../server/chain.ts';
import { ednsAsLeft, replySize, written } from '../../server/scrub.ts';
import { typeName } from '../../types.ts';
import { longestZone } from '../../zones.ts';

type Class = 'all' | 'success' | 'denial' | 'error';

interface Rule {
  readonly zones: readonly string[];
  readonly format: string;
  readonly classes: ReadonlySet<Class>;
}

const commonFormat =
  '{remote}:{port} - {>id} "{type} {class} {name} {proto} {size} {>do} {>bufsize}" {rcode} {>rflags} {rsize} {duration}';
const combinedFormat = `${commonFormat} "{>opcode}"`;
/** `{common}` and `{combined}` stand for their formats within a format too (1.9.1, #5230). */
const shortensWithin = since('1.9.1');
const classes: readonly Class[] = ['all', 'success', 'denial', 'error'];

/** What stands for a reply that nobody wrote: corefile-log-unwritten. */
const unwrittenRcode: History<'NOERROR' | '-' | 'as-sent'> = [
  ['1.6.7', 'NOERROR'],
  ['1.8.5', '-'],
  ['1.14.5', 'as-sent'],
];
const namesUnknownProperty = since('1.14.4');
/** A denial with answers is none (response.Typify). */
const denialHasNoAnswers = since('1.14.5');

/** `log [ZONES…] [FORMAT] { class CLASSES… }` */
export function setUpLog(setup: PluginSetup): Plugin {
  const { simulation, log, release } = setup;
  const rules = parse(setup);
  const unwritten = inRelease(unwrittenRcode, release.name);
  return {
    name: 'log',
    *handle(request, next) {
      const name = request.message.question[0]?.name ?? '';
      const rule = rules.find(({ zones }) => longestZone(zones, name) !== undefined);
      if (rule === undefined) return yield* next(request);
      const start = simulation.now;
      const outcome = yield* next(request);
      const shown = unwritten === 'as-sent' ? asSent(request, outcome) : outcome.reply;
      const wanted =
        rule.classes.has('all') || rule.classes.has(classOf(shown, inRelease(denialHasNoAnswers, release.name)));
      if (wanted) {
        const rcode = shown?.rcode ?? (unwritten === 'NOERROR' ? unwritten : '-');
        log.raw(`[INFO] ${filled(rule.format, request, outcome, shown, rcode, simulation.now - start, release)}`);
      }
      return outcome;
    },
  };
}

function asSent(request: Request, outcome: Outcome): Message | undefined {
  return outcome.reply ?? (isUnwritten(outcome) ? replyTo(request.message, outcome.rcode) : undefined);
}

function classOf(reply: Message | undefined, denialHasNoAnswers: boolean): Class {
  if (reply === undefined) return 'error';
  const soa = reply.authority.some((record) => typeOf(record) === 'SOA');
  if (reply.rcode === 'NOERROR') return reply.answer.length === 0 && soa ? 'denial' : 'success';
  if (reply.rcode !== 'NXDOMAIN') return 'error';
  if (denialHasNoAnswers) return reply.answer.length === 0 ? 'denial' : 'error';
  return soa ? 'denial' : 'error';
}

/** The query as plugins behind have left it, and a reply that went out with its OPT; its name is taken before. */
function asLeft(request: Request, { rewritten, reply }: Outcome, release: Release): Message {
  const { message } = request;
  const asked = rewritten === undefined ? message.edns : rewritten.edns;
  const lent = asked !== undefined && asked.options.length > 0 && reply !== undefined && reply.edns === undefined;
  if (rewritten === undefined && !lent) return message;
  return changed(message, {
    question: rewritten === undefined ? message.question : [rewritten.question],
    edns: lent ? ednsAsLeft(asked, request, release) : asked,
  });
}

/** `{…}` replaced; unknown `{>…}` stay as they are, metadata is not there. */
function filled(
  format: string,
  request: Request,
  outcome: Outcome,
  reply: Message | undefined,
  rcode: string,
  span: number,
  release: Release,
): string {
  const { client, local, protocol } = request;
  const message = asLeft(request, outcome, release);
  const [question] = message.question;
  const edns = request.original.edns;
  // The flags are read after the reply has been cut to the client's size, its length before: path-trunc-678-polite.
  const flags = reply === undefined ? '' : flagsOf(written(reply, request, release).message).join(',');
  const values: Readonly<Record<string, string>> = {
    '{type}': typeName(question?.type ?? '', release.name),
    '{name}': (request.message.question[0]?.name ?? '').toLowerCase(),
    '{class}': question?.class ?? '',
    '{proto}': protocol,
    '{size}': String(sizeOf(message, { compress: false })),
    '{remote}': hostText(client.address),
    '{port}': String(client.port),
    '{local}': hostText(local.address),
    '{rcode}': rcode,
    '{rsize}': String(reply === undefined ? 0 : sizeOf(reply, { compress: false })),
    '{duration}': `${toSeconds(span)}s`,
    '{>id}': String(message.id),
    '{>opcode}': '0',
    '{>do}': String(edns?.do ?? false),
    '{>bufsize}': String(replySize(protocol, edns)),
    '{>rflags}': flags === '' ? '-' : flags,
  };
  return format.replace(/\{[^{}]*\}/g, (label) => values[label] ?? (label.startsWith('{/') ? '-' : label));
}

function parse(setup: PluginSetup): Rule[] {
  const { directive: words, release } = setup;
  const rules: Rule[] = [];
  while (words.next()) {
    const args = words.remainingArguments();
    const last = args.length > 1 ? args.at(-1) : undefined;
    const own = last?.includes('{') === true ? last : undefined;
    const zones = own === undefined ? args : args.slice(0, -1);
    const format = own === undefined ? commonFormat : withShorthands(own, release);
    rules.push({ zones: zones.length === 0 ? ['.'] : zones.map(absolute), format, classes: parseClasses(setup) });
  }
  return rules;
}

function withShorthands(format: string, release: Release): string {
  const whole = format === '{common}' || format === '{combined}';
  if (!whole && !inRelease(shortensWithin, release.name)) return format;
  return format.replaceAll('{common}', commonFormat).replaceAll('{combined}', combinedFormat);
}

function parseClasses({ directive: words, release }: PluginSetup): ReadonlySet<Class> {
  const chosen = new Set<Class>();
  while (words.nextBlock()) {
    if (words.value !== 'class') {
      if (inRelease(namesUnknownProperty, release.name)) throw words.error(`unknown property '${words.value}'`);
      throw words.argumentError();
    }
    const args = words.remainingArguments();
    if (args.length === 0) throw words.argumentError();
    for (const arg of args) {
      const known = classes.find((one) => one === arg);
      if (known === undefined) throw words.plainError(`invalid Class: ${arg}`);
      chosen.add(known);
    }
  }
  return chosen.size === 0 ? new Set<Class>(['all']) : chosen;
}

/** As in a URI (RFC 3986 §3.2.2): IPv6 in brackets. */
function hostText(address: Address): string {
  return typeof address === 'number' ? formatAddress(address) : `[${formatAddress(address)}]`;
}
