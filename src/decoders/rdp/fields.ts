// What Remote Desktop adds to its session's record.

import { collected } from '../session-field.ts';

export const rdpFields = {
  clientName: collected('keyword', 'rdp.client_name', 'Names of the clients’ computers, as far as they are sent in clear.', {
    path: 'rdp.clientName',
    expression: 'rdp.client-name',
  }),
  keyboardLayout: collected('keyword', 'rdp.keyboard_layout', 'Keyboard layouts (input locales) of the clients, hex.', {
    path: 'rdp.keyboardLayout',
    expression: 'rdp.keyboard-layout',
  }),
  clientBuild: collected('long', 'rdp.client_build', 'Build numbers of the clients.', {
    path: 'rdp.clientBuild',
    expression: 'rdp.client-build',
  }),
  requestedProtocols: collected('keyword', 'rdp.requested_protocols', 'Kinds of security that the clients offer.', {
    path: 'rdp.requestedProtocols',
    expression: 'rdp.requested-protocols',
  }),
  selectedProtocol: collected('keyword', 'rdp.selected_protocol', 'Kinds of security that the servers chose.', {
    path: 'rdp.selectedProtocol',
    expression: 'rdp.selected-protocol',
  }),
};
