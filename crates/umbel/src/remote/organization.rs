//! `umbel org`: organizations.

use clap::{Args, Subcommand};
use umbel_client::api::organization::Meta;
use umbel_client::api::{
    ChangeOptions, CreateOrganization, ListOrganizations, MoveOrganization, Organization, Switch, UpdateOrganization,
};

use super::access::Whose;
use super::{Limit, Server, access, effect, tree};
use crate::{Result, print};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Lists the organizations that you can see.
    List(List),
    /// Shows an organization.
    Get {
        /// Its id.
        id: String,
    },
    /// Creates an organization.
    Create {
        /// Its name; need not be unique.
        name: String,
        /// Organization to create it below; without it, it is a root.
        #[arg(long, value_name = "ID")]
        parent: Option<String>,
    },
    /// Gives an organization another name.
    Rename {
        /// Its id.
        id: String,
        /// Its new name.
        name: String,
    },
    /// Deletes an organization that holds nothing.
    Delete {
        /// Its id.
        id: String,
    },
    /// Moves an organization with everything below it.
    Move(Move),
    /// Draws what is below an organization, or everything that you can see.
    Tree(tree::Tree),
    /// Shows who may do what on an organization, and whence.
    Access {
        /// Its id.
        id: String,
        #[command(flatten)]
        whose: Whose,
    },
}

#[derive(Args)]
pub(crate) struct List {
    /// Only those directly below this organization; `none` for roots.
    #[arg(long, value_name = "ID")]
    parent: Option<String>,
    /// Only those whose name has this in it, whatever the case.
    #[arg(long, value_name = "TEXT")]
    name_contains: Option<String>,
    #[command(flatten)]
    limit: Limit,
}

#[derive(Args)]
pub(crate) struct Move {
    /// Its id.
    id: String,
    #[command(flatten)]
    to: Destination,
    /// Change nothing; show who would gain and who would lose which role, and what stands in the way.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct Destination {
    /// Organization that it shall stand below.
    #[arg(long, value_name = "ID")]
    to: Option<String>,
    /// Make it a root.
    #[arg(long)]
    root: bool,
}

impl super::Verb for Verb {
    async fn run(self, server: &Server) -> Result {
        let client = &server.client;
        match self {
            Self::List(list) => list.run(server).await,
            Self::Get { id } => server.show(&client.organization(&id).await?, text),
            Self::Create { name, parent } => {
                let new = match parent {
                    Some(parent) => CreateOrganization::below(&parent, &name),
                    None => CreateOrganization::root(&name),
                };
                server.show(&client.create_organization(&new).await?, text)
            }
            Self::Rename { id, name } => {
                let update = UpdateOrganization { name, parent: None, profile: None };
                server.show(&client.update_organization(&id, &update).await?, text)
            }
            Self::Delete { id } => server.gone(&client.delete_organization(&id).await?, "is deleted"),
            Self::Move(moved) => moved.run(server).await,
            Self::Tree(tree) => tree.run(server).await,
            Self::Access { id, whose } => {
                let list = client.organization_access(&id, whose.filters());
                access::show(server, &whose.limit.take(list).await?)
            }
        }
    }
}

impl List {
    async fn run(self, server: &Server) -> Result {
        let filters = ListOrganizations {
            parent_id: self.parent.map(|parent| if parent == "none" { "null".to_owned() } else { parent }),
            name_contains: self.name_contains,
            page_size: self.limit.page_size(),
            include_total: Some(false),
            ..ListOrganizations::default()
        };
        let organizations = self.limit.take(server.client.organizations(filters)).await?;
        server.show(&organizations, |organizations| table(organizations))
    }
}

impl Move {
    async fn run(self, server: &Server) -> Result {
        let options = ChangeOptions { dry_run: self.dry_run.then_some(true) };
        let moved = server.client.move_organization(&self.id, &MoveOrganization { parent_id: self.to.to }, &options).await?;
        server.show(&moved, |moved| match &moved.effect {
            Some(effect) => effect::text(&format!("moving {}", print::named(&moved.organization.name, &self.id)), effect),
            None => text(&moved.organization),
        })
    }
}

pub(super) fn table(organizations: &[Organization]) -> String {
    let rows = organizations.iter().map(|organization| {
        let parent = organization.parent.as_ref().map_or("-".to_owned(), |parent| print::named(&parent.name, &parent.id));
        [organization.id.clone(), organization.name.clone(), parent, print::time(organization.create_time)]
    });
    print::table(["ID", "NAME", "PARENT", "CREATED"], rows)
}

/// Everything about an organization that people ask for.
fn text(organization: &Organization) -> String {
    let Organization { id, create_time, meta, name, parent, profile } = organization;
    let parent = parent.as_ref().map(|parent| print::named(&parent.name, &parent.id));
    let business = profile.as_ref().map(|profile| profile.business_name.clone());
    print::block([
        ("id", id.clone()),
        ("name", name.clone()),
        ("parent", parent.unwrap_or_default()),
        ("path", meta.hierarchy_tags.join(" / ")),
        ("created", print::time(*create_time)),
        ("business", business.unwrap_or_default()),
        ("disabled", disabled(meta).join(", ")),
    ])
}

/// The flags that forbid something.
fn disabled(meta: &Meta) -> Vec<&'static str> {
    let flags = &meta.tenant_flags;
    let flags = [
        ("account_creation", flags.account_creation),
        ("account_deletion", flags.account_deletion),
        ("account_migration", flags.account_migration),
        ("account_mobility", flags.account_mobility),
        ("sub_org_creation", flags.sub_org_creation),
        ("account_creation_applies_tenant_defaults", flags.account_creation_applies_tenant_defaults),
        ("enterprise_capability", flags.enterprise_capability),
        ("member_management", flags.member_management),
    ];
    flags.into_iter().filter(|(_, switch)| *switch == Switch::Disabled).map(|(name, _)| name).collect()
}
