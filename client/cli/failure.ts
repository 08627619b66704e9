// How a command ends badly: one clear line and an exit code. 1 is a no or a failure, 2 is a command that was not understood.

/** A failure with words for the person. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The command line was not understood. */
export const misuse = (message: string): Failure => new Failure(message, 2);

/** Ends with this exit code and no more words: everything was said already. */
export class Ended extends Error {
  override readonly name = "Ended";
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`exit ${exitCode}`);
    this.exitCode = exitCode;
  }
}
