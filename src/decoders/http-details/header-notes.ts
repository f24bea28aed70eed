// A header line in Arkime's document: its name, its value in a field that the config gave it, or name and value in the lists of all
// others. Called for each header.

import { isIP } from 'node:net';
import { tagsField } from '../../record/index.ts';
import type { DecoderContext } from '../contract.ts';
import type { HeaderField } from '../header-fields.ts';
import {
  forwardedForField,
  requestHeaderField,
  requestHeaderNameField,
  requestHeaderValueField,
  responseHeaderField,
  responseHeaderNameField,
  responseHeaderValueField,
} from './fields.ts';

/** What of the settings is asked here. */
export interface HeaderNoteSettings {
  /** By lower-case name. */
  readonly requestFields: ReadonlyMap<string, HeaderField>;
  readonly responseFields: ReadonlyMap<string, HeaderField>;
  readonly allRequestHeaders: boolean;
  readonly allResponseHeaders: boolean;
}

/** Longest value in the lists of all headers, in characters. */
const mostValueLength = 1024;

/** Request headers with fields that need no config. */
const ownFields: ReadonlySet<string> = new Set(['host', 'user-agent', 'x-forwarded-for']);

/** Notes a header; `name` in lower case, `value` without the space around it. */
export function noteHeader(
  context: DecoderContext,
  settings: HeaderNoteSettings,
  isRequest: boolean,
  name: string,
  value: string,
): void {
  context.note(isRequest ? requestHeaderField : responseHeaderField, name);
  const own = (isRequest ? settings.requestFields : settings.responseFields).get(name);
  if (own !== undefined) {
    noteOwn(context, own, value);
    return;
  }
  if (isRequest && ownFields.has(name)) return;
  if (!(isRequest ? settings.allRequestHeaders : settings.allResponseHeaders)) return;
  context.note(isRequest ? requestHeaderNameField : responseHeaderNameField, name);
  context.note(isRequest ? requestHeaderValueField : responseHeaderValueField, value.slice(0, mostValueLength).toLowerCase());
}

function noteOwn(context: DecoderContext, { type, field }: HeaderField, value: string): void {
  switch (type) {
    case 'text':
      context.note(field, value);
      return;
    case 'lower':
      context.note(field, value.toLowerCase());
      return;
    case 'integer': {
      const digits = /^[+-]?\d{1,10}/.exec(value);
      context.note(field, digits === null ? 0 : Number(digits[0]));
      return;
    }
    default:
      for (const part of value.split(',', 64)) {
        const address = addressOf(part);
        if (address !== '') context.note(field, address);
      }
  }
}

/** Notes the first address of X-Forwarded-For: the client's, as the proxies say. */
export function noteForwardedFor(context: DecoderContext, value: string): void {
  const comma = value.indexOf(',');
  const address = addressOf(comma < 0 ? value : value.slice(0, comma));
  if (address !== '') context.note(forwardedForField, address);
  else context.note(tagsField, 'http:bad-xff');
}

/** The address that a text says, zeros at the front of its numbers dropped; '' when it is none. */
function addressOf(part: string): string {
  const text = part.trim().slice(0, 64);
  const octets = /^0*(\d{1,3})\.0*(\d{1,3})\.0*(\d{1,3})\.0*(\d{1,3})$/.exec(text);
  const address = octets === null ? text : octets.slice(1).join('.');
  return isIP(address) === 0 ? '' : address;
}
