//! The database that a verb works on.

use umbel_store::{Access, DatabaseUrl, Store};

use crate::Result;
use crate::settings::Database;

impl Database {
    /// Where the database is.
    pub(crate) fn url(&self) -> Result<DatabaseUrl> {
        Ok(self.database.parse()?)
    }

    /// Opens the database, and makes it when it is not there.
    pub(crate) async fn open(&self, access: Access) -> Result<Store> {
        Ok(Store::open(&self.url()?, access).await?)
    }

    /// Opens the database when it is there, beside a server that may be running.
    pub(crate) async fn open_existing(&self) -> Result<Store> {
        if let DatabaseUrl::Sqlite(path) = self.url()?
            && !path.exists()
        {
            return Err(format!("there is no database {}; name it with --database", path.display()).into());
        }
        self.open(Access::Shared).await
    }
}
