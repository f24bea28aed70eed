// The texts of a session's identity, made when a record first wants them. A flow keeps its own for all its records; the
// view has one for sessions without a flow.

export class SessionTexts {
  /** Each '' until made. */
  id: string;
  sourceAddress: string;
  destinationAddress: string;
  communityId: string;

  constructor() {
    this.id = '';
    this.sourceAddress = '';
    this.destinationAddress = '';
    this.communityId = '';
  }

  clear(): void {
    this.id = '';
    this.sourceAddress = '';
    this.destinationAddress = '';
    this.communityId = '';
  }
}
