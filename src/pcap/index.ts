export { FileCatalog } from './file-catalog.ts';
export { BlockStart, FileDesk } from './file-desk.ts';
export {
  type Encryption,
  type FileCipher,
  type FileKey,
  fileCipher,
  type KeyFacts,
  type KeyWrapping,
  mostEncryptedBytes,
  newFileKey,
  openFileKey,
  readKeys,
} from './file-keys.ts';
export { fileEnding, fileName, hasTime, timeText } from './file-name.ts';
export { ChunkLayout, ChunkType, endsBlockFlag, FrameLayout, minPacketRingBytes } from './packet-chunk.ts';
export { PacketReader, type ReadableFile, type StoredPacket } from './packet-reader.ts';
export {
  fileHeadBytes,
  Magic,
  recordHeadBytes,
  shortHeadBytes,
  shortMostBytes,
  shortSpanSecs,
  snapLength,
  writeFileHead,
  writeRecordHead,
  writeShortHead,
} from './pcap-format.ts';
export { interfaceBlock, packetBlockLength, sectionBlock, writePacketBlock } from './pcapng-format.ts';
export { type FilePositions, indexBytes, readIndex, splitPositions } from './positions.ts';
