//! `umbel demo`: a small company to look at, on a database that is gone afterwards.

mod usage;

use std::error::Error;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use tokio::runtime::Handle;
use umbel_store::admin::operators::{self, Credentials};
use umbel_store::admin::portability;
use umbel_store::{Access, DatabaseUrl, Store};

use crate::serve::{serve, stop_signal};
use crate::settings::Serve;
use crate::sources::{now, sources};
use crate::{Result, settings};

/// The company.
const COMPANY: &str = include_str!("demo.ndjson");

/// The id of its root.
const ACME: &str = "0194cb09ba807a48afe88e0698c38e92";

/// Who the visitor is.
const OPERATOR: &str = "operator@acme.example";

/// Serves a small company on a fresh database that is removed at the end.
#[derive(Args)]
pub(crate) struct Demo {
    /// Address and port on which the API is served; port 0 picks a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
}

impl Demo {
    pub(crate) async fn run(self) -> Result {
        let (mut stopped, folder) = (Box::pin(stop_signal()?), tempfile::tempdir()?);
        let (runtime, path) = (Handle::current(), folder.path().join("umbel.db"));
        let mut filling = tokio::task::spawn_blocking(move || runtime.block_on(fill(path)));
        let filled = tokio::select! {
            filled = &mut filling => filled?,
            () = &mut stopped => {
                // It cannot be stopped, and makes files until it is done.
                drop(filling.await);
                return Ok(folder.close()?);
            }
        };
        let (store, operator) = filled.map_err(|error| error as Box<dyn Error>)?;
        let settings: Serve = settings::defaults()?;
        let link = crate::user::link(&store, &sources(), OPERATOR, None).await?;
        let token = operator.api_token;
        let served = serve(store, &settings, self.listen, stopped, |address| show(address, &link, token.reveal()));
        served.await?;
        Ok(folder.close()?)
    }
}

/// Makes the database, and the visitor in it.
async fn fill(path: PathBuf) -> std::result::Result<(Store, Credentials), Box<dyn Error + Send + Sync>> {
    let store = Store::open(&DatabaseUrl::Sqlite(path), Access::Exclusive).await?;
    let lines = COMPANY.to_owned() + &usage::lines(COMPANY, now().date());
    portability::import(&store, &sources(), lines.as_bytes(), &mut |_| {}).await?;
    let operator = operators::bootstrap(&store, &sources(), OPERATOR, "Olga Operator").await?;
    Ok((store, operator))
}

/// Says where the company is and what to try.
fn show(address: SocketAddr, link: &str, token: &str) -> Result {
    let url = format!("http://{address}");
    let console = if umbel_server::has_console() {
        format!("Look at it in a browser; the link signs you in once:\n\n  {url}{link}\n")
    } else {
        "This program was built without the console; with Node there, `make demo` builds it.\n".to_owned()
    };
    let text = format!(
        "Umbel serves Acme, a company of three levels, at {url}
until you press Ctrl-C. Nothing of it is kept.

{console}
In another terminal:

  export CLOUDFLARE_BASE_URL={url}/client/v4
  export CLOUDFLARE_API_TOKEN={token}

  # the organizations at the top, and those with a name
  curl -s -H \"Authorization: Bearer $CLOUDFLARE_API_TOKEN\" \"$CLOUDFLARE_BASE_URL/organizations?parent.id=null\"
  curl -s -H \"Authorization: Bearer $CLOUDFLARE_API_TOKEN\" \"$CLOUDFLARE_BASE_URL/organizations?name.contains=europe\"

  # what Acme used this month, and what that costs
  curl -s -H \"Authorization: Bearer $CLOUDFLARE_API_TOKEN\" \"$CLOUDFLARE_BASE_URL/organizations/{ACME}/billable/usage\"

  # the same from Python: pip install cloudflare
  python3 -c \"
from cloudflare import Cloudflare
client = Cloudflare()
for organization in client.organizations.list(page_size=50):
    print('  ' * len(organization.meta.hierarchy_tags), organization.name)
new = client.organizations.create(name='Acme Labs')
client.organizations.delete(new.id)
\"

"
    );
    Ok(write!(std::io::stdout(), "{text}")?)
}
