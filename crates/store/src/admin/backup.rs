//! Copies of a database: online, and back.
//!
//! The copy is made by SQLite itself, of one moment, and is a file of its own without a log beside it. It appears under its name
//! only when it is whole and on the disk.

use std::fs::{DirBuilder, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use tempfile::NamedTempFile;
use umbel_domain::Lineage;
use umbel_domain::audit::Entry;

use super::{Progress, Sources, operators};
use crate::engine::sqlite;
use crate::organizations::{self, Filter, ParentFilter};
use crate::{Access, DatabaseUrl, Error, Result, Store, database, migrations};

/// Pages that are copied at once.
const PAGES_PER_STEP: i32 = 256;
/// How the names of copies begin that are not whole yet.
const COPY_PREFIX: &str = ".umbel-copy-";
/// Logs that are written to in one transaction.
const LOGS_PER_WRITE: usize = 256;
/// Times that a restore looks whether the copy is closed, and how long it waits in between.
const CLOSE_TRIES_MAX: u32 = 500;
const CLOSE_RETRY_AFTER: Duration = Duration::from_millis(10);

/// What becomes of a database that stands where one shall be restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and nothing is restored.
    Keep,
    /// It is replaced.
    Replace,
}

/// Copies a SQLite database, also beside a running server, into a new file.
pub fn backup(url: &DatabaseUrl, file: &Path, progress: &mut dyn FnMut(Progress)) -> Result<()> {
    let DatabaseUrl::Sqlite(path) = url else {
        return Err(Error::Unusable(format!(
            "back up PostgreSQL with `pg_dump --format=custom --file={} '{url}'`",
            file.display()
        )));
    };
    if file.exists() {
        return Err(Error::Unusable(format!("{} is there already; name a new file", file.display())));
    }
    let source = open_existing(path)?;
    let copy = copy(&source, folder(file), file, progress)?;
    copy.persist_noclobber(file).map_err(|error| cannot("write", file, &error.error))?;
    sync_folder(file)
}

/// A backup that is about to take the place of a SQLite database, which no server may use meanwhile; dropped, it changes nothing.
#[derive(Debug)]
pub struct Restore {
    copy: NamedTempFile,
    _room: Room,
    /// Where the database stands.
    path: PathBuf,
    _lock: File,
}

impl Restore {
    /// Copies the backup beside the database.
    pub fn begin(url: &DatabaseUrl, file: &Path, existing: Existing, progress: &mut dyn FnMut(Progress)) -> Result<Self> {
        let DatabaseUrl::Sqlite(path) = url else {
            let command = format!("pg_restore --clean --if-exists --dbname='{url}' {}", file.display());
            return Err(Error::Unusable(format!(
                "restore PostgreSQL with `{command}`, with every server stopped, and then say so with `umbel restore --done`"
            )));
        };
        let backup = open_sound(file)?;
        std::fs::create_dir_all(folder(path)).map_err(|error| cannot("make the folder of", path, &error))?;
        let lock = database::lock(path)?;
        if path.exists() && existing == Existing::Keep {
            return Err(Error::Unusable(format!("{} is there already; `--replace` replaces it", path.display())));
        }
        let room = Room::make(path).map_err(|error| cannot("make a folder beside", path, &error))?;
        let copy = copy(&backup, &room.0, path, progress)?;
        Ok(Self { copy, _room: room, path: path.clone(), _lock: lock })
    }

    /// Brings the copy up to date, has its audit logs say that it was restored, as [`note_restore`] does, and puts it in the place of
    /// the database.
    pub async fn finish(self, sources: &Sources, progress: &mut dyn FnMut(Progress)) -> operators::Result<()> {
        let store = Store::open(&DatabaseUrl::Sqlite(self.copy.path().to_owned()), Access::Shared).await?;
        note_restore(&store, sources, progress).await?;
        drop(store);
        self.close_copy().await?;
        Ok(self.take_its_place()?)
    }

    /// Brings what was written into the copy into its file. The store lets go of it a moment after it is dropped.
    async fn close_copy(&self) -> Result<()> {
        for _ in 0..CLOSE_TRIES_MAX {
            match sqlite::connect(self.copy.path(), OpenFlags::SQLITE_OPEN_READ_WRITE).and_then(|noted| end_log(&noted)) {
                Err(Error::Busy) => tokio::time::sleep(CLOSE_RETRY_AFTER).await,
                done => return done,
            }
        }
        Err(Error::Unavailable(format!("{} does not close; try again", self.copy.path().display())))
    }

    fn take_its_place(self) -> Result<()> {
        let path = &self.path;
        if let Ok(former) = std::fs::metadata(path) {
            belong_to_owner_of(&self.copy, &former).map_err(|error| cannot("keep the owner of", path, &error))?;
        }
        self.copy.as_file().sync_all().map_err(|error| cannot("sync the copy beside", path, &error))?;
        retire(path)?;
        self.copy.persist(path).map_err(|error| cannot("write", path, &error.error))?;
        sync_folder(path)
    }
}

/// A folder beside a database for what is to take its place, and for what SQLite puts beside that; what an interrupted restore
/// left there goes with the next one.
#[derive(Debug)]
struct Room(PathBuf);

impl Room {
    fn make(path: &Path) -> std::io::Result<Self> {
        let room = beside(path, "-restore");
        if room.exists() {
            Self::clear(&room)?;
        }
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&room)?;
        Ok(Self(room))
    }

    /// Removes the folder with the copies in it; whatever else is there stays, and so does the folder then.
    fn clear(room: &Path) -> std::io::Result<()> {
        for entry in std::fs::read_dir(room)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(COPY_PREFIX) {
                remove(&entry.path())?;
            }
        }
        std::fs::remove_dir(room)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        // What stays goes with the next restore.
        _ = Self::clear(&self.0);
    }
}

/// Writes down that the database is what a backup held, in the server's log and in that of each root organization: whoever reads
/// one is told that it may lack what was in it.
pub async fn note_restore(store: &Store, sources: &Sources, progress: &mut dyn FnMut(Progress)) -> operators::Result<()> {
    let roots = Filter { parent: Some(ParentFilter::None), ..Filter::default() };
    let (mut after, mut done) = (String::new(), 0);
    let mut logs = vec![None];
    loop {
        operators::command(store, async |write| {
            write.expect_long();
            for log in &logs {
                operators::note(write, sources, Entry::database_restored(log.clone())).await?;
            }
            Ok(())
        })
        .await?;
        done += logs.len() as u64;
        progress(Progress { done, total: None });
        let mut read = super::read(store).await?;
        let page = organizations::list(&mut read, &[Lineage::server()], &roots, &after, LOGS_PER_WRITE).await?;
        let Some(last) = page.items.last() else { return Ok(()) };
        last.lineage.as_str().clone_into(&mut after);
        logs = page.items.into_iter().map(|root| Some(root.id)).collect();
    }
}

fn open_existing(path: &Path) -> Result<Connection> {
    if !path.exists() {
        return Err(Error::Unusable(format!("there is no file {}", path.display())));
    }
    sqlite::connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

/// Copies what `source` holds now into a file in `room`, which is for `target`, whole and on the disk.
fn copy(source: &Connection, room: &Path, target: &Path, progress: &mut dyn FnMut(Progress)) -> Result<NamedTempFile> {
    let file =
        tempfile::Builder::new().prefix(COPY_PREFIX).tempfile_in(room).map_err(|error| cannot("write beside", target, &error))?;
    let mut copy = Connection::open_with_flags(file.path(), OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // Nothing reads the copy before it is whole; it is synced once, at the end.
    copy.execute_batch("PRAGMA synchronous = OFF")?;
    // Within a transaction the source stands still; else each write of a server would make the copy begin anew.
    source.execute_batch("BEGIN; SELECT COUNT(*) FROM sqlite_master")?;
    let backup = Backup::new(source, &mut copy)?;
    loop {
        let step = backup.step(PAGES_PER_STEP)?;
        let pages = backup.progress();
        let done = u64::try_from(pages.pagecount - pages.remaining).unwrap_or_default();
        progress(Progress { done, total: u64::try_from(pages.pagecount).ok() });
        match step {
            StepResult::Done => break,
            StepResult::More => {}
            _ => return Err(Error::Busy),
        }
    }
    drop(backup);
    source.execute_batch("COMMIT")?;
    // The copy says of itself what the source does: that it keeps a log.
    end_log(&copy)?;
    copy.close().map_err(|(_, error)| error)?;
    file.as_file().sync_all().map_err(|error| cannot("sync the copy beside", target, &error))?;
    Ok(file)
}

/// Opens a backup; refuses what is damaged, no database of ours, or newer than this program.
fn open_sound(file: &Path) -> Result<Connection> {
    let sound = |reason| match reason {
        Error::Unavailable(reason) => Error::Unusable(format!("{} is damaged or no database: {reason}", file.display())),
        other => other,
    };
    let backup = open_existing(file).map_err(sound)?;
    let verdict = backup.query_row("PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0));
    let verdict = verdict.map_err(|error| sound(error.into()))?;
    if verdict != "ok" {
        return Err(Error::Unusable(format!("{} is damaged: {verdict}", file.display())));
    }
    if !migrations::known_to_sqlite(&backup)? {
        return Err(Error::Unusable(format!("{} is not a database of umbel", file.display())));
    }
    migrations::pending_on_sqlite(&backup)?;
    Ok(backup)
}

/// Takes the log of the database that is about to be replaced, which would be taken for the log of the new one.
fn retire(path: &Path) -> Result<()> {
    if path.exists() {
        // First into the database itself, so that it stays whole when this is the last thing that happens.
        let ended = sqlite::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).and_then(|old| end_log(&old));
        // One that is damaged is replaced all the same.
        if ended == Err(Error::Busy) {
            return Err(Error::Unusable(format!("another process uses {}; stop it first", path.display())));
        }
    }
    for suffix in ["-wal", "-shm", "-journal"] {
        let log = beside(path, suffix);
        remove(&log).map_err(|error| cannot("remove", &log, &error))?;
    }
    sync_folder(path)
}

fn end_log(database: &Connection) -> Result<()> {
    Ok(database.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?)
}

/// Lets the server open the restored database as it could the former one, whoever restores it.
fn belong_to_owner_of(copy: &NamedTempFile, former: &std::fs::Metadata) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let restored = copy.as_file().metadata()?;
        if (restored.uid(), restored.gid()) != (former.uid(), former.gid()) {
            std::os::unix::fs::fchown(copy.as_file(), Some(former.uid()), Some(former.gid()))?;
        }
    }
    copy.as_file().set_permissions(former.permissions())
}

/// The path of what SQLite or we put beside a database.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Removes a file that may be gone already.
fn remove(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes the names in the folder of a file durable.
fn sync_folder(path: &Path) -> Result<()> {
    let synced = File::open(folder(path)).and_then(|folder| folder.sync_all());
    synced.map_err(|error| cannot("sync the folder of", path, &error))
}

fn cannot(what: &str, path: &Path, error: &std::io::Error) -> Error {
    Error::Unavailable(format!("cannot {what} {}: {error}", path.display()))
}
