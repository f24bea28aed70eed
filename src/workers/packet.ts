// Entry point of a packet worker thread: owns the sessions of the flows that hash to it and their decoders. Synchronous from
// start to end; its event loop never runs meanwhile, so the supervisor reaches it by signals only.

import { parentPort, workerData } from 'node:worker_threads';
import { setAffinity } from '../capture/index.ts';
import { openCounterBlock } from '../counters/index.ts';
import { decoderDefinitions, Recognizer, withConfiguredFields } from '../decoders/index.ts';
import { PacketView } from '../packet/index.ts';
import { OutputLink, RecordRouter, RecordSink, recordCounters } from '../pipeline/index.ts';
import { RecordRegistry } from '../record/index.ts';
import { ParkingLot, RingReader, RingWriter } from '../ring/index.ts';
import { SessionEngine, SessionTracker, tcpAnomalies } from '../session/index.ts';
import { encodersOf } from './encoders.ts';
import { GcPauses } from './gc-pauses.ts';
import { PacketKeeping } from './packet-keeping.ts';
import { type BatchEnd, type LoopInput, PacketLoop } from './packet-loop.ts';
import { PacketRules } from './packet-rules.ts';
import type { PacketWorkerData, WorkerMessage } from './protocol.ts';
import { Progress } from './survey.ts';

const data = workerData as PacketWorkerData;
const send = (message: WorkerMessage): void => parentPort?.postMessage(message);

if (data.cpus.length > 0) setAffinity(data.cpus);
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
const router = new RecordRouter(
  registry,
  encodersOf(data, registry),
  data.outputs.map(({ ring, policy, records, format, ordered, counters }) => ({
    link: new OutputLink(new RingWriter(ring, lot), policy, openCounterBlock(counters), abort),
    records,
    format,
    ordered,
  })),
);
const packetRules = new PacketRules(data, registry, (message) => send({ type: 'log', level: 'info', message }));
const wantsDetails = packetRules.needsDetails || data.outputs.some(({ format }) => format !== 'ecs');
const sink = new RecordSink(registry, router, recordCounters(registry), openCounterBlock(data.recordCounters));
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
        close: () => sink.close(),
      };
const progress = data.progress === undefined ? undefined : new Progress(data.progress);
const loop = new PacketLoop(inputs, keeping.sink(engine), keeping.end(end), lot, data.park, {
  renew: () => {
    if (parentPort !== null) packetRules.renew(parentPort);
  },
  survey: () => {
    if (progress === undefined) return;
    for (let source = 0; source < progress.oldestUs.length; source += 1) progress.oldestUs[source] = engine.oldestPartUs(source);
    progress.answer();
  },
});

send({ type: 'ready' });
if (data.successor) loop.resume();
loop.run();
pauses?.read();
send({ type: 'done' });
// At once: of its own accord the thread would first do what V8 has put off, such as to mark a heap that nobody needs any more.
process.exit();
