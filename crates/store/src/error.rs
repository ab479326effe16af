//! What can go wrong between a statement and its effect.

/// Why the database did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The queue of writers is full, or another process holds the database: try again later.
    Busy,
    /// The transaction ran into another one, or its batch was lost; run again, it may succeed.
    Conflict,
    /// The write took longer than its lease and was rolled back.
    Expired,
    /// A statement took longer than it may.
    Deadline,
    /// Whether the COMMIT happened is not known.
    Unknown,
    /// The database cannot be reached, is full or broken.
    Unavailable(String),
    /// A row holds what this program never writes.
    Inconsistent(String),
    /// The database cannot be used as it is: a schema that is too new, a setting that is not there.
    Unusable(String),
}

/// The result of everything that asks the database.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// What it is, without what only the log is to know.
    pub fn summary(&self) -> &'static str {
        match self {
            Self::Busy => "the database is busy; try again",
            Self::Conflict => "the transaction ran into another one",
            Self::Expired => "the write took longer than its lease",
            Self::Deadline => "the statement took longer than it may",
            Self::Unknown => "the outcome of the commit is not known",
            Self::Unavailable(_) => "the database does not answer",
            Self::Inconsistent(_) => "the database is inconsistent",
            Self::Unusable(_) => "the database cannot be used as it is",
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unavailable(reason) | Self::Inconsistent(reason) => write!(f, "{}: {reason}", self.summary()),
            Self::Unusable(reason) => f.write_str(reason),
            _ => f.write_str(self.summary()),
        }
    }
}

impl std::error::Error for Error {}

impl From<umbel_domain::Invalid> for Error {
    fn from(invalid: umbel_domain::Invalid) -> Self {
        Self::Inconsistent(invalid.0)
    }
}
