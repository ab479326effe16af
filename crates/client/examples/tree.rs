//! Makes a tree with a member, looks at it and at what happened, and removes it:
//! `UMBEL_URL=http://127.0.0.1:8787 UMBEL_TOKEN=umb_… cargo run -p umbel-client --example tree`.
#![expect(clippy::print_stdout, reason = "it shows what it does")]

use futures_util::TryStreamExt;
use umbel_client::api::{AddMember, ChangeOptions, CreateOrganization, ListOrganizations, MoveOrganization, PageSize};
use umbel_client::{Client, Error};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::new(&std::env::var("UMBEL_URL")?, &std::env::var("UMBEL_TOKEN")?)?;
    Ok(run(&client).await?)
}

pub(crate) async fn run(client: &Client) -> Result<(), Error> {
    let acme = client.create_organization(&CreateOrganization::root("Acme")).await?;
    let europe = client.create_organization(&CreateOrganization::below(&acme.id, "Acme Europe")).await?;
    let labs = client.create_organization(&CreateOrganization::below(&acme.id, "Labs")).await?;
    let new = AddMember { email: "ann@example.com".to_owned(), role: "administrator".to_owned(), status: None };
    let ann = client.add_member(&europe.id, &new).await?;

    // Who would gain what, before anything is moved.
    let to = MoveOrganization { parent_id: Some(europe.id.clone()) };
    let dry_run = client.move_organization(&labs.id, &to, &ChangeOptions { dry_run: Some(true) }).await?;
    for gain in dry_run.effect.into_iter().flat_map(|effect| effect.gains) {
        println!("would gain: {} as {}", gain.email, gain.role);
    }
    client.move_organization(&labs.id, &to, &ChangeOptions::default()).await?;

    // A list is a stream, which asks for the next page when it is needed.
    let below = ListOrganizations { parent_id: Some(europe.id.clone()), page_size: PageSize(1), ..ListOrganizations::default() };
    let names: Vec<String> = client.organizations(below).map_ok(|organization| organization.name).try_collect().await?;
    println!("below {}: {names:?}", europe.name);

    client.remove_member(&europe.id, &ann.id).await?;
    for id in [&labs.id, &europe.id, &acme.id] {
        client.delete_organization(id).await?;
    }
    Ok(())
}
