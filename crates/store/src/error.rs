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

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Busy => f.write_str("the database is busy; try again"),
            Self::Conflict => f.write_str("the transaction ran into another one"),
            Self::Expired => f.write_str("the write took longer than its lease"),
            Self::Deadline => f.write_str("the statement took longer than it may"),
            Self::Unknown => f.write_str("the outcome of the commit is not known"),
            Self::Unavailable(reason) => write!(f, "the database does not answer: {reason}"),
            Self::Inconsistent(what) => write!(f, "the database is inconsistent: {what}"),
            Self::Unusable(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for Error {}

impl From<umbel_domain::Invalid> for Error {
    fn from(invalid: umbel_domain::Invalid) -> Self {
        Self::Inconsistent(invalid.0)
    }
}
