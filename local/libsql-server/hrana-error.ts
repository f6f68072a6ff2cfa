// The one error of the Hrana protocol: a code that clients branch on and a sentence for people.

/** What a request is refused with; Hrana carries it as `{message, code}`. */
export class HranaError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "HranaError";
    this.code = code;
  }

  toJSON(): { message: string; code: string } {
    return { message: this.message, code: this.code };
  }
}

/** A refusal of the whole pipeline, by HTTP status: nothing of it was run. */
export class HttpRefusal extends HranaError {
  readonly status: number;

  constructor(status: number, code: string, message: string) {
    super(code, message);
    this.name = "HttpRefusal";
    this.status = status;
  }
}
