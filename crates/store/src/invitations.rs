//! Invitations: the links by which pending members of organizations answer.

use umbel_domain::secret::SecretHash;
use umbel_domain::{
    Delivery, Email, Invitation, InvitationId, Member, MemberId, OpenInvitation, OrganizationId, Timestamp, UserId,
};

use crate::credentials::to_hex;
use crate::engine::{Change, Row};
use crate::roles::role;
use crate::sql::{Sql, args, sql};
use crate::{Error, Page, Query, Result, Write};

/// The columns that [`from_row`] reads.
macro_rules! columns {
    () => {
        "i.organization_id, i.id, i.member_id, i.invited_by, i.create_time, i.update_time, i.expires_on, i.delivery"
    };
}

/// What [`open`] reads, up to the id of the organization.
macro_rules! select_open {
    () => {
        concat!(
            "SELECT ",
            columns!(),
            ", u.email, m.role, b.email FROM invitations i \
             JOIN organization_members m ON m.organization_id = i.organization_id AND m.id = i.member_id \
             JOIN users u ON u.id = m.user_id LEFT JOIN users b ON b.id = i.invited_by WHERE i.organization_id = $1"
        )
    };
}

const INSERT: Sql = sql!(
    "INSERT INTO invitations (organization_id, id, member_id, hash, invited_by, create_time, update_time, expires_on, delivery) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
);
pub(crate) const PAGE: Sql = sql!(concat!(select_open!(), " AND i.id > $2 ORDER BY i.id LIMIT $3"));
pub(crate) const GET: Sql = sql!(concat!(select_open!(), " AND i.id = $2"));
pub(crate) const COUNT: Sql =
    sql!("SELECT COUNT(*) FROM (SELECT 1 FROM invitations WHERE organization_id = $1 LIMIT $2) AS counted");
/// Only the invited user finds an invitation by its secret, so that for all others it is as good as gone.
pub(crate) const BY_HASH: Sql = sql!(concat!(
    "SELECT ",
    columns!(),
    " FROM invitations i JOIN organization_members m ON m.organization_id = i.organization_id AND m.id = i.member_id \
     WHERE i.hash = $1 AND m.user_id = $2 AND m.status = 'pending'"
));
const RENEW: Sql = sql!(
    "UPDATE invitations SET hash = $3, invited_by = $4, update_time = $5, expires_on = $6, delivery = $7 \
     WHERE organization_id = $1 AND id = $2"
);
const SET_DELIVERY: Sql = sql!("UPDATE invitations SET delivery = $2 WHERE hash = $1");
const DELETE_OF_MEMBER: Sql = sql!("DELETE FROM invitations WHERE organization_id = $1 AND member_id = $2");

/// Adds an invitation with the hash of its secret.
pub async fn insert(write: &mut Write, invitation: &Invitation, hash: &SecretHash) -> Result<()> {
    let args = args![
        invitation.organization_id.as_str(),
        invitation.id.as_str(),
        invitation.member_id.as_str(),
        to_hex(hash),
        invitation.invited_by.as_str(),
        invitation.create_time,
        invitation.update_time,
        invitation.expires_on,
        invitation.delivery.name(),
    ];
    write.execute(INSERT, args).await.map(drop)
}

/// A page of at most `size` invitations to an organization, in the order of their ids, behind the id `after`.
pub async fn page(query: &mut impl Query, id: &OrganizationId, after: &str, size: usize) -> Result<Page<OpenInvitation>> {
    Ok(Page::of(query.rows(PAGE, args![id.as_str(), after, size + 1], open).await?, size))
}

/// How many invitations to an organization there are, counted no further than `max`.
pub async fn count(query: &mut impl Query, id: &OrganizationId, max: u64) -> Result<u64> {
    Ok(query.number(COUNT, args![id.as_str(), max]).await?.cast_unsigned())
}

/// The invitation to this organization with this id.
pub async fn get(query: &mut impl Query, organization: &OrganizationId, id: &InvitationId) -> Result<Option<OpenInvitation>> {
    query.row(GET, args![organization.as_str(), id.as_str()], open).await
}

/// The invitation of this user whose secret has this hash.
pub async fn get_by_hash(query: &mut impl Query, user: &UserId, hash: &SecretHash) -> Result<Option<Invitation>> {
    query.row(BY_HASH, args![to_hex(hash), user.as_str()], from_row).await
}

/// Gives an invitation a new link, which ends the old one; [`Error::Conflict`] when it is gone.
pub async fn renew(write: &mut Write, invitation: &Invitation, hash: &SecretHash) -> Result<()> {
    let args = args![
        invitation.organization_id.as_str(),
        invitation.id.as_str(),
        to_hex(hash),
        invitation.invited_by.as_str(),
        invitation.update_time,
        invitation.expires_on,
        invitation.delivery.name(),
    ];
    write.one_row(RENEW, args).await
}

/// Notes what has become of the link with this hash, if it is still the one.
pub async fn set_delivery(write: &mut Write, hash: &SecretHash, delivery: Delivery) -> Result<()> {
    write.execute(SET_DELIVERY, args![to_hex(hash), delivery.name()]).await.map(drop)
}

/// Removes the invitation of a member, if there is one.
pub(crate) async fn delete_of_member(write: &mut Write, member: &Member) -> Result<()> {
    write.execute(DELETE_OF_MEMBER, args![member.organization_id.as_str(), member.id.as_str()]).await.map(drop)
}

fn open(row: &Row<'_>) -> Result<OpenInvitation> {
    Ok(OpenInvitation {
        invitation: from_row(row)?,
        email: Email::parse(row.text_ref(8)?)?,
        role: role(row.text_ref(9)?)?,
        inviter: row.text_or_null(10)?.map(|email| Email::parse(&email)).transpose()?,
    })
}

fn from_row(row: &Row<'_>) -> Result<Invitation> {
    let timestamp = |at| row.int(at).map(Timestamp::from_micros);
    let delivery = row.text(7)?;
    Ok(Invitation {
        organization_id: OrganizationId::parse(row.text_ref(0)?)?,
        id: InvitationId::parse(row.text_ref(1)?)?,
        member_id: MemberId::parse(row.text_ref(2)?)?,
        invited_by: UserId::parse(row.text_ref(3)?)?,
        create_time: timestamp(4)?,
        update_time: timestamp(5)?,
        expires_on: timestamp(6)?,
        delivery: Delivery::from_name(&delivery).ok_or_else(|| Error::Inconsistent(format!("{delivery:?} is not a delivery")))?,
    })
}
