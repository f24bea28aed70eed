// What a capture worker and a program that captures for it (plugins/source-cap) say to each other. The request is the argument of
// the program; then frames come from it over its stream 3, until its standard input ends:
//
//   | kind: u32 | length: u32 | bytes |      little endian; of kind `packets` a batch as crates/capture/src/source/push.rs
//                                            draws it, of kind `message` JSON

/** Bytes of a frame's head. */
export const frameHeadBytes = 8;
export const FrameKind = { packets: 1, message: 2 } as const;

/** Most bytes of a frame. */
export const maxFrameBytes = 1 << 20;

export interface CaptureRequest {
  readonly interface: string;
  readonly filter: string;
  /** Bytes of a packet that are sent. */
  readonly snapLength: number;
  /** Of libpcap, and of what waits in the pipe: beyond it packets are dropped. */
  readonly bufferBytes: number;
}

export type CaptureMessage =
  /** Captures; LINKTYPE_ value of the frames. */
  | { readonly type: 'ready'; readonly linkType: number }
  /** Cannot capture: the package is not there or not built, cannot be loaded, or libpcap refuses. */
  | { readonly type: 'failed'; readonly reason: 'missing' | 'load' | 'permission' | 'open'; readonly message: string }
  /** So many packets more were dropped because the sensor does not keep up. */
  | { readonly type: 'dropped'; readonly packets: number }
  /** The interface has gone, or is another one under its name. */
  | { readonly type: 'gone' };
