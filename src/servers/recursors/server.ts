import { type Process, sleep } from '../../engine/process.ts';
import type { Answer, ServerSite } from '../../transport/serve.ts';
import { faultless, type ServerDescription } from '../description.ts';
import { processingTime } from '../processing.ts';
import { recordQuery, wordFor } from '../record-query.ts';
import { type Service, startService } from '../service.ts';
import { recursorSoftware, startEngine } from './profiles.ts';

/** A recursor at work. */
export interface RecursorServer extends Service {
  /** Empties the cache. */
  flush(): void;
}

/** A program that is not known is the caller's to refuse (`recursorSoftware`). */
export function startRecursor(
  site: ServerSite,
  description: Extract<ServerDescription, { role: 'recursor' }>,
): RecursorServer {
  const { name, software, faults = faultless, tls } = description;
  const { simulation, sockets } = site;
  const engine = startEngine({ simulation, sockets, name }, description);
  if (engine === undefined)
    throw new Error(`no recursor is called ${software}; there are ${recursorSoftware.join(', ')}`);

  const service = startService(site, { faults, tls }, function* (query): Process<Answer> {
    const reply = yield* engine.answer(query, faults);
    const did = reply === undefined ? 'drop' : wordFor(reply.message);
    recordQuery(site, query, { did, size: reply?.size });
    yield* sleep(processingTime);
    return reply;
  });

  return {
    ...service,
    flush: () => engine.flush(),
    stop() {
      service.stop();
      engine.stop();
    },
  };
}
