//! The other door: for the command line and the workers, whom nobody has to authorize.

use crate::{Read, Result, Store, Write};

/// Begins a transaction that reads, on behalf of the system.
pub async fn read(store: &Store) -> Result<Read> {
    Ok(store.read().await?.0)
}

/// Begins a transaction that changes the database, on behalf of the system.
pub async fn write(store: &Store) -> Result<Write> {
    Ok(store.write().await?.0)
}
