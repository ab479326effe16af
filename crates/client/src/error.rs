//! Why a request did not do what it should.

use umbel_api::Problem;

/// What went wrong.
#[derive(Debug)]
pub enum Error {
    /// The server refused the request.
    Refused {
        /// The HTTP status.
        status: u16,
        /// Why; empty when something other than Umbel answered.
        problems: Vec<Problem>,
    },
    /// The answer is not what this client understands.
    NotUnderstood(String),
    /// The server could not be asked.
    Unreachable(reqwest::Error),
    /// An answer of any length ended before it was whole.
    BrokenOff(String),
    /// What was passed cannot be sent.
    Invalid(String),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused { status, problems } => {
                write!(f, "the server answered {status}")?;
                problems.iter().try_for_each(|Problem { code, message, source }| match source {
                    None => write!(f, "; {message} (code {code})"),
                    Some(source) => write!(f, "; {message} (code {code} at {})", source.pointer),
                })
            }
            Self::NotUnderstood(reason) => write!(f, "the answer is not understood: {reason}"),
            Self::Unreachable(error) => write!(f, "the server cannot be reached: {}", innermost(error)),
            Self::BrokenOff(reason) => write!(f, "the answer broke off, and what came is not all of it: {reason}"),
            Self::Invalid(reason) => write!(f, "{reason}"),
        }
    }
}

/// The cause that says what happened; those around it say only that something did.
fn innermost(error: &reqwest::Error) -> &dyn std::error::Error {
    let causes = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
    causes.last().unwrap_or(error)
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreachable(error) => Some(error),
            Self::Refused { .. } | Self::NotUnderstood(_) | Self::BrokenOff(_) | Self::Invalid(_) => None,
        }
    }
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        Self::Unreachable(error)
    }
}
