//! Who and what is there when a test begins.

use serde_json::{Value, json};
use umbel_domain::audit::{Destination, DestinationText, Stream};
use umbel_domain::secret::{self, Secret};
use umbel_domain::{
    AuditStreamId, Budget, BudgetId, Currency, Delivery, Invitation, InvitationId, Lineage, LinkedIdentity, LinkedIdentityId,
    MemberId, MemberStatus, Name, OrganizationId, Role, UserId,
};
use umbel_server::Settings;
use umbel_store::admin::{self, Sources, portability};
use umbel_store::{Store, audit_streams, budgets, invitations, linked_identities};

use super::TestApp;
use super::database;
use super::sources::START;

/// Lines to import, and how the service is set up.
#[derive(Default)]
pub(crate) struct World {
    lines: Vec<Value>,
    /// Organization and user of each invitation.
    invitations: Vec<(String, String)>,
    /// The users whom a provider knows.
    identities: Vec<String>,
    /// Lineages of the organizations that have a stream each.
    streams: Vec<String>,
    /// The organizations that have a budget each.
    budgets: Vec<String>,
    settings: Settings,
}

/// The secret of the token that every user has from the beginning.
pub(crate) fn token_of(user: &str) -> String {
    format!("{user}-shows-this-token-which-nobody-guesses")
}

/// The global API key that every user has from the beginning.
pub(crate) fn key_of(user: &str) -> String {
    format!("{user}-shows-this-key-which-nobody-guesses")
}

/// The secret of a token that [`World::token`] made.
pub(crate) fn secret_of(token: &str) -> String {
    format!("{token}-is-the-token-that-nobody-guesses")
}

/// The secret of an invitation that [`World::invitation`] made.
pub(crate) fn invitation_of(organization: &str, user: &str) -> Secret {
    Secret::new_invitation(secret::hash(&format!("{organization}-{user}")))
}

impl World {
    /// The operator `olga` and nobody else.
    pub(crate) fn bare() -> Self {
        Self::default().user_with("olga", &json!({"operator": true}))
    }

    /// Acme with two levels below, where somebody holds each role; Globex, which is somebody else's; and `ned`, who is nowhere.
    pub(crate) fn company() -> Self {
        let roles = [
            ("ann", Role::SuperAdministrator),
            ("adam", Role::Administrator),
            ("bill", Role::Billing),
            ("aud", Role::Auditor),
            ("vic", Role::Viewer),
        ];
        let organizations = ["acme", "acme/eu", "acme/eu/shop", "acme/us", "globex"];
        let world = organizations.into_iter().fold(Self::bare().user("ned"), Self::organization);
        let world = roles.into_iter().fold(world, |world, (name, role)| world.user(name).member("acme", name, role));
        world.user("gus").member("globex", "gus", Role::SuperAdministrator)
    }

    /// A user with a token and a global API key.
    pub(crate) fn user(self, name: &str) -> Self {
        self.user_with(name, &json!({}))
    }

    /// A user of whom more is known.
    pub(crate) fn user_with(self, name: &str, more: &Value) -> Self {
        let mut user = json!({
            "kind": "user",
            "id": name,
            "email": format!("{name}@example.com"),
            "api_key": key_of(name),
            "create_time": start(),
        });
        user.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let token = json!({
            "kind": "api_token",
            "id": format!("{name}-token"),
            "user_id": name,
            "name": "first",
            "create_time": start(),
            "token": token_of(name),
        });
        self.line(user).line(token)
    }

    /// The organization at a lineage without its last slash, named after its id.
    pub(crate) fn organization(self, lineage: &str) -> Self {
        let id = lineage.rsplit('/').next().unwrap();
        self.named(lineage, id)
    }

    /// The organization at a lineage without its last slash.
    pub(crate) fn named(self, lineage: &str, name: &str) -> Self {
        let mut ids = lineage.rsplit('/');
        let (id, parent_id) = (ids.next().unwrap(), ids.next());
        self.line(json!({"kind": "organization", "id": id, "parent_id": parent_id, "name": name, "create_time": start()}))
    }

    /// An active member.
    pub(crate) fn member(self, organization: &str, user: &str, role: Role) -> Self {
        self.member_of_status(organization, user, role, MemberStatus::Active)
    }

    pub(crate) fn member_of_status(self, organization: &str, user: &str, role: Role, status: MemberStatus) -> Self {
        self.line(json!({
            "kind": "organization_member",
            "id": format!("{organization}-{user}"),
            "organization_id": organization,
            "user_id": user,
            "role": role.name(),
            "status": status.name(),
            "create_time": start(),
        }))
    }

    /// A pending member whom `olga` has invited, by a link that is good for a week.
    pub(crate) fn invitation(mut self, organization: &str, user: &str, role: Role) -> Self {
        self.invitations.push((organization.to_owned(), user.to_owned()));
        self.member_of_status(organization, user, role, MemberStatus::Pending)
    }

    /// A stream of the organization at a lineage, switched off, with the id `s-` and that of the organization.
    pub(crate) fn audit_stream(mut self, lineage: &str) -> Self {
        self.streams.push(lineage.to_owned());
        self
    }

    /// A budget of an organization, with the id `b-` and that of the organization.
    pub(crate) fn budget(mut self, organization: &str) -> Self {
        self.budgets.push(organization.to_owned());
        self
    }

    /// The account at a lineage without its last slash, named after its id: `acme/@shop`.
    pub(crate) fn account(self, lineage: &str) -> Self {
        let (above, id) = lineage.split_once('@').unwrap();
        let organization = above.split_terminator('/').next_back();
        self.line(json!({"kind": "account", "id": id, "organization_id": organization, "name": id, "created_on": start()}))
    }

    /// An active member of an account.
    pub(crate) fn account_member(self, account: &str, user: &str, role: Role) -> Self {
        self.line(json!({
            "kind": "account_member",
            "id": format!("{account}-{user}"),
            "account_id": account,
            "user_id": user,
            "roles": [role.name()],
            "create_time": start(),
        }))
    }

    /// One more token of a user, with a scope; its secret is [`secret_of`] its id.
    pub(crate) fn token(self, id: &str, user: &str, organization: Option<&str>, role: Option<Role>) -> Self {
        self.line(json!({
            "kind": "api_token",
            "id": id,
            "user_id": user,
            "name": id,
            "scope": {"organization_id": organization, "role": role.map(Role::name)},
            "create_time": start(),
            "token": secret_of(id),
        }))
    }

    /// A metric of the events of type `com.example.ID`, whose value is `value`.
    pub(crate) fn metric(self, id: &str, aggregation: &str, block: &str) -> Self {
        self.line(json!({
            "kind": "metric",
            "id": id,
            "name": id.to_uppercase(),
            "event_type": format!("com.example.{id}"),
            "aggregation": aggregation,
            "value_property": "value",
            "unit": "Requests",
            "pricing_block_size": block,
            "service_name": "Workers",
            "service_category": "Compute",
            "create_time": start(),
        }))
    }

    /// A price in US dollars from the beginning of 2025 on, of which more is known.
    pub(crate) fn price(self, id: &str, metric: &str, unit_price: &str, more: &Value) -> Self {
        let mut price = json!({
            "kind": "price",
            "id": id,
            "metric_id": metric,
            "currency": "USD",
            "list_unit_price": unit_price,
            "effective_from": "2025-01-01",
            "create_time": start(),
        });
        price.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.line(price)
    }

    /// What an account used of a metric on a day.
    pub(crate) fn used(self, account: &str, metric: &str, day: &str, quantity: &str) -> Self {
        self.line(json!({"kind": "usage_daily", "account_id": account, "metric_id": metric, "day": day, "quantity": quantity}))
    }

    /// A user as a provider knows them, by their own id.
    pub(crate) fn identity(mut self, user: &str) -> Self {
        self.identities.push(user.to_owned());
        self
    }

    /// A line of its own.
    pub(crate) fn line(mut self, line: Value) -> Self {
        self.lines.push(line);
        self
    }

    /// Sets the service up otherwise than by default.
    pub(crate) fn settings(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// Runs a test in this world, on each engine.
    pub(crate) fn on_each_engine(&self, test: impl AsyncFn(&TestApp) + Copy) {
        database::on_each_engine(async |database| {
            let app = TestApp::start(database, self, self.settings.clone()).await;
            test(&app).await;
        });
    }

    /// Runs a test in this world, on SQLite alone.
    pub(crate) fn on_sqlite(&self, test: impl AsyncFn(&TestApp) + Copy) {
        database::on_sqlite(async |database| {
            let app = TestApp::start(database, self, self.settings.clone()).await;
            test(&app).await;
        });
    }

    pub(super) async fn import_into(&self, store: &Store) {
        let lines = self.lines.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        let sources = Sources::new(START.micros(), |bytes| bytes.fill(7));
        portability::import(store, &sources, lines.as_bytes(), &mut |_| {}).await.unwrap();
        let mut write = admin::write(store).await.unwrap();
        for (organization, user) in &self.invitations {
            let hash = invitation_of(organization, user).hash();
            invitations::insert(&mut write, &invitation(organization, user), &hash).await.unwrap();
        }
        for user in &self.identities {
            linked_identities::insert(&mut write, &linked_identity(user)).await.unwrap();
        }
        for lineage in &self.streams {
            let lineage = Lineage::parse(lineage.clone()).unwrap();
            audit_streams::insert(&mut write, &audit_stream(lineage.id().unwrap()), &lineage).await.unwrap();
        }
        for organization in &self.budgets {
            budgets::insert(&mut write, &budget(organization)).await.unwrap();
        }
        write.commit().await.unwrap();
    }
}

fn budget(organization: &str) -> Budget {
    Budget {
        id: BudgetId::parse(&format!("b-{organization}")).unwrap(),
        organization_id: OrganizationId::parse(organization).unwrap(),
        name: Name::parse("cloud", Name::LENGTH_MAX).unwrap(),
        amount: Budget::amount("100").unwrap(),
        currency: Currency::USD,
        thresholds: Budget::THRESHOLDS.to_vec(),
        reached: None,
        reached_earlier: None,
        create_time: START,
        update_time: START,
    }
}

fn invitation(organization: &str, user: &str) -> Invitation {
    Invitation {
        id: InvitationId::parse(&format!("i-{organization}-{user}")).unwrap(),
        organization_id: OrganizationId::parse(organization).unwrap(),
        member_id: MemberId::parse(&format!("{organization}-{user}")).unwrap(),
        invited_by: UserId::parse("olga").unwrap(),
        create_time: START,
        update_time: START,
        expires_on: START.plus_seconds(7 * 24 * 60 * 60),
        delivery: Delivery::Link,
    }
}

fn linked_identity(user: &str) -> LinkedIdentity {
    LinkedIdentity {
        id: LinkedIdentityId::parse(&format!("of-{user}")).unwrap(),
        user_id: UserId::parse(user).unwrap(),
        issuer: "https://id.example.com".to_owned(),
        subject: user.to_owned(),
        create_time: START,
        last_used_on: START,
    }
}

fn audit_stream(organization: &str) -> Stream {
    let text = DestinationText { url: "https://localhost:1/", ..DestinationText::default() };
    Stream {
        id: AuditStreamId::parse(&format!("s-{organization}")).unwrap(),
        organization_id: OrganizationId::parse(organization).unwrap(),
        name: Name::parse("siem", Name::LENGTH_MAX).unwrap(),
        destination: Destination::parse(&text).unwrap(),
        include_descendants: false,
        enabled: false,
        secret_number: 0,
        secret_time: START,
        create_time: START,
        update_time: START,
        version: 1,
    }
}

fn start() -> &'static str {
    "2026-01-02T03:04:05.123456Z"
}
