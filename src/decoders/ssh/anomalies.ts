// What can be wrong with SSH.

import { defineAnomalies } from '../../record/index.ts';

export const sshAnomalies = defineAnomalies('ssh', {
  bad_packet: 'A packet before encryption has an impossible length or padding; that direction is ignored from there.',
  bad_key_exchange: 'A KEXINIT or key exchange reply breaks its own length fields.',
});
