export { mediaTypeBytes, mediaTypeOf } from './media-type.ts';
