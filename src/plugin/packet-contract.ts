// The contract of outputs that take packets instead of records. Packet workers lay packets out as the output's config says and
// hand them over through rings; the output writes them on its own thread. Part of the plugin contract (contract.ts).

import type { CaptureFile } from '../record/index.ts';
import type { Output, OutputContext } from './contract.ts';

/** How packet workers lay out the capture files of an output that stores packets: each worker has files of its own. */
export interface FileForm {
  readonly kind: 'files';
  /** Name of the sensor in file names and documents. */
  readonly node: string;
  /** Documents write positions as differences. */
  readonly gapPositions: boolean;
  readonly compression: 'none' | 'gzip' | 'zstd';
  /** Bytes of a block before compression, at least; the packet that reaches it is the last. */
  readonly blockBytes: number;
  readonly uncompressedBits: number;
  readonly shortHead: boolean;
  /** Positions of sessions go to a file beside the capture file, in `indexFolder`. */
  readonly localIndex: boolean;
  readonly indexFolder: string;
  readonly rotateBytes: number;
  readonly rotateSecs: number;
  /** `strftime` sequences; also `{node}` and `{number}` in the name. */
  readonly nameTemplate: string;
  readonly folderTemplate: string;
  /** Packets and bytes that are kept of a session; 0: all. */
  readonly sessionPackets: number;
  readonly sessionBytes: number;
  /** Packets come from interfaces. */
  readonly live: boolean;
}

/** All packets come as one stream, in the order in which they were captured. */
export interface StreamForm {
  readonly kind: 'stream';
}

export type PacketForm = FileForm | StreamForm;

/** What a packet worker needs to begin a file. */
export interface FileTicket {
  readonly number: number;
  readonly directory: string;
  /** Of its desk when it was made; worth nothing in another. */
  readonly epoch: number;
  /** What the facts of the file say of its encryption; empty without. */
  readonly keys: Partial<CaptureFile>;
}

/** Between the thread of a packet output and one packet worker. The writing side's view. */
export interface PacketDesk {
  readonly epoch: number;
  readonly hasTicket: boolean;
  offer(ticket: FileTicket): void;
  /** Takes back a ticket that lies there. */
  take(): unknown;
  /** Whether packets are taken at all. */
  setSaving(saving: boolean): void;
  /** Ends the files that are open: what comes of them is not written any more. */
  nextEpoch(): void;
  /** Offset in its file at which a block begins, or -2: never. */
  setBlockStart(block: number, offset: number): void;
}

/** What a packet worker hands over, see `PacketForm`. The bytes are valid until `take` returns. */
export interface PacketChunk {
  readonly type: 'open' | 'data' | 'close' | 'index' | 'packet';
  readonly bytes: Buffer;
  /** Number of the file. */
  readonly file: number;
  readonly packets: number;
  readonly lastUs: number;
  /** Of the bytes, in the unpacked file or in the index; of `close`, the length of the unpacked file. */
  readonly offset: number;
  readonly endsBlock: boolean;
  /** Of `open` and with `endsBlock`. */
  readonly nextBlock: number;
  /** Of `packet`. */
  readonly frame: PacketFrame;
}

export interface PacketFrame {
  readonly source: number;
  readonly interfaceId: number;
  readonly linkType: number;
  readonly timeUs: number;
  readonly timeNs: number;
  readonly wire: number;
  /** 1 inbound, 2 outbound, 0 unknown. */
  readonly direction: number;
}

/** An output that takes packets. */
export interface PacketOutput extends Omit<Output, 'write'> {
  /** Takes what a packet worker hands over. A promise is waited for before the next. Never throws for a failing disk. */
  take(worker: number, chunk: PacketChunk): Promise<void> | undefined;
}

/**
 * Where numbers of capture files come from when a place outside counts them, because documents there name files by them. Nobody else
 * gets the same ones.
 */
export interface NumberSource {
  /** Names the place: another place gives numbers of its own. */
  readonly id: string;
  /** At most `count` numbers, at least one, ascending, all above `above`. Rejects when the place cannot be asked now. */
  reserve(count: number, above: number): Promise<number[]>;
  /** What is under way is cut off. */
  close(): Promise<void>;
}

/** What an output that takes packets is given besides. */
export interface PacketWiring {
  /** Name of the sensor. */
  readonly node: string;
  /** Without form `files` none. */
  readonly desks: readonly PacketDesk[];
  /** Names of the sources, by number. */
  readonly sources: readonly string[];
  /** Undefined: the output counts its files itself. */
  readonly numbers: NumberSource | undefined;
  /** This thread takes the place of one that died. */
  readonly successor: boolean;
  /** Tells other outputs that a file was finished or deleted. */
  tell(file: CaptureFile): void;
}

/** What an output that takes packets has to know of the run. */
export interface PacketRun {
  /** For relative paths. */
  readonly directory: string;
  /** Packets come from interfaces. */
  readonly live: boolean;
  /** Name of the sensor. */
  readonly node: string;
  /** Documents write positions of packets as differences. */
  readonly gapPositions: boolean;
}

/** What makes an output take packets instead of records. */
export interface PacketTaking<Config> {
  /** Whether documents can point to the packets, because their form is `files`: one output of a run at most. */
  stores(config: Config): boolean;
  /** How packet workers lay packets out. The plugin's `check` has found nothing wrong with the config. */
  form(config: Config, run: PacketRun): PacketForm;
  create(context: OutputContext, config: Config, wiring: PacketWiring): PacketOutput;
}

/** A counter with what the accounting of a run has to know of it; the unit is the last part of its name. */
export interface PluginCounter {
  readonly help: string;
  readonly kind?: 'counter' | 'gauge';
  readonly dropped?: { readonly stage: string; readonly reason: string };
  readonly account?: 'received' | 'processed';
}
