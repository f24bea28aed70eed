// What a request asked for, in Arkime's document: host, path, query and the URI made of them. Called for each request.

import { hostField, tagsField } from '../../record/index.ts';
import type { DecoderContext } from '../contract.ts';
import { pathField, uriField } from './fields.ts';
import { protocolOfPath } from './path-protocols.ts';
import { noteQuery } from './query.ts';

/** Longest URI in the document, in characters. */
const mostUriLength = 4096;

/** Notes what a request asked for; both may be missing. `host`: lower case, as sent. */
export function noteTarget(
  context: DecoderContext,
  settings: { readonly queryValues: boolean },
  target: string | undefined,
  host: string | undefined,
): void {
  if (host !== undefined) noteHost(context, host);
  if (target === undefined) return;
  let hasControl = false;
  for (let at = 0; at < target.length && !hasControl; at++) hasControl = target.charCodeAt(at) < 0x20;
  if (hasControl) context.note(tagsField, 'http:control-char');
  const name = protocolOfPath(target);
  if (name !== '') context.protocol(name);
  let uri = target;
  if (host !== undefined) {
    notePath(context, settings, target);
    if (target.startsWith('/')) uri = host + target;
    else {
      const at = target.indexOf(host);
      if (at < 0 || at > 8) uri = `${host};${target}`;
    }
  }
  if (uri.length > mostUriLength) {
    uri = uri.slice(0, mostUriLength);
    context.note(tagsField, 'http:url-truncated');
  }
  context.note(uriField, uri);
}

/** Notes a host (lower case), as sent and without its port. */
export function noteHost(context: DecoderContext, host: string): void {
  context.note(hostField, host);
  context.note(hostField, withoutPort(host));
}

/** Notes the path of a target and what its query holds. */
export function notePath(context: DecoderContext, settings: { readonly queryValues: boolean }, target: string): void {
  const question = target.indexOf('?');
  context.note(pathField, question < 0 ? target : target.slice(0, question));
  if (question >= 0) noteQuery(context, target.slice(question + 1), settings.queryValues);
}

/** A host without the port behind it; the brackets of an IPv6 address stay. */
function withoutPort(host: string): string {
  const end = host.startsWith('[') ? host.indexOf(']') + 1 : 0;
  const colon = host.indexOf(':', end);
  return colon < 0 ? host : host.slice(0, colon);
}
