// What the HTTP decoder adds to the session's own record.

import type { SessionField } from '../../record/index.ts';
import { arkimeFields } from '../http-details/index.ts';
import { ntlmFields } from '../ntlm/index.ts';

export const domainField: SessionField = { name: 'url.domain', type: 'keyword', many: true, meaning: 'Hosts asked for.' };
export const methodField: SessionField = {
  name: 'http.request.method',
  type: 'keyword',
  many: true,
  meaning: 'Request methods.',
};
export const userAgentField: SessionField = {
  name: 'user_agent.original',
  type: 'keyword',
  many: true,
  meaning: 'User-Agent headers.',
};
export const statusField: SessionField = {
  name: 'http.response.status_code',
  type: 'long',
  many: true,
  meaning: 'Statuses of final responses.',
};
export const serverField: SessionField = {
  name: 'http.response.server',
  type: 'keyword',
  many: true,
  meaning: 'Server headers.',
};
export const upgradeField: SessionField = {
  name: 'http.upgrade',
  type: 'keyword',
  many: true,
  meaning: 'What the connection went over to: the protocol of a 101 response, or connect.',
};
export const requestCountField: SessionField = {
  name: 'http.request.count',
  type: 'long',
  many: false,
  meaning: 'HTTP requests of the whole session.',
};

export const httpSessionFields: readonly SessionField[] = [
  domainField,
  methodField,
  userAgentField,
  statusField,
  serverField,
  upgradeField,
  requestCountField,
  ...arkimeFields,
  ...ntlmFields,
];
