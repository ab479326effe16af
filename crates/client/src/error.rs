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
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused { status, problems } => {
                write!(f, "the server answered {status}")?;
                problems.iter().try_for_each(|problem| write!(f, "; {} ({})", problem.message, problem.code))
            }
            Self::NotUnderstood(reason) => write!(f, "the answer is not understood: {reason}"),
            Self::Unreachable(error) => write!(f, "the server cannot be reached: {error}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        Self::Unreachable(error)
    }
}
