// What packet workers put into the ring of an output that takes packets, drawn. The record kind in the ring is `record`; the
// byte behind it says what kind of chunk. Written by src/pipeline, read by the output's worker thread.
//
//   0        4      5      6       8         16           20        24           28    32       40
//   │ length │ kind │ type │ flags │ last µs │ file       │ packets │ next block │ 0   │ offset │ bytes of the file…
//
//   open    a file is begun; the bytes are its facts, JSON; `next block` is its first block
//   data    packets (or the file's head), whole ones, as they stand in the unpacked file from `offset` on
//   close   no more comes for the file
//   index   bytes of the file's local index, from `offset` on
//
//   0        4      5      6        8          16       20     22          24     32         36     40   42          44  48
//   │ length │ kind │ type │ source │ clock µs │ number │ link │ interface │ µs   │ captured │ wire │ ns │ direction │ 0 │ frame
//
//   packet     for one file of all workers: the frame, and what puts it in order: the source's clock, then its number
//   watermark  no later packet of this worker has a smaller clock

export const ChunkType = { open: 1, data: 2, close: 3, index: 4, packet: 5, watermark: 6 } as const;

/** The block ends with this chunk. */
export const endsBlockFlag = 1;

export const ChunkLayout = {
  type: 5,
  flags: 6,
  lastUs: 8,
  file: 16,
  packets: 20,
  nextBlock: 24,
  offset: 32,
  size: 40,
} as const;

export const FrameLayout = {
  type: 5,
  source: 6,
  clockUs: 8,
  number: 16,
  linkType: 20,
  interfaceId: 22,
  timeUs: 24,
  captured: 32,
  wire: 36,
  timeNs: 40,
  direction: 42,
  size: 48,
} as const;

/** Least ring of an output that takes packets: a chunk must hold the longest frame. */
export const minPacketRingBytes = 1 << 21;
