//! Every row that the rules are about, as the database has it and as the model has it.

use std::collections::BTreeSet;

use umbel_domain::{Flags, Role};

use super::state::Model;
use crate::harness::TestApp;
use crate::harness::database::Row;

/// A line for each row of a table.
async fn lines(app: &TestApp, table: &str, columns: &[&str]) -> Vec<String> {
    let text = |row: &Row, column: &str| match &row[column] {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    };
    let line = |row: &Row| columns.iter().map(|column| text(row, column)).collect::<Vec<_>>().join(" ");
    app.rows(table).await.iter().map(|row| format!("{table} {}", line(row))).collect()
}

impl Model {
    /// `Err` tells which rows are in the database alone or in the model alone, or which root nobody can administer.
    pub(crate) async fn compare_rows(&self, app: &TestApp) -> Result<(), String> {
        let tables: [(&str, &[&str]); 6] = [
            ("organizations", &["id", "parent_id", "lineage", "name", "flags"]),
            ("accounts", &["id", "organization_id", "lineage"]),
            ("organization_members", &["organization_id", "user_id", "role", "status"]),
            ("account_members", &["account_id", "user_id", "roles", "status"]),
            ("users", &["id", "disabled", "operator"]),
            ("api_tokens", &["id", "user_id", "organization_id", "role"]),
        ];
        let mut there = BTreeSet::new();
        for (table, columns) in tables {
            there.extend(lines(app, table, columns).await);
        }
        let expected = self.lines();
        if there != expected {
            let (missing, surplus): (Vec<_>, Vec<_>) =
                (expected.difference(&there).collect(), there.difference(&expected).collect());
            return Err(format!("of the rows that there must be, {missing:#?} are missing; {surplus:#?} are there instead"));
        }
        let roots = self.organizations.iter().filter(|(_, organization)| organization.parent.is_none());
        let orphan = roots.map(|(id, _)| id).find(|id| self.acting_super_administrators(id).next().is_none());
        orphan.map_or(Ok(()), |orphan| Err(format!("the root {orphan} has no super administrator who can act")))
    }

    fn lines(&self) -> BTreeSet<String> {
        let organizations = self.organizations.iter().map(|(id, organization)| {
            let off = organization.disabled_flags.iter().fold(Flags::ENABLED, |flags, flag| flags.without(*flag));
            let (parent, lineage) = (organization.parent.as_deref().unwrap_or_default(), self.lineage(Some(id), None));
            format!("organizations {id} {parent} {lineage} {} {}", organization.name, off.bits())
        });
        let accounts = self.accounts.iter().map(|(id, account)| {
            let holder = account.holder.as_deref();
            format!("accounts {id} {} {}", holder.unwrap_or_default(), self.lineage(holder, Some(id)))
        });
        let organization_members = self.members.values().map(|member| ("organization_members", member));
        let account_members = self.account_members.values().map(|member| ("account_members", member));
        let members = organization_members.chain(account_members).map(|(table, member)| {
            let roles = member.roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(" ");
            format!("{table} {} {} {roles} {}", member.place, self.users[member.user].id, member.status.name())
        });
        let users = self.users.iter().filter(|user| user.exists);
        let users = users.map(|user| format!("users {} {} {}", user.id, u8::from(user.disabled), u8::from(user.operator)));
        let tokens = self.tokens.iter().map(|(id, token)| {
            let (organization, role) = (token.scope.organization.as_deref(), token.scope.role.map(Role::name));
            let owner = &self.users[token.owner].id;
            format!("api_tokens {id} {owner} {} {}", organization.unwrap_or_default(), role.unwrap_or_default())
        });
        organizations.chain(accounts).chain(members).chain(users).chain(tokens).collect()
    }
}
