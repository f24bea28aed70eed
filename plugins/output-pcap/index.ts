// Output plugin `pcap`: packets to capture files. With a path all of them to one, as tcpdump does; without, stored in files of each
// packet worker so that every session can be read back by the positions of its packets.

import { resolve } from 'node:path';
import { definePlugin } from '../../src/plugin/index.ts';
import { checkOptions, folders, formOf, pcapSchema, stores } from './pcap-config.ts';
import { SingleFile } from './single-file.ts';
import { StoredFiles } from './stored-files.ts';

export default definePlugin({
  kind: 'output',
  name: 'pcap',
  description: 'Packets to capture files: one like tcpdump -w, or stored so that each session can be read back.',
  config: pcapSchema,
  counters: {
    written_frames: { help: 'Packets that are in a capture file.', account: 'processed' },
    dropped_disk_frames: {
      help: 'Packets lost because a file could not be written.',
      dropped: { stage: 'kept', reason: 'disk_full' },
    },
    dropped_link_type_frames: {
      help: 'Packets left out because a pcap file holds only one link type; pcapng holds all.',
      dropped: { stage: 'kept', reason: 'link_type' },
    },
    missed_numbers: 'Times that there was no number for a capture file, because the cluster that counts them was away.',
    reserved_numbers: { help: 'Numbers of that cluster that are kept for capture files to come.', kind: 'gauge' },
    waiting_writes: { help: 'Buffers that wait to be written to capture files.', kind: 'gauge' },
    begun_files: 'Capture files that were begun.',
    deleted_files: 'Capture files that were deleted to make room.',
    full_folders: 'Times that a folder could take no more.',
    lost_index_bytes: 'Bytes of local indexes that could not be written.',
  },
  packets: {
    stores,
    form: formOf,
    create: (context, config, wiring) =>
      stores(config)
        ? new StoredFiles(context, config, wiring, folders(config, context.directory))
        : new SingleFile(context, config, wiring, config.path === '-' ? '-' : resolve(context.directory, config.path)),
  },
  check: checkOptions,
  create: () => {
    throw new Error('the pcap output takes packets');
  },
});
