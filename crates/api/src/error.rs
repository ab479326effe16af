//! The table of errors: every code, its status, and what to do about it.

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $number:literal, $status:literal, $advice:literal;)+) => {
        /// The kinds of problems that an answer can name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code { $($(#[doc = $doc])+ $name),+ }

        impl Code {
            /// Every code, in the order of their numbers.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The number in the answer.
            pub const fn number(self) -> u16 {
                match self { $(Self::$name => $number),+ }
            }

            /// The HTTP status that goes with it.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status),+ }
            }

            /// What it means.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii()),+ }
            }

            /// What to do about it.
            pub const fn advice(self) -> &'static str {
                match self { $(Self::$name => $advice),+ }
            }
        }
    };
}

codes! {
    /// The request itself cannot be verified as a token.
    NotAToken = 1000, 400, "Verify an API token by sending it as `Authorization: Bearer`; a global API key has nothing to verify.";
    /// An account may not be created here.
    AccountCreationForbidden = 1002, 403, "The second problem says what forbids it: ask for a role that allows it, or for the flag.";
    /// Nobody is signed in: address, password or code are wrong, or the link does not count.
    SignInFailed = 1010, 401, "Try again; an operator makes a link for whoever has forgotten the password.";
    /// The password is right, and the user has a second factor.
    SecondFactorNeeded = 1011, 401, "Send the code that the authenticator shows now as `totp`.";
    /// Too many attempts to sign in have failed.
    TooManyAttempts = 1012, 429, "Wait as long as `retry-after` says.";
    /// Signing in at the OpenID Connect provider was broken off, took too long, or cannot be verified.
    ProviderRefused = 1013, 401, "Begin again on the sign-in page; the log of the server says more.";
    /// The OpenID Connect provider does not answer as it should.
    ProviderUnavailable = 1014, 503, "Try again later, or sign in by another way; the log of the server says more.";
    /// The OpenID Connect provider says who it is, and nobody here is linked with them or has their verified e-mail address.
    UnknownIdentity = 1015, 401, "Verify the address at the provider, or ask an operator for a user who has it.";
    /// A hundred codes of the second factor were wrong one after the other: no more are taken.
    SecondFactorLocked = 1016, 401, "Have an operator remove the second factor, and add another one.";
    /// The body is not JSON, or not the JSON that the route takes.
    InvalidBody = 1100, 400, "Correct the members that the pointers name.";
    /// A query parameter cannot be read.
    InvalidParameter = 1101, 400, "Correct the parameters that the pointers name.";
    /// An id in the path has characters that no id has.
    InvalidId = 1102, 400, "Ids are 1 to 64 letters, digits, `_` and `-`.";
    /// A page token is damaged, or belongs to another list.
    InvalidPageToken = 1103, 400, "Pass `next_page_token` unchanged, with the filters, path and credential of the page it came with; or start again without it.";
    /// The body is larger than the server takes.
    BodyTooLarge = 1104, 413, "Send less at once; the limit is the setting `body_size_max_bytes`.";
    /// A request header cannot be read.
    InvalidHeader = 1105, 400, "Correct the header that the pointer names.";
    /// The answer takes longer to find than the server allows.
    TooExpensive = 1106, 400, "Ask for less: of lists give `parent.id`, or `name.startsWith` instead of `name.contains`, or ask with `include_total=false`; of an audit log a shorter time from `since` to `before`; of costs fewer days.";
    /// Path and query are longer than the server takes.
    UriTooLong = 1107, 414, "Ask for less at once: fewer ids, shorter filters.";
    /// What the request is about does not exist, or the caller may not see it.
    NotFound = 1200, 404, "Check the id, and that the credential reaches it.";
    /// The caller sees it but may not do this.
    Forbidden = 1300, 403, "Ask an administrator for a role that allows it, or use a token with a wider scope.";
    /// A flag of the organization forbids it.
    FlagDisabled = 1301, 403, "Ask an operator to enable the flag.";
    /// What is given or taken, a token or a role, allows more than the caller may do there.
    WiderThanCaller = 1302, 403, "Use a credential that reaches at least as far, or ask somebody who holds that role.";
    /// A session was used from a page of another site.
    CrossOrigin = 1303, 403, "Use the console, or an API token.";
    /// The account asks for a second factor, which the user who is signed in does not have.
    SecondFactorRequired = 1304, 403, "Add a second factor to your user, or use an API token.";
    /// Only somebody who is signed in may do this.
    NotSignedIn = 1305, 403, "Sign in to the console; a token does not change how its owner signs in.";
    /// The organization still holds something.
    NotEmpty = 1400, 409, "Delete or move what it holds first.";
    /// A limit is reached.
    LimitReached = 1401, 409, "Ask an operator to raise the setting that the message names.";
    /// Another one is there already.
    AlreadyExists = 1402, 409, "Use the one that exists, or choose another value.";
    /// A root would be left without a super administrator.
    LastSuperAdministrator = 1403, 409, "Make somebody else super administrator of the root first.";
    /// The organization would stand below itself.
    Cycle = 1407, 409, "Choose a place that is not the organization itself or below it.";
    /// The membership is not pending any more.
    AlreadyAnswered = 1408, 409, "End the membership, or ask to be invited again.";
    /// The role is in use.
    RoleInUse = 1409, 409, "Give those who have it another role first.";
    /// The audit log has fewer entries than it had.
    RolledBack = 1411, 409, "The log was restored from an older backup, or tampered with; keep the checkpoint, it is the proof.";
    /// A hold forbids to erase anything of the audit log.
    AuditLogHeld = 1415, 409, "Wait until the hold is lifted, or lift it by the route `retention` of the log.";
    /// The invitation has expired.
    InvitationExpired = 1410, 409, "Ask for a new one.";
    /// The user is an operator, whom only the command line makes and unmakes.
    IsOperator = 1406, 409, "End it first with `umbel operator remove`.";
    /// Another price of the metric, for the same organization and in the same currency, holds at the time, or days would have none.
    PriceMisfit = 1420, 409, "End the other price on the day on which the new one begins.";
    /// The billing period is closed, and what was invoiced in it stays.
    PeriodClosed = 1421, 409, "Let it hold from the first day after the billing period on.";
    /// The billing period has not ended.
    PeriodRunning = 1422, 409, "Close it from the day on that the message names.";
    /// The thing has changed since the caller read it.
    PreconditionFailed = 1404, 412, "Read it again, decide again, and send the new `ETag` as `If-Match`.";
    /// The idempotency key was used for another request.
    KeyReused = 1405, 422, "Use a new key for each new request, and the same key only to repeat one.";
    /// The server failed.
    Internal = 1500, 500, "Try again; if it stays, give the operator the value of `cf-ray`.";
    /// The server has too much to do.
    Busy = 1501, 503, "Try again after the time that `retry-after` names.";
    /// The request took too long and was given up.
    TimedOut = 1502, 503, "Try again; with an `Idempotency-Key` nothing is done twice.";
    /// The database does not answer.
    Unavailable = 1503, 503, "Try again later.";
    /// Whether the change was made is not known.
    OutcomeUnknown = 1504, 503, "Repeat the request with the same `Idempotency-Key`, or look whether it was done.";
    /// A credential header is malformed.
    InvalidCredential = 6003, 400, "Send `Authorization: Bearer TOKEN`, or both `X-Auth-Email` and `X-Auth-Key`.";
    /// The id in the path may be wrong.
    NoSuchObject = 7003, 404, "Check the path.";
    /// There is no such route.
    NoSuchRoute = 7000, 404, "Check the path and its spelling.";
    /// The route does not take this method.
    MethodNotAllowed = 7001, 405, "See the header `allow` for the methods that it takes.";
    /// The request carries no credential.
    NoCredential = 9106, 401, "Send `Authorization: Bearer TOKEN`, or both `X-Auth-Email` and `X-Auth-Key`.";
    /// The credential is unknown, revoked or expired, or its user is disabled.
    BadCredential = 10000, 401, "Check the credential, or make a new one.";
}

/// The table of errors as a page of documentation.
pub fn reference() -> String {
    let mut page = String::from(
        "# Errors\n\nEvery failed request is answered with the envelope `{\"success\": false, \"errors\": [{\"code\", \"message\", \
         \"source\"}], …}`.\nThe code names the kind of problem, `source.pointer` the part of the request that it is about: a \
         JSON pointer\ninto the body, or `/query/NAME`, `/path/NAME`, `/header/NAME`.\n\n\
         | code | status | what it means | what to do |\n|---|---|---|---|\n",
    );
    let rows = Code::ALL
        .iter()
        .map(|code| format!("| {} | {} | {} | {} |\n", code.number(), code.status(), code.meaning(), code.advice()));
    page.extend(rows);
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_one_meaning_and_is_at_least_1000() {
        let mut numbers: Vec<_> = Code::ALL.iter().map(|code| code.number()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), Code::ALL.len());
        assert!(numbers[0] >= 1000);
    }

    #[test]
    fn the_page_of_errors_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors.md");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path, reference()).unwrap();
        }
        assert!(std::fs::read_to_string(path).unwrap() == reference(), "docs/errors.md is out of date: `make fix` renews it");
    }
}
