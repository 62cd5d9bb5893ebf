import { changed, replyTo } from '../../../dns/build.ts';
import { inRelease, since } from '../../history.ts';
import type { Plugin, PluginSetup } from '../../plugin.ts';

const namesUnknownProperty = since('1.14.4');

/** `chaos [VERSION [AUTHORS…]]`: answers for version.bind and the like in class CH, which the server then lets in. */
export function setUpChaos(setup: PluginSetup): Plugin {
  const { directive: words, release } = setup;
  words.next();
  const [version = `CoreDNS-${release.name}`, ...authors] = words.remainingArguments();
  while (words.nextBlock()) {
    if (inRelease(namesUnknownProperty, release.name)) throw words.error(`unknown property '${words.value}'`);
    words.remainingArguments();
  }
  const draws = setup.simulation.stream(`${setup.owner}/chaos`);
  const strings = (name: string): readonly string[] | undefined => {
    switch (name) {
      case 'version.bind.':
      case 'version.server.':
        return [version];
      case 'authors.bind.':
        return draws.shuffle(authors);
      case 'hostname.bind.':
      case 'id.server.':
        return [setup.sockets.host];
      default:
        return undefined;
    }
  };
  return {
    name: 'chaos',
    *handle(request, next) {
      const [question] = request.message.question;
      const texts =
        question?.class === 'CH' && question.type === 'TXT' ? strings(question.name.toLowerCase()) : undefined;
      if (question === undefined || texts === undefined) return yield* next(request);
      const answer = texts.map((text) => {
        return { name: question.name, ttl: 0, class: 'CH', data: { type: 'TXT', strings: [text] } as const };
      });
      return { rcode: 'NOERROR', reply: changed(replyTo(request.message), { answer }) };
    },
  };
}
