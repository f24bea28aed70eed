// A packet worker, made from what the supervisor says: it owns the sessions of the flows that hash to it and their decoders. As a
// thread it is synchronous from start to end; its event loop never runs meanwhile, so the supervisor reaches it by signals
// only. A worker that is alone may run on the main thread instead (main-packets.ts).

import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { setAffinity } from '../capture/index.ts';
import { openCounterBlock } from '../counters/index.ts';
import { decoderDefinitions, Recognizer, withConfiguredFields } from '../decoders/index.ts';
import { PacketView } from '../packet/index.ts';
import { OutputLink, OutputRoom, RecordRouter, RecordSink, recordCounters } from '../pipeline/index.ts';
import { RecordRegistry } from '../record/index.ts';
import { ParkingLot, RingReader, RingWriter } from '../ring/index.ts';
import { SessionEngine, SessionTracker, tcpAnomalies } from '../session/index.ts';
import { encodersOf } from './encoders.ts';
import { GcPauses } from './gc-pauses.ts';
import { PacketKeeping } from './packet-keeping.ts';
import { type BatchEnd, type LoopInput, PacketLoop } from './packet-loop.ts';
import { PacketRules } from './packet-rules.ts';
import type { LogLevel, PacketWorkerData, RulesMessage, WorkerMessage } from './protocol.ts';
import { Progress } from './survey.ts';

/** What it says and hears besides its signals. */
export interface PacketHooks {
  log(level: LogLevel, message: string): void;
  /** The next message of the supervisor, when it has signalled that there are some. */
  nextMessage(): RulesMessage | undefined;
}

/** The loop, and the room that it waits for on a thread that it shares with its outputs. */
export interface MadeLoop {
  readonly loop: PacketLoop;
  readonly room: OutputRoom;
}

/** Runs as `packet.ts`, the entry point of the thread. Ends the thread. */
export function runPacketThread(): never {
  const data = workerData as PacketWorkerData;
  const port = parentPort;
  const send = (message: WorkerMessage): void => port?.postMessage(message);
  if (data.cpus.length > 0) setAffinity(data.cpus);
  const { loop } = createPacketLoop(data, {
    log: (level, message) => send({ type: 'log', level, message }),
    nextMessage: () => (port === null ? undefined : (receiveMessageOnPort(port)?.message as RulesMessage | undefined)),
  });
  send({ type: 'ready' });
  if (data.successor) loop.resume();
  loop.run();
  send({ type: 'done' });
  // At once: of its own accord the thread would first do what V8 has put off, such as to mark a heap that nobody needs any more.
  process.exit();
}

/** Makes everything of a packet worker but what runs it. */
export function createPacketLoop(data: PacketWorkerData, hooks: PacketHooks): MadeLoop {
  const lot = new ParkingLot(data.lot);
  const registry = new RecordRegistry(
    decoderDefinitions.map((definition) => {
      const config = data.decoders[definition.name];
      return config === undefined ? definition : withConfiguredFields(definition, config.options);
    }),
    Object.values(tcpAnomalies),
  );

  const inputs: LoopInput[] = data.inputs.map(({ ring, sourceIndex, counters }) => {
    const reader = new RingReader(ring, lot);
    return { reader, view: new PacketView(reader.data), sourceIndex, counters: openCounterBlock(counters), ended: false };
  });

  // The loop hears the signals, also for outputs that wait for space; it is made last.
  const abort = {
    get aborted(): boolean {
      loop.takeSignals();
      return loop.aborted;
    },
  };
  const outputs = data.outputs.map(({ ring, softBytes, policy, records, format, ordered, counters }) => ({
    link: new OutputLink(new RingWriter(ring, lot, softBytes), policy, openCounterBlock(counters), abort),
    records,
    format,
    ordered,
  }));
  const router = new RecordRouter(registry, encodersOf(data, registry, outputs), outputs);
  const room = new OutputRoom(
    outputs.map(({ link }) => link),
    abort,
    (message) => hooks.log('warn', message),
  );
  const packetRules = new PacketRules(data, registry, (message) => hooks.log('info', message));
  const wantsDetails = packetRules.needsDetails || data.outputs.some(({ format }) => format !== 'ecs');
  const sink = new RecordSink(registry, router, recordCounters(registry), openCounterBlock(data.recordCounters), room);
  const recognizer = new Recognizer(
    decoderDefinitions.flatMap((definition) => {
      const config = data.decoders[definition.name];
      return config?.enabled ? [{ definition, options: config.options, ports: config.ports }] : [];
    }),
  );
  const keeping = new PacketKeeping(data, lot, abort, (file) => sink.file(file));
  const engine = new SessionEngine({
    config: data.session,
    counters: openCounterBlock(data.sessionCounters),
    recognizer,
    names: packetRules.names,
    ...(packetRules.rules === undefined ? {} : { rules: packetRules.rules }),
    sink,
    ...(wantsDetails || keeping.store !== undefined
      ? { observer: SessionTracker.of(data.session, recognizer, keeping.store), details: wantsDetails }
      : {}),
    sourceCount: data.inputs.length,
    workerCount: data.workers,
  });
  sink.setClock(engine);
  const pauses = GcPauses.of(data.pauses);
  const end: BatchEnd =
    pauses === undefined
      ? sink
      : {
          publish: (urgent) => {
            sink.publish(urgent);
            pauses.tick();
          },
          close: () => {
            sink.close();
            pauses.read();
          },
        };
  const progress = data.progress === undefined ? undefined : new Progress(data.progress);
  const loop = new PacketLoop(inputs, keeping.sink(engine), keeping.end(end), lot, data.park, {
    renew: () => packetRules.renew(hooks.nextMessage),
    survey: () => {
      if (progress === undefined) return;
      for (let source = 0; source < progress.oldestUs.length; source += 1)
        progress.oldestUs[source] = engine.oldestPartUs(source);
      progress.answer();
    },
  });
  return { loop, room };
}
