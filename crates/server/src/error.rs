//! Why a request fails, and how the answer says so.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use umbel_api::envelope::{Envelope, Problem, Source};
use umbel_api::{AuditHistoryInfo, AuditHistoryStatus, Code, Message, ResultInfo};
use umbel_domain::organization::Contents;
use umbel_domain::{Flag, Invalid, Refusal};
use umbel_store::idempotency::Answer;

/// The result of a handler.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Why a handler does not answer with what was asked for.
#[derive(Debug)]
pub(crate) enum Error {
    /// The request cannot be done: one problem or several of one status.
    Refused(Vec<Problem>),
    /// The transaction ran into another one and is to be run again.
    Conflict,
    /// The answer was given before, to the same request.
    Replayed(Box<Answer>),
    /// Too many attempts to sign in have failed; how long to wait.
    TooManyAttempts {
        /// Until the next one.
        seconds: i64,
    },
    /// The entry whose history is asked for is not there.
    NoHistory,
}

/// Marks an answer whose request is to be run again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RunAgain;

impl Error {
    /// A problem of the request as a whole.
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self::Refused(vec![Problem { code: code.number(), message: message.into(), source: None }])
    }

    /// A problem with a part of the request.
    pub(crate) fn at(code: Code, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        let source = Some(Source { pointer: pointer.into() });
        Self::Refused(vec![Problem { code: code.number(), message: message.into(), source }])
    }

    /// A member of the body that cannot be what it is.
    pub(crate) fn member(pointer: &str, invalid: &Invalid) -> Self {
        Self::at(Code::InvalidBody, pointer, format!("{} {invalid}", pointer.trim_start_matches('/').replace('/', ".")))
    }

    /// What the request is about is not there, as far as the caller can see.
    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("{what} not found: it does not exist or you may not see it"))
    }

    /// What clients know for an account that may not be created, and then what forbids it.
    pub(crate) fn account_creation_forbidden(reason: Self) -> Self {
        let known = Self::new(Code::AccountCreationForbidden, "Forbidden. Account creation is not allowed");
        Self::all(vec![known, reason])
    }

    /// The caller sees what the request is about but may not do this.
    pub(crate) fn forbidden() -> Self {
        Self::new(Code::Forbidden, "your role does not allow this here")
    }

    /// Whether the caller sees what the request is about but may not do this.
    pub(crate) fn is_forbidden(&self) -> bool {
        matches!(self, Self::Refused(problems) if problems.iter().any(|problem| problem.code == Code::Forbidden.number()))
    }

    /// Whether what the request is about is not there, as far as the caller can see.
    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused(problems) if problems.iter().any(|problem| problem.code == Code::NotFound.number()))
    }

    /// The problems of a refusal.
    pub(crate) fn problems(self) -> Vec<Problem> {
        match self {
            Self::Refused(problems) => problems,
            Self::TooManyAttempts { seconds } => vec![too_many_attempts(seconds)],
            Self::Conflict | Self::Replayed(_) | Self::NoHistory => Vec::new(),
        }
    }

    /// The same error, about a part of the request unless it names one already.
    pub(crate) fn pointing_at(self, pointer: &str) -> Self {
        match self {
            Self::Refused(mut problems) => {
                for problem in &mut problems {
                    problem.source.get_or_insert_with(|| Source { pointer: pointer.to_owned() });
                }
                Self::Refused(problems)
            }
            other => other,
        }
    }

    /// Puts the problems of several parts of a request together.
    pub(crate) fn all(errors: Vec<Self>) -> Self {
        Self::Refused(errors.into_iter().flat_map(Self::problems).collect())
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::TooDeep { limit } => {
                let message = format!("the tree would have more than {limit} levels; the setting is `tree_depth_max`");
                Self::new(Code::LimitReached, message)
            }
            Refusal::Cycle => Self::new(Code::Cycle, "the organization would stand below itself"),
            Refusal::TooManyChildren { limit } => {
                let message = format!("the parent has {limit} organizations below it already; the setting is `children_max`");
                Self::new(Code::LimitReached, message)
            }
            Refusal::TooManyAccounts { limit } => {
                let message = format!("the organization has {limit} accounts already; the setting is `accounts_max`");
                Self::new(Code::LimitReached, message)
            }
            Refusal::TooManyMembers { limit } => {
                let message = format!("the organization has {limit} members already; the setting is `members_max`");
                Self::new(Code::LimitReached, message)
            }
            Refusal::AlreadyMember => Self::new(Code::AlreadyExists, "the user is a member already; see the list of members"),
            Refusal::RoleBeyondCaller { role } => {
                let message = format!("the role `{}` allows more than you may do here", role.name());
                Self::new(Code::WiderThanCaller, message)
            }
            Refusal::ActionsBeyondCaller { actions } => {
                let message = format!("the role would allow what you may not do here: {}", actions.names().join(", "));
                Self::new(Code::WiderThanCaller, message)
            }
            Refusal::TooManyRoles { limit } => {
                Self::new(Code::LimitReached, format!("the root has {limit} roles of its own already; delete one first"))
            }
            Refusal::TooManyAuditStreams { limit } => {
                Self::new(Code::LimitReached, format!("the organization has {limit} audit streams already; delete one first"))
            }
            Refusal::RoleNameTaken => Self::at(Code::AlreadyExists, "/name", "another role has this name"),
            Refusal::RoleInUse { uses, max } => {
                let more = if uses > max { "more than " } else { "" };
                let message = format!("{more}{} members have the role; give them another one first", uses.min(max));
                Self::new(Code::RoleInUse, message)
            }
            Refusal::CustomRolesInside => {
                let message = "roles of its present root are made or held in it, which hold in that tree alone; give their \
                               members other roles and delete the roles of what is a root first";
                Self::new(Code::RoleInUse, message)
            }
            Refusal::FlagDisabled { flag: Flag::AccountCreation } => {
                let reason = format!("the flag `{}` of the organization is disabled", Flag::AccountCreation.name());
                Self::account_creation_forbidden(Self::new(Code::FlagDisabled, reason))
            }
            Refusal::FlagDisabled { flag } => {
                Self::new(Code::FlagDisabled, format!("the flag `{}` of the organization is disabled", flag.name()))
            }
            Refusal::NotEmpty(contents) => not_empty(contents),
            Refusal::EmailTaken => Self::at(Code::AlreadyExists, "/email", "a user with this e-mail address exists already"),
            Refusal::LastSuperAdministrator => {
                let message = "the user is the last super administrator of a root; make somebody else one first";
                Self::new(Code::LastSuperAdministrator, message)
            }
            Refusal::IsOperator => {
                let message = "the user is an operator; end that first with `umbel operator remove`";
                Self::new(Code::IsOperator, message)
            }
            Refusal::TooManyTokens { limit } => {
                Self::new(Code::LimitReached, format!("you have {limit} tokens already; revoke one first"))
            }
            Refusal::TooManyMemberships { limit } => {
                let message = format!("there are more than {limit} memberships to remove; remove some of them first");
                Self::new(Code::LimitReached, message)
            }
            Refusal::AuditLogHeld => {
                Self::new(Code::AuditLogHeld, "the audit log is under a hold: nothing of it may be deleted or erased")
            }
            Refusal::WiderThanCaller => {
                Self::new(Code::WiderThanCaller, "the token would reach further than the credential that makes it")
            }
        }
    }
}

fn not_empty(contents: Contents) -> Error {
    let blockers = [
        (contents.organizations, "organizations below it", "delete or move them first"),
        (contents.accounts, "accounts in it", "delete or move them first"),
        (contents.members, "active or pending members other than you", "remove them first"),
        (contents.users, "users whom it manages", "delete them first"),
    ];
    let blockers = blockers.into_iter().filter(|(count, ..)| *count > 0);
    let problem = |(count, what, advice)| Error::new(Code::NotEmpty, format!("{what}: {count}; {advice}"));
    Error::all(blockers.map(problem).collect())
}

impl From<umbel_store::Error> for Error {
    fn from(error: umbel_store::Error) -> Self {
        use umbel_store::Error as Store;
        match error {
            Store::Conflict => Self::Conflict,
            Store::Busy => Self::new(Code::Busy, "the server has too much to write; try again soon"),
            Store::Expired => Self::new(Code::TimedOut, "the change took too long and was not made"),
            Store::Deadline => {
                Self::new(Code::TooExpensive, "finding the answer takes too long; ask for a shorter time, or for less")
            }
            Store::Unknown => Self::new(Code::OutcomeUnknown, "whether the change was made is not known"),
            Store::Unavailable(reason) | Store::Unusable(reason) => {
                tracing::error!(reason, "the database does not answer");
                Self::new(Code::Unavailable, "the database does not answer; try again later")
            }
            Store::Inconsistent(what) => {
                tracing::error!(what, "the database is inconsistent");
                Self::new(Code::Internal, "the server failed")
            }
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        match self {
            Self::Refused(problems) => refused(problems, None::<ResultInfo>),
            Self::TooManyAttempts { seconds } => {
                let mut response = refused(vec![too_many_attempts(seconds)], None::<ResultInfo>);
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
                response
            }
            Self::NoHistory => {
                let message = "audit log entry not found: this log has none with this id at this action_time".to_owned();
                let problem = Problem { code: Code::NotFound.number(), message, source: None };
                let unavailable = AuditHistoryStatus::Unavailable;
                refused(vec![problem], Some(AuditHistoryInfo { count: 0, cursor: None, history_status: unavailable }))
            }
            Self::Conflict => {
                let mut response = Self::new(Code::Busy, "too many changes at once; try again soon").into_response();
                response.extensions_mut().insert(RunAgain);
                response
            }
            Self::Replayed(answer) => {
                let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
                let headers = [(header::CONTENT_TYPE.as_str(), "application/json"), ("idempotency-replayed", "true")];
                (status, headers, answer.body).into_response()
            }
        }
    }
}

fn too_many_attempts(seconds: i64) -> Problem {
    let message = format!("too many attempts to sign in failed; try again in {seconds} seconds");
    Problem { code: Code::TooManyAttempts.number(), message, source: None }
}

fn refused<I: Serialize>(problems: Vec<Problem>, result_info: Option<I>) -> Response {
    let first = problems.first().map_or(Code::Internal.number(), |problem| problem.code);
    let code = Code::ALL.iter().copied().find(|code| code.number() == first).unwrap_or(Code::Internal);
    let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let envelope = Envelope { success: false, errors: problems, messages: Vec::<Message>::new(), result: (), result_info };
    // Strings and numbers always have a JSON form.
    let body = serde_json::to_vec(&envelope).unwrap_or_default();
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
    let headers = response.headers_mut();
    match status {
        // The official clients repeat a bare 409 for minutes.
        StatusCode::CONFLICT => _ = headers.insert("x-should-retry", HeaderValue::from_static("false")),
        StatusCode::UNAUTHORIZED => _ = headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")),
        // Repeating what may have been done is the caller's decision.
        _ if code == Code::OutcomeUnknown => _ = headers.insert("x-should-retry", HeaderValue::from_static("false")),
        StatusCode::SERVICE_UNAVAILABLE => _ = headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1")),
        _ => {}
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_too_long_to_find_is_answered_with_advice_and_not_asked_for_again() {
        let error = || Error::from(umbel_store::Error::Deadline);
        assert_eq!((error().problems()[0].code, error().into_response().status().as_u16()), (1106, 400));
    }
}
