//! What the databases hold: a tree, and one user who may do everything in it.

use sha2::{Digest as _, Sha256};

use crate::Result;
use crate::engine::Engine;
use crate::request::TOKEN;
use crate::session::Session;
use crate::tree::{self, Tree};

/// To be raised when other rows are filled in, so that databases of before are not used.
pub(crate) const CONTENT: u32 = 1;
/// The user that the token belongs to.
pub(crate) const USER_ID: &str = "018cc251f40070008000000000000001";
/// Rows that are added by one statement.
const ROWS_PER_STATEMENT: u64 = 1_000;

/// Fills an empty database of the present schema.
pub(crate) fn fill(session: &mut Session, engine: Engine, tree: Tree) -> Result {
    session.run("BEGIN")?;
    session.run(&caller())?;
    for start in (0..tree.size).step_by(usize::try_from(ROWS_PER_STATEMENT)?) {
        session.run(&Tree::insert(start..tree.size.min(start + ROWS_PER_STATEMENT)))?;
    }
    session.run("COMMIT")?;
    if engine == Engine::Postgres {
        // What its housekeeping would do within minutes.
        session.run("VACUUM ANALYZE")?;
        session.run("CHECKPOINT")?;
    }
    Ok(())
}

/// Statements that add a user, who is no operator but a member at the root, and their token.
fn caller() -> String {
    let hash = Sha256::digest(TOKEN).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    let (root, micros) = (tree::id(0), tree::time_micros(0));
    format!(
        "INSERT INTO users (id, email, email_canonical, name, two_factor_authentication_enabled, operator, managed_by, \
         disabled, api_key_hash, create_time, version) \
         VALUES ('{USER_ID}', 'bench@example.com', 'bench@example.com', 'Bench', 0, 0, NULL, 0, NULL, {micros}, 1); \
         INSERT INTO api_tokens (id, hash, user_id, name, organization_id, role, create_time, expires_on, last_used_on) \
         VALUES ('018cc251f40070008000000000000002', '{hash}', '{USER_ID}', 'bench', NULL, NULL, {micros}, NULL, NULL); \
         INSERT INTO organization_members (organization_id, id, user_id, role, status, create_time, update_time) \
         VALUES ('{root}', '018cc251f40070008000000000000003', '{USER_ID}', 'super_administrator', 'active', {micros}, {micros})"
    )
}
