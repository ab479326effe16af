import type { components } from './schema';

/** A password, a code or a link is wrong. */
export const SIGN_IN_FAILED = 1010;
/** What was given was right and is not enough: the user has a second factor. */
export const SECOND_FACTOR_NEEDED = 1011;
/** Too many attempts failed. */
export const TOO_MANY_ATTEMPTS = 1012;
/** What the provider said is not believed. */
export const PROVIDER_REFUSED = 1013;
/** The provider does not answer. */
export const PROVIDER_UNAVAILABLE = 1014;
/** The account may be used only by who has a second factor. */
export const SECOND_FACTOR_REQUIRED = 1304;

/** One reason why a request failed. */
export type Problem = components['schemas']['Problem'];

/** A request that the server refused, or that it did not answer. */
export class ApiError extends Error {
  constructor(
    /** The status of the answer; 0 when there was none. */
    readonly status: number,
    readonly problems: Problem[],
    /** The id under which the server logged the request. */
    readonly ray?: string | undefined,
  ) {
    super(problems.map((problem) => problem.message).join('; '));
    this.name = 'ApiError';
  }

  /** Whether one of the reasons has this code. */
  has(code: number): boolean {
    return this.problems.some((problem) => problem.code === code);
  }

  /** The reasons that are about one member of the body, by its name. */
  about(member: string): string | undefined {
    return this.problems.find((problem) => problem.source?.pointer.endsWith(`/${member}`))?.message;
  }
}

/** Whatever was thrown, as something to show. */
export function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  if (thrown instanceof TypeError) {
    return new ApiError(0, [{ code: 0, message: 'the server does not answer; check the connection and try again' }]);
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new ApiError(0, [{ code: 0, message: `the console failed: ${message}; reload the page` }]);
}
