import { openFiles } from './src/capture/index.ts';
import { captureCounterSet } from './src/counters/index.ts';
import { decoderDefinitions, Recognizer } from './src/decoders/index.ts';
import { PacketView } from './src/packet/index.ts';
import { OutputLink, RecordRouter, RecordSink, recordCounters, outputLinkCounters } from './src/pipeline/index.ts';
import { EcsEncoder, RecordRegistry } from './src/record/index.ts';
import { createRing, ParkingLot, RingReader, RingWriter, RecordKind, PollStatus } from './src/ring/index.ts';
import { SessionEngine, tcpAnomalies, defaultSessionConfig, sessionCounters } from './src/session/index.ts';
import { loadConfig } from './src/config/index.ts';
const [file, ringBytes, budget, mode] = [process.argv[2]!, Number(process.argv[3]), Number(process.argv[4]), process.argv[5] ?? 'all'];
const lot = ParkingLot.create(4);
const block = (n: number) => new Float64Array(new SharedArrayBuffer(n * 8));
const ring = createRing({ capacityBytes: ringBytes, consumerPark: 0, producerPark: 1 } as never);
const out = createRing({ capacityBytes: 1 << 20, consumerPark: 2, producerPark: 0 } as never);
const registry = new RecordRegistry(decoderDefinitions, Object.values(tcpAnomalies));
const reader = new RingReader(ring, lot);
const view = new PacketView(reader.data);
const ringWords = new Int32Array(ring, reader.data.byteOffset, reader.capacity >> 2);
const outReader = new RingReader(out, lot);
const link = new OutputLink(new RingWriter(out, lot), 'block', block(outputLinkCounters.names.length) as never, { aborted: false });
const router = new RecordRouter(registry, new EcsEncoder(), [{ link, records: [], ordered: false }]);
const sink = new RecordSink(registry, router, recordCounters(registry), block(200) as never);
const drain = () => { if (outReader.begin() > 0) { while (outReader.next() >= 0); outReader.release(); } };
const orig = router.route.bind(router);
let recs = 0;
(router as any).route = (...a: any[]) => { recs++; (orig as any)(...a); if (recs % 64 === 0) { router.publish(0); drain(); } };
const quiet = { session: () => {}, record: () => {}, anomaly: () => {} };
const decs = decoderDefinitions.map((definition) => ({ definition, options: Object.fromEntries(Object.entries((definition.options as any).properties).map(([k, v]: any) => [k, v.default])) }));
const engine = new SessionEngine({ config: defaultSessionConfig(), counters: block(sessionCounters.names.length) as never, recognizer: new Recognizer(mode === 'all' ? decs as never : []), sink: mode === 'nosink' ? quiet as never : sink, ...(process.env.WASM ? { allocate: (n: number) => new WebAssembly.Memory({ initial: Math.ceil(n / 65536) }).buffer as ArrayBuffer } : {}) });
sink.setClock(engine);
const path = { checksums: 'none', hashVlan: false, hashVni: false, maxClockJumpMs: 3600000, fragmentBytes: 1 << 26, fragmentDatagrams: 1000, fragmentTimeoutMs: 30000 };
const source = openFiles({ inputs: [file], recursive: false, path } as never, { rings: [ring], lot, parkWord: 1, counters: block(captureCounterSet.names.length) as never });
const c0 = process.cpuUsage(); let packets = 0; let cap = 0;
for (;;) {
  const t = performance.now();
  const status = source.poll(budget);
  cap += performance.now() - t;
  if (reader.begin() > 0) {
    const PF = Number(process.env.PF ?? 0);
    const tail = (reader as any).position + reader.begin();
    let left = 0;
    for (let at = reader.next(); at >= 0; at = reader.next()) {
      if (PF > 0 && left-- === 0) { engine.expect(view, (reader.position - ((reader.length + 7) & ~7)) | 0, tail | 0, reader.capacity - 1, PF); left = PF - 1; }
      if (reader.kind === RecordKind.packet) { if (mode !== 'walk') engine.packet(view.at(at), 0); packets++; }
      else if (mode !== "walk" && reader.kind === RecordKind.clock) engine.advance(reader.data.readDoubleLE(at + 8), 0);
    }
    reader.release();
  }
  if (status === PollStatus.end) break;
}
const c1 = process.cpuUsage(c0);
engine.finish(); router.publish(0); drain();
const c2 = process.cpuUsage(c0);
console.log(mode, ringBytes, budget, packets, 'loop cpu', (c1.user + c1.system) / 1e6, 'poll wall', (cap / 1e3).toFixed(2), 'with finish', (c2.user + c2.system) / 1e6, 'ns/pkt', ((c1.user + c1.system) * 1e3 / packets).toFixed(0), 'recs', recs, 'rss', process.memoryUsage().rss >> 20);
