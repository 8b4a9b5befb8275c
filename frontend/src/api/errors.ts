/** What the server refused, in the words it used. */

interface ErrorBody {
  message?: string;
  _embedded?: { errors?: { message?: string; path?: string; line?: number; column?: number }[] };
  reference?: string;
  requestId?: string;
}

export interface FieldError {
  path: string;
  message: string;
  /** The place in the text that was sent, counted from 1. */
  line?: number;
  column?: number;
}

export class ApiError extends Error {
  readonly status: number;
  readonly fields: FieldError[];
  /** The id under which the server logged the failure. */
  readonly reference: string | undefined;

  constructor(status: number, message: string, fields: FieldError[] = [], reference?: string) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.fields = fields;
    this.reference = reference;
  }

  static from(response: Response, body: unknown): ApiError {
    const error = isErrorBody(body) ? body : {};
    const fields = (error._embedded?.errors ?? []).map((item) => ({
      path: item.path ?? "",
      message: item.message ?? "",
      ...(item.line === undefined ? {} : { line: item.line, column: item.column }),
    }));
    const reference = error.reference ?? error.requestId ?? response.headers.get("X-Request-Id") ?? undefined;
    return new ApiError(response.status, error.message ?? meaningOf(response.status), fields, reference);
  }
}

export class NetworkError extends Error {
  constructor() {
    super("The server cannot be reached. Check your connection; the page goes on as soon as it answers.");
    this.name = "NetworkError";
  }
}

export function isStatus(error: unknown, status: number): boolean {
  return error instanceof ApiError && error.status === status;
}

/** What to quote when asking for help; a refusal that explains itself needs none. */
export function referenceOf(error: unknown): string | undefined {
  return error instanceof ApiError && (error.status >= 500 || error.status === 403)
    ? error.reference
    : undefined;
}

export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  return String(error);
}

function isErrorBody(body: unknown): body is ErrorBody {
  return typeof body === "object" && body !== null;
}

function meaningOf(status: number): string {
  if (status === 403) return "You are not allowed to do this.";
  if (status === 404) return "This does not exist, or not for you.";
  if (status === 409) return "This is not possible in its present state.";
  if (status >= 500) return "The server failed to answer.";
  return `The server refused the request (${status}).`;
}
